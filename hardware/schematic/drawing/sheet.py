"""One sheet as a drawing: boxes with their rows, wires between them, and why each value is so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING

from hardware.schematic.drawing import marks
from hardware.schematic.drawing.layouts import LAYOUTS, Box, Line
from hardware.schematic.drawing.rows import PITCH, STEP, Along, Row, Tag, Tracer, Upright
from hardware.schematic.sheets import SHEETS, TITLES
from hardware.svg import Svg

if TYPE_CHECKING:
    from hardware.board import Board
    from hardware.schematic.circuit import Circuit, Part
    from hardware.schematic.drawing.marks import Point
    from hardware.schematic.drawing.rows import Thing

TOP, MARGIN, GAP = 96.0, 40.0, 60.0
LEAD = 22.0  # from a box to the first part of its row
STUB = 10.0
NOTE = 17.0  # between lines of the notes


@dataclass
class Placed:
    """A box and its rows, with the heights of the rows below the top of the box."""

    item: Box | Line
    left: list[Row]
    right: list[Row]
    width: float
    height: float
    heights: dict[int, float]


def draw(circuit: Circuit, board: Board, name: str) -> Svg:
    """The drawing of a sheet."""
    if name == "pads":
        return _pads(circuit, name)
    rails = frozenset({"GND", *(rail.name for rail in board.rails)})
    return _Drawing(circuit, name, rails).draw()


class _Drawing:
    def __init__(self, circuit: Circuit, name: str, rails: frozenset[str]) -> None:
        self._circuit, self._name, self._rails = circuit, name, rails
        self._tracer = Tracer(circuit, name, rails)
        self._columns = [[self._placed(item) for item in column] for column in LAYOUTS[name]]

    def draw(self) -> Svg:
        """Sizes first, then ink."""
        widths = [self._span(column) for column in self._columns]
        height = max(sum(p.height + GAP for p in column) for column in self._columns)
        notes = _notes(self._circuit, self._name)
        columns = 2 if sum(left + right for left, right in widths) > 900 else 1
        depth = (len(notes) + columns - 1) // columns * NOTE
        width = max(640.0, sum(left + right + GAP for left, right in widths) + 2 * MARGIN)
        svg = Svg(width, TOP + height + depth + 60, TITLES[self._name])
        _title(svg, self._name, width)
        x = MARGIN
        for column, (left, right) in zip(self._columns, widths, strict=True):
            y = TOP
            for placed in column:
                self._box(svg, placed, x + left, y)
                y += placed.height + GAP
            x += left + right + GAP
        _written(svg, notes, TOP + height + 10, width, columns)
        return svg

    def missing(self) -> set[str]:
        """Parts of the sheet that nothing draws."""
        boxes = {p.item.reference for c in self._columns for p in c if isinstance(p.item, Box)}
        here = {ref for ref, part in self._circuit.parts.items() if part.sheet == self._name}
        return here - boxes - self._tracer.drawn

    # ---- sizes --------------------------------------------------------

    def _placed(self, item: Box | Line) -> Placed:
        if isinstance(item, Line):
            row = self._tracer.free_row(item.net, item.parts)
            height = row.above + row.below + 20
            return Placed(item, [], [row], 0.0, height, {id(row): row.above + 20})
        left = self._tracer.pin_rows(item.reference, item.left)
        right = self._tracer.pin_rows(item.reference, item.right)
        heights: dict[int, float] = {}
        height = max(_stack(left, heights), _stack(right, heights), 2 * PITCH)
        words = max((len(r.pin) for r in left), default=0) + max(
            (len(r.pin) for r in right), default=0
        )
        part = self._circuit.parts[item.reference]
        width = max(70.0, 8.0 * words + 40, 7.2 * len(part.value) + 10)
        return Placed(item, left, right, width, height + 18, heights)

    def _span(self, column: list[Placed]) -> tuple[float, float]:
        """How far a column reaches left and right of the left edge of its boxes."""
        left = max((self._reach(row) for p in column for row in p.left), default=0.0)
        right = max(
            p.width + max((self._reach(row) for row in p.right), default=0.0) for p in column
        )
        return left, right

    def _reach(self, row: Row) -> float:
        reach = LEAD + 30 + self._length(row) + (STEP if row.bridged else 0)
        if row.antenna:
            return reach + 40 + 7 * len(row.antenna.value)
        if not row.end:
            return reach
        return reach + (34 if row.end in self._rails else marks.flag_width(row.end))

    def _length(self, row: Row) -> float:
        """Of the parts in a row."""
        return sum(self._step(thing) for thing in row.things)

    def _step(self, thing: Thing) -> float:
        if isinstance(thing, Upright):
            return STEP - 10
        return marks.LENGTH + STUB if isinstance(thing, Along) else 9 + 7.3 * len(thing.net)

    # ---- ink ----------------------------------------------------------

    def _box(self, svg: Svg, placed: Placed, x: float, y: float) -> None:
        if isinstance(placed.item, Line):
            row = placed.right[0]
            at = (x, y + placed.heights[id(row)])
            svg.text((x, y + 8), placed.item.title, 13, font_weight="bold")
            self._run(svg, row, at, 1)
            return
        part = self._circuit.parts[placed.item.reference]
        svg.text((x, y - 8), part.reference, 14, font_weight="bold")
        svg.text((x + 8 + 9 * len(part.reference), y - 8), part.value, 12, fill=marks.QUIET)
        svg.rectangle(
            (x, y),
            placed.width,
            placed.height,
            stroke=marks.SHAPE,
            stroke_width=1.8,
            fill="#fffdf3",
        )
        self._side(svg, placed, placed.left, (x, y), -1)
        self._side(svg, placed, placed.right, (x + placed.width, y), 1)

    def _side(self, svg: Svg, placed: Placed, rows: list[Row], at: Point, side: int) -> None:
        """The pins of one side, and what joins each with the next."""
        edge, y = at
        past = dict.fromkeys(map(id, rows), 0.0)
        for one, other in pairwise(rows):
            if one.bridge:
                away = LEAD + 10 + max(_standing(one), _standing(other))
                past[id(one)] = past[id(other)] = away
                tops = (y + placed.heights[id(one)], y + placed.heights[id(other)])
                self._bridge(svg, one.bridge, edge + side * away, tops, side)
        for row in rows:
            self._pin(svg, row, (edge, y + placed.heights[id(row)]), side, past[id(row)])

    def _bridge(
        self, svg: Svg, part: Part, x: float, between: tuple[float, float], side: int
    ) -> None:
        top, bottom = between
        slack = (bottom - top - marks.LENGTH) / 2
        foot = marks.upright(svg, part, (x, top + slack), 1, side)
        marks.wire(svg, [(x, top), (x, top + slack)])
        marks.wire(svg, [foot, (x, bottom)])

    def _pin(self, svg: Svg, row: Row, at: Point, side: int, past: float) -> None:
        x, y = at
        inside, outside = ("start", "end") if side < 0 else ("end", "start")
        svg.text((x - side * 6, y + 4), row.pin, 12, text_anchor=inside)
        numbers = row.numbers if len(row.numbers) < 8 else row.numbers.split(",")[0] + " ..."
        svg.text((x + side * 3, y - 3), numbers, 9, fill=marks.QUIET, text_anchor=outside)
        if row.net is None:
            marks.wire(svg, [at, (x + side * 24, y)])
            marks.cross(svg, (x + side * 24, y))
            return
        self._run(svg, row, at, side, past)
        if past and (row.end or any(isinstance(thing, Along) for thing in row.things)):
            marks.dot(svg, (x + side * past, y))

    def _run(self, svg: Svg, row: Row, at: Point, side: int, past: float = 0.0) -> None:
        """A row's parts, outwards from its pin. past: of its box, where a bridge joins it."""
        x, y = at
        start = x
        x = self._led(svg, at, side, LEAD + (10 if row.things else 0))
        for thing in row.things:
            if past and not isinstance(thing, Upright):
                x, past = self._led(svg, (x, y), side, past - abs(x - start) + 40), 0.0
            x = self._thing(svg, thing, (x, y), side)
        if past:
            onwards = 40 if row.end else 0
            x = self._led(svg, (x, y), side, past - abs(x - start) + onwards)
        if row.antenna:
            marks.antenna(svg, row.antenna, (x, y), side)
        elif row.end:
            marks.terminal(svg, row.end, (x, y), side, self._rails)

    def _led(self, svg: Svg, at: Point, side: int, length: float) -> float:
        """A wire outwards; where it ends."""
        x, y = at
        marks.wire(svg, [at, (x + side * max(0.0, length), y)])
        return x + side * max(0.0, length)

    def _thing(self, svg: Svg, thing: Thing, at: Point, side: int) -> float:
        """Draws it; where the row goes on."""
        x, y = at
        onwards = x + side * self._step(thing)
        if isinstance(thing, Along):
            end = marks.along(svg, thing.part, at, side)
            marks.wire(svg, [end, (onwards, y)])
        elif isinstance(thing, Tag):
            marks.tag(svg, thing.net, (x + side * (onwards - x) * side / 2, y))
            marks.wire(svg, [at, (onwards, y)])
        else:
            marks.dot(svg, at)
            foot = marks.upright(svg, thing.part, at, thing.down, side)
            marks.hanging(svg, thing.far, foot, thing.down, self._rails)
            marks.wire(svg, [at, (onwards, y)])
        return onwards


