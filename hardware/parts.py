"""The bill of materials as data: hardware/parts.toml, decoded and checked."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from hardware.board import Board
from hardware.errors import HardwareError

PARTS = Path(__file__).parent / "parts.toml"

#: Of how many badges there are prices.
BATCHES = (10, 100, 1_000)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that says nothing we do not know."""


class Prices(_Table, frozen=True):
    """What the prices are worth. date: year and month; assumption: "" once they were looked up."""

    currency: str
    date: str
    origin: str
    assumption: str


class Alternative(_Table, frozen=True):
    """Another part. fit: "same" footprint and circuit, "check" where the note says what differs."""

    manufacturer: str
    number: str
    fit: Literal["same", "check"]
    note: str = ""


class Part(_Table, frozen=True, kw_only=True):
    """One line. references: designators; price: of one piece, by how many badges are built.

    value: as the schematic shows it; single_source: one maker alone makes it; fitted: false for
    pads that stay empty, which cost nothing; assumption: what nobody has looked up, "" for nothing.
    """

    references: tuple[str, ...]
    manufacturer: str
    number: str
    description: str
    package: str
    single_source: bool
    price: dict[int, float]
    datasheet: str
    alternatives: tuple[Alternative, ...]
    value: str = ""
    note: str = ""
    assumption: str = ""
    fitted: bool = True

    @property
    def quantity(self) -> int:
        """Of one badge."""
        return len(self.references) if self.fitted else 0


class Work(_Table, frozen=True):
    """What is paid for and is no part: board, assembly, shell. price: a badge, by batch."""

    name: str
    price: dict[int, float]


class Bill(_Table, frozen=True):
    """Everything a badge is made of."""

    prices: Prices
    parts: tuple[Part, ...]
    works: tuple[Work, ...]

    @property
    def references(self) -> frozenset[str]:
        return frozenset(name for part in self.parts for name in part.references)

    def part(self, reference: str) -> Part:
        """The line of a designator. Raises HardwareError when there is none."""
        for part in self.parts:
            if reference in part.references:
                return part
        raise HardwareError(f"{PARTS.name}: no part {reference}: add it, or correct the name")

    def parts_cost(self, batch: int) -> float:
        """Of the parts of one badge."""
        return sum(part.price[batch] * part.quantity for part in self.parts)

    def total(self, batch: int) -> float:
        """Of one badge, with board, assembly and shell."""
        return self.parts_cost(batch) + sum(work.price[batch] for work in self.works)


def load_parts() -> Bill:
    """The bill of our own badge. Raises HardwareError when the file is none."""
    return parse_parts(PARTS.read_bytes(), PARTS.name)


def parse_parts(text: bytes, source: str) -> Bill:
    """A bill from TOML; source: what an error shall name. Raises HardwareError."""
    try:
        return msgspec.toml.decode(text, type=Bill, strict=False)  # TOML's keys are strings
    except msgspec.DecodeError as error:
        raise HardwareError(f"{source}: {error}") from None


def faults(bill: Bill, board: Board) -> list[str]:
    """What is wrong with a bill, and what the board names and the bill does not know."""
    return [*_doubled(bill), *_priced(bill), *_replaceable(bill), *_unknown(bill, board)]


def _doubled(bill: Bill) -> Iterator[str]:
    for field in ("references", "number"):
        values: Counter[str] = Counter()
        for part in bill.parts:
            values.update(part.references if field == "references" else [part.number])
        yield from (
            f"{value} is named {times} times" for value, times in values.items() if times > 1
        )
    yield from (f"{part.number} has no reference" for part in bill.parts if not part.references)


def _priced(bill: Bill) -> Iterator[str]:
    if not (bill.prices.date and bill.prices.origin):
        yield "prices need a date and where they are from"
    lines = [(part.number, part.price) for part in bill.parts]
    for name, price in lines + [(work.name, work.price) for work in bill.works]:
        if set(price) != set(BATCHES):
            yield f"{name}: prices for {sorted(price)}, wanted for {list(BATCHES)}"
        elif not price[10] >= price[100] >= price[1_000] > 0:
            yield f"{name}: a larger batch costs more"


def _replaceable(bill: Bill) -> Iterator[str]:
    for part in bill.parts:
        if part.single_source and not part.alternatives:
            yield f"{part.number}: one source, and no alternative"
        for other in part.alternatives:
            if other.fit == "check" and not other.note:
                yield f"{part.number}: what must be checked of {other.number}?"


def _unknown(bill: Bill, board: Board) -> Iterator[str]:
    named = [pin.pull_by for pin in board.pins] + [body.reference for body in board.bodies]
    named += [device.part for device in board.i2c.devices] + [rail.source for rail in board.rails]
    for reference in sorted(set(filter(None, named)) - bill.references):
        yield f"{board.name} names {reference}, which is no part"
    if bill.part("U1").number != board.module:
        yield f"U1 is {bill.part('U1').number}, and {board.name} is built on {board.module}"
