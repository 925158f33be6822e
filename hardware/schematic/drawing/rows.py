"""What is drawn at each pin: the parts on its net, in a row, and how the row ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from hardware.schematic.circuit import GROUND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hardware.schematic.circuit import Circuit, Part

STEP = 72.0  # from one upright part to the next
UP, DOWN = 84.0, 92.0  # what an upright part needs above or below its row
PITCH = 13.0  # half of the least distance of rows


class Upright(NamedTuple):
    """A part that stands on the row or hangs from it; down: +1 or -1."""

    part: Part
    far: str
    down: int


class Along(NamedTuple):
    """A part in the row."""

    part: Part


class Tag(NamedTuple):
    """The name of the net here, which goes on elsewhere too."""

    net: str


Thing = Upright | Along | Tag


@dataclass
class Row:
    """pin and numbers: as the box shows them; net: at the box; end: of the last wire, or "".

    antenna: a part with one pin that the row ends in. bridge: a part that joins it with the next
    row; bridged: whether one joins it with the next or the one before.
    """

    pin: str
    numbers: str
    net: str | None
    things: list[Thing] = field(default_factory=list)
    end: str = ""
    antenna: Part | None = None
    bridge: Part | None = None
    bridged: bool = False

    @property
    def above(self) -> float:
        ups = any(isinstance(thing, Upright) and thing.down < 0 for thing in self.things)
        return UP if ups else PITCH + (12 if self._named_along else 0)

    @property
    def below(self) -> float:
        downs = any(isinstance(thing, Upright) and thing.down > 0 for thing in self.things)
        return DOWN if downs else PITCH + (8 if self.end == GROUND else 0)

    @property
    def _named_along(self) -> bool:
        return any(isinstance(thing, Along | Tag) for thing in self.things)


class Tracer:
    """Follows nets on one sheet; each part is drawn once."""

    def __init__(self, circuit: Circuit, sheet: str, rails: frozenset[str]) -> None:
        self._circuit, self._sheet, self._rails = circuit, sheet, rails
        self.drawn: set[str] = set()

    def pin_row(self, reference: str, name: str) -> Row:
        """The row of the pins of that name."""
        part = self._circuit.parts[reference]
        numbers = _numbers([pin.number for pin in part.pins(name)])
        net = self._circuit.net_of(reference, name)
        row = Row(name, numbers, net)
        if net is not None:
            self._fill(row, net, f"{reference}.{name}", (reference, name))
        return row

    def free_row(self, net: str, references: tuple[str, ...] = ()) -> Row:
        """A row at no box. references: parts to be drawn although the net is a rail."""
        row = Row("", "", net)
        for reference in references:
            part, far = next(
                pair for pair in self._circuit.two_ended(net) if pair[0].reference == reference
            )
            row.things.append(self._stood(part, far))
        if net in self._rails:
            row.end = net
        else:
            self._fill(row, net, "", ("", ""))
        return row

    def pin_rows(self, reference: str, names: tuple[str, ...]) -> list[Row]:
        """The rows of one side of a box, with what joins each with the next."""
        bridges = [self._bridge(reference, one, other) for one, other in pairwise(names)]
        rows = [self.pin_row(reference, name) for name in names]
        for row, after, bridge in zip(rows, rows[1:], bridges, strict=False):
            row.bridge = bridge
            if bridge:
                row.bridged = after.bridged = True
        return rows

    def _bridge(self, reference: str, one: str, other: str) -> Part | None:
        near, far = (self._circuit.net_of(reference, name) for name in (one, other))
        for part, end in self._here(near or ""):
            if end == far and near != far and near not in self._rails and far not in self._rails:
                self.drawn.add(part.reference)
                return part
        return None

    def _fill(self, row: Row, net: str, place: str, origin: tuple[str, str]) -> None:
        if net in self._rails:
            for part, far in self._here(net):
                if place and part.beside == place:
                    row.things.append(self._stood(part, far))
            row.end = net
            return
        waiting = list(self._here(net))
        for part, far in waiting:
            if part.reference.startswith("C") and part.reference not in self.drawn:
                row.things.append(self._stood(part, far))
        self._finish(row, net, origin)

    def _finish(self, row: Row, net: str, origin: tuple[str, str]) -> None:
        """Resistors: to a rail upright while the net goes on, else in the row."""
        left = list(self._here(net))
        onwards = [
            pair for pair in left if pair[1] not in self._rails and pair[0].reference[0] in "RL"
        ]
        others = self._others(net, origin)
        alone = len(left) == 1 and not others
        for part, far in left:
            if (part, far) in onwards or alone:
                continue
            row.things.append(self._stood(part, far))
        follow = left[0] if alone else (onwards[0] if len(onwards) == 1 else None)
        if follow is None:
            self._end(row, net, others)
            return
        if others:
            row.things.append(Tag(net))
        part, far = follow
        self.drawn.add(part.reference)
        row.things.append(Along(part))
        self._fill(row, far, "", (part.reference, ""))

    def _end(self, row: Row, net: str, others: list[str]) -> None:
        lone = [ref for ref in others if len(self._circuit.parts[ref].symbol.pins) == 1]
        if len(others) == 1 and lone and lone[0].startswith("ANT"):
            row.antenna = self._circuit.parts[lone[0]]
            self.drawn.add(lone[0])
        elif others:
            row.end = net

    def _others(self, net: str, origin: tuple[str, str]) -> list[str]:
        """Parts on the net that this row does not show: boxes, and what is on other sheets."""
        return [
            end.reference
            for end in self._circuit.on(net)
            if (end.reference, end.pin.name) != origin
            and end.reference != (origin[0] if not origin[1] else None)
            and not self._shown(end.reference)
        ]

    def _shown(self, reference: str) -> bool:
        part = self._circuit.parts[reference]
        return part.sheet == self._sheet and _small(part)

    def _here(self, net: str) -> Iterator[tuple[Part, str]]:
        for part, far in self._circuit.two_ended(net):
            if part.sheet == self._sheet and part.reference not in self.drawn and _small(part):
                yield part, far

    def _stood(self, part: Part, far: str) -> Upright:
        self.drawn.add(part.reference)
        return Upright(part, far, -1 if far in self._rails and far != GROUND else 1)


def _small(part: Part) -> bool:
    """Drawn as a symbol, not as a box."""
    return part.reference.rstrip("0123456789") in ("R", "C", "L", "RT", "SW", "Y", "M", "D")


def _numbers(numbers: list[str]) -> str:
    """ "1, 2, 42-43, 46-65"."""
    spans: list[list[str]] = []
    for number in numbers:
        if spans and _next(spans[-1][-1]) == number:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(span[0] if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans)


def _next(number: str) -> str:
    """The number after it; "" after one like A4."""
    return str(int(number) + 1) if number.isdigit() else ""