def _standing(row: Row) -> float:
    """Length of the upright parts that come first in a row."""
    length = 0.0
    for thing in row.things:
        if not isinstance(thing, Upright):
            break
        length += STEP - 10
    return length


def _stack(rows: list[Row], heights: dict[int, float]) -> float:
    """Heights of rows below the top of their box, and its own height."""
    y = 10.0
    for row in rows:
        y += row.above
        heights[id(row)] = y
        y += max(row.below, marks.LENGTH + 6 - PITCH) if row.bridge else row.below
    return y


def _title(svg: Svg, name: str, width: float) -> None:
    names = list(SHEETS)
    svg.text((MARGIN, 36), TITLES[name], 20, font_weight="bold")
    words = f"Tocsin badge, revision 1 - sheet {names.index(name) + 1} of {len(names)}: {name}"
    svg.text((MARGIN, 58), words, 12, fill=marks.QUIET)
    svg.line((MARGIN, 68), (width - MARGIN, 68), stroke="#bbb")


def _notes(circuit: Circuit, name: str) -> list[tuple[str, str]]:
    """What each part is for, in the order of the sheet; long ones on several lines."""
    lines: list[tuple[str, str]] = []
    for part in circuit.parts.values():
        if part.sheet != name or not part.why:
            continue
        beside = f" at {part.beside}" if part.beside else ""
        first, *rest = wrap(f"{part.why}{beside}", 74)
        lines.append((part.reference, first))
        lines.extend(("", line) for line in rest)
    return lines


