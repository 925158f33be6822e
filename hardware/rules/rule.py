"""What a rule is: a sentence, its source, and a function that finds what breaks it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hardware.board import Board
from hardware.rules.chips import Chip

Finder = Callable[[Board, Chip], Iterator[str]]


class Rule(NamedTuple):
    """name: one word; says: what must hold; source: datasheet and section; find: what breaks it."""

    name: str
    says: str
    source: str
    find: Finder


class Violation(NamedTuple):
    """Something on a board that breaks a rule."""

    board: str
    rule: Rule
    what: str

    def __str__(self) -> str:
        return f"{self.board}: {self.rule.name}: {self.what} ({self.rule.source})"
