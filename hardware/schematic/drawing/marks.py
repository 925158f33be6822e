"""Symbols of a schematic, drawn at a point. Pixels; `down` is +1 to hang down, -1 to stand up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.schematic.circuit import GROUND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hardware.schematic.circuit import Part
    from hardware.svg import Svg

Point = tuple[float, float]

WIRE = "#1b5e3a"
SHAPE = "#8a1c1c"
TEXT = "#222222"
QUIET = "#666666"
NET = "#1f3f8a"
BODY = 30.0  # of a two-ended part, along its line
LENGTH = 58.0  # with its leads
SMALL = 11.0


def wire(svg: Svg, points: Iterable[Point]) -> None:
    """From point to point."""
    svg.path(points, stroke=WIRE, stroke_width=1.4)


def dot(svg: Svg, at: Point) -> None:
    """Where wires join."""
    svg.circle(at, 2.8, fill=WIRE, stroke=WIRE)


def upright(svg: Svg, part: Part, at: Point, down: int, side: int = 1) -> Point:
    """A two-ended part from a point up or down, its words at that side; where its other end is."""
    x, y = at
    lead = (LENGTH - BODY) / 2
    top, bottom = sorted((y + down * lead, y + down * (lead + BODY)))
    wire(svg, [at, (x, y + down * lead)])
    wire(svg, [(x, y + down * (lead + BODY)), (x, y + down * LENGTH)])
    _body(svg, part, (x, top), (x, bottom), upright=True)
    middle = (top + bottom) / 2
    aside = 20 if part.reference.startswith("M") else 13
    anchor, words = ("start" if side > 0 else "end"), x + side * aside
    svg.text((words, middle - 2), part.reference, SMALL, fill=TEXT, text_anchor=anchor)
    svg.text((words, middle + 11), part.value, SMALL, fill=QUIET, text_anchor=anchor)
    return x, y + down * LENGTH


def along(svg: Svg, part: Part, at: Point, side: int) -> Point:
    """A two-ended part from a point to the right (+1) or left; where its other end is."""
    x, y = at
    lead = (LENGTH - BODY) / 2
    left, right = sorted((x + side * lead, x + side * (lead + BODY)))
    wire(svg, [at, (x + side * lead, y)])
    wire(svg, [(x + side * (lead + BODY), y), (x + side * LENGTH, y)])
    _body(svg, part, (left, y), (right, y), upright=False)
    middle = (left + right) / 2
    words = f"{part.reference} {part.value}"
    svg.text((middle, y - 10), words, SMALL, fill=TEXT, text_anchor="middle")
    return x + side * LENGTH, y


def _body(svg: Svg, part: Part, start: Point, end: Point, upright: bool) -> None:
    kind = part.reference.rstrip("0123456789")
    shapes = {"C": _capacitor, "L": _coil, "SW": _switch, "D": _diode, "Y": _crystal, "M": _motor}
    shapes.get(kind, _resistor)(svg, start, end, upright)
    if kind == "RT":
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        svg.line((x - 11, y + 11), (x + 11, y - 11), stroke=SHAPE, stroke_width=1.3)


def _across(at: Point, half: float, upright: bool) -> tuple[Point, Point]:
    x, y = at
    return ((x - half, y), (x + half, y)) if upright else ((x, y - half), (x, y + half))


def _resistor(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    x, y = start
    width, height = (10.0, end[1] - y) if upright else (end[0] - x, 10.0)
    corner = (x - 5, y) if upright else (x, y - 5)
    svg.rectangle(corner, width, height, stroke=SHAPE, stroke_width=1.5, fill="#fff")


def _capacitor(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    step = (0.0, 3.5) if upright else (3.5, 0.0)
    near = middle[0] - step[0], middle[1] - step[1]
    far = middle[0] + step[0], middle[1] + step[1]
    wire(svg, [start, near])
    wire(svg, [far, end])
    for place in (near, far):
        svg.line(*_across(place, 10, upright), stroke=SHAPE, stroke_width=2.2)


def _coil(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    x, y = start
    step = BODY / 3
    bows = f"a{step / 2},{step / 2} 0 0 1 " + (f"0,{step}" if upright else f"{step},0")
    svg.curve(f"M{x},{y} {bows} {bows} {bows}", stroke=SHAPE, stroke_width=1.6)


def _switch(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    for place in (start, end):
        svg.circle(place, 2.5, stroke=SHAPE, fill="#fff")
    aside = (end[0] - 11, end[1] - 3) if upright else (end[0] - 3, end[1] - 11)
    svg.line(start, aside, stroke=SHAPE, stroke_width=1.8)


def _diode(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    """The cathode is the first pin, at the start."""
    bar = _across((start[0], start[1] + 8) if upright else (start[0] + 8, start[1]), 9, upright)
    base = _across((end[0], end[1] - 6) if upright else (end[0] - 6, end[1]), 9, upright)
    tip = ((bar[0][0] + bar[1][0]) / 2, (bar[0][1] + bar[1][1]) / 2)
    foot = ((base[0][0] + base[1][0]) / 2, (base[0][1] + base[1][1]) / 2)
    wire(svg, [start, tip])
    wire(svg, [foot, end])
    svg.polygon([tip, *base], stroke=SHAPE, stroke_width=1.5, fill="#fff")
    svg.line(*bar, stroke=SHAPE, stroke_width=2.0)


def _crystal(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    _capacitor(svg, start, end, upright)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    width, height = (16.0, 5.0) if upright else (5.0, 16.0)
    corner = (x - width / 2, y - height / 2)
    svg.rectangle(corner, width, height, stroke=SHAPE, stroke_width=1.3, fill="#fff")


def _motor(svg: Svg, start: Point, end: Point, upright: bool) -> None:
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    svg.circle((x, y), BODY / 2, stroke=SHAPE, stroke_width=1.5, fill="#fff")
    svg.text((x, y + 4), "M", 12, fill=SHAPE, text_anchor="middle")


def antenna(svg: Svg, part: Part, at: Point, side: int) -> None:
    """At the end of a row."""
    x, y = at
    tip = x + side * 20
    wire(svg, [at, (tip, y), (tip, y - 34)])
    for away in (-13, 13):
        svg.line((tip, y - 18), (tip + away, y - 34), stroke=SHAPE, stroke_width=1.6)
    anchor = "start" if side > 0 else "end"
    svg.text((tip + side * 12, y - 6), part.reference, SMALL, text_anchor=anchor)
    svg.text((tip + side * 12, y + 8), part.value, SMALL, fill=QUIET, text_anchor=anchor)


def terminal(svg: Svg, net: str, at: Point, side: int, rails: frozenset[str]) -> None:
    """How a row ends: ground, a rail, or the name of a net that goes on elsewhere."""
    if net == GROUND:
        x, y = at
        wire(svg, [at, (x + side * 10, y), (x + side * 10, y + 8)])
        ground(svg, (x + side * 10, y + 8))
    elif net in rails:
        x, y = at
        wire(svg, [at, (x + side * 12, y), (x + side * 12, y - 8)])
        rail(svg, net, (x + side * 12, y - 8))
    else:
        flag(svg, net, at, side)


def hanging(svg: Svg, net: str, at: Point, down: int, rails: frozenset[str]) -> None:
    """How an upright part ends."""
    if net == GROUND:
        ground(svg, at)
    elif net in rails:
        rail(svg, net, at)
    else:
        x, y = at
        svg.circle(at, 2.2, stroke=WIRE, fill="#fff")
        svg.text((x, y + down * 13 + 3), net, SMALL, fill=NET, text_anchor="middle")


def ground(svg: Svg, at: Point) -> None:
    """Three bars below a point."""
    x, y = at
    for step, half in enumerate((9, 6, 3)):
        below = y + 4.0 * step
        svg.line((x - half, below), (x + half, below), stroke=SHAPE, stroke_width=1.5)


def rail(svg: Svg, net: str, at: Point) -> None:
    """A bar with the name of a supply above it."""
    x, y = at
    svg.line((x - 9, y), (x + 9, y), stroke=SHAPE, stroke_width=2.2)
    svg.text((x, y - 5), net, SMALL, fill=SHAPE, text_anchor="middle", font_weight="bold")


def tag(svg: Svg, net: str, at: Point) -> None:
    """A net's name on its wire."""
    dot(svg, at)
    svg.text((at[0], at[1] - 8), net, SMALL, fill=NET, text_anchor="middle")


def flag(svg: Svg, net: str, at: Point, side: int) -> None:
    """A net's name in a pointed box."""
    x, y = at
    wide = flag_width(net)
    far = x + side * wide
    outline = [(x, y), (x + side * 7, y - 9), (far, y - 9), (far, y + 9), (x + side * 7, y + 9)]
    svg.polygon(outline, stroke=NET, stroke_width=1.1, fill="#eef2fb")
    middle = (x + side * 7 + far) / 2
    svg.text((middle, y + 4), net, SMALL, fill=NET, text_anchor="middle")


def flag_width(net: str) -> float:
    """Of a flag with that name."""
    return 18 + 7.3 * len(net)


def cross(svg: Svg, at: Point) -> None:
    """A pin that stays open."""
    x, y = at
    svg.line((x - 4, y - 4), (x + 4, y + 4), stroke=NET, stroke_width=1.3)
    svg.line((x - 4, y + 4), (x + 4, y - 4), stroke=NET, stroke_width=1.3)