def _written(svg: Svg, notes: list[tuple[str, str]], y: float, width: float, columns: int) -> None:
    svg.line((MARGIN, y), (width - MARGIN, y), stroke="#bbb")
    each = (len(notes) + columns - 1) // columns
    for index, (reference, words) in enumerate(notes):
        x = MARGIN + (index // each) * (width - 2 * MARGIN) / columns
        line = y + 24 + (index % each) * NOTE
        svg.text((x, line), reference, 12, font_weight="bold")
        svg.text((x + 44, line), words, 12)


def _pads(circuit: Circuit, name: str) -> Svg:
    pads = [part for part in circuit.parts.values() if part.sheet == name]
    svg = Svg(640, TOP + 34 * ((len(pads) + 1) // 2) + 40, TITLES[name])
    _title(svg, name, 640)
    for index, part in enumerate(pads):
        x = MARGIN + 40 + (index % 2) * 290
        y = TOP + 14 + (index // 2) * 34
        svg.circle((x, y), 8, stroke=marks.SHAPE, stroke_width=1.8, fill="#fffdf3")
        svg.text((x - 14, y + 4), part.reference, 12, text_anchor="end")
        marks.wire(svg, [(x + 8, y), (x + 34, y)])
        marks.flag(svg, part.value, (x + 34, y), 1)
    return svg


def undrawn(circuit: Circuit, board: Board, name: str) -> set[str]:
    """Parts of a sheet that its drawing does not show."""
    if name == "pads":
        return set()
    rails = frozenset({"GND", *(rail.name for rail in board.rails)})
    drawing = _Drawing(circuit, name, rails)
    drawing.draw()
    return drawing.missing()
