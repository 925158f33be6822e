"""What an electrical rule is: a sentence, its source, and a function that finds what breaks it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hardware.board import Board
from hardware.parts import Bill
from hardware.schematic.circuit import Circuit


class Design(NamedTuple):
    """What a rule judges: the circuit, and the two sources of truth that it must agree with."""

    circuit: Circuit
    board: Board
    bill: Bill


class Rule(NamedTuple):
    """name: a few words; says: what must hold; source: who says so; find: what breaks it."""

    name: str
    says: str
    source: str
    find: Callable[[Design], Iterator[str]]


class Violation(NamedTuple):
    """Something in the circuit that breaks a rule."""

    rule: Rule
    what: str

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.what} ({self.rule.source})"
