"""A whole run at a glance: a lane for everybody and everything, time from left to right."""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.report.charts.shapes import (
    bar,
    cross,
    diamond,
    line,
    picture,
    shortened,
    words,
)
from simulator.report.markup import Markup
from simulator.report.scale import Clock

_WIDTH, _LEFT, _RIGHT = 1080, 140, 1056
_HEAD, _FOOT, _GAP = 22, 26, 8
_ABOVE, _ON, _BELOW = 7, 15, 6


class Stretch(NamedTuple):
    """Something that lasts. place: `on` its lane, `above` it for what was done to it, or `below`
    for what was seen of it."""

    from_ms: int
    until_ms: int
    class_: str
    tip: str
    place: str = "on"


class Point(NamedTuple):
    """Something at one time. shape: `diamond` or `cross`."""

    at_ms: int
    shape: str
    class_: str
    tip: str


class Lane(NamedTuple):
    """Somebody or something. heading: of the lanes from here on; empty: as before."""

    label: str
    stretches: Sequence[Stretch] = ()
    points: Sequence[Point] = ()
    heading: str = ""


def glance(says: str, lanes: Sequence[Lane], until_ms: int, marks: Sequence[Point] = ()) -> Markup:
    """marks: lines through all lanes."""
    clock = Clock(0, until_ms, _LEFT, _RIGHT)
    tops, y = [], float(_HEAD)
    for lane in lanes:
        y += 16 if lane.heading else 0
        tops.append(y)
        y += _tall(lane) + _GAP
    content = [_grid(clock, y)]
    for lane, top in zip(lanes, tops, strict=True):
        content.append(_lane(clock, lane, top))
    content += [_mark(clock, mark, y) for mark in marks]
    return picture(_WIDTH, y + _FOOT, says, content)


def _above(lane: Lane) -> int:
    return _ABOVE + 2 if any(one.place == "above" for one in lane.stretches) else 0


def _tall(lane: Lane) -> int:
    below = any(one.place == "below" for one in lane.stretches)
    return _above(lane) + _ON + (_BELOW + 1 if below else 0)


def _grid(clock: Clock, bottom: float) -> list[Markup]:
    return [
        piece
        for x, label in clock.ticks(10)
        for piece in (
            line(x, _HEAD - 6, x, bottom, "grid"),
            words(x, bottom + 16, label, "quiet", anchor="middle"),
        )
    ]


def _lane(clock: Clock, lane: Lane, top: float) -> list[Markup]:
    base = top + _above(lane)
    pieces = [words(_LEFT - 10, base + 12, shortened(lane.label, _LEFT - 14), anchor="end")]
    if lane.heading:
        pieces.append(words(4, top - 6, lane.heading, "heading"))
    pieces.append(bar(_LEFT, base, _RIGHT - _LEFT, _ON, "lane"))
    places = {"above": (top, _ABOVE), "on": (base, _ON), "below": (base + _ON + 1, _BELOW)}
    for one in lane.stretches:
        left, right = clock.x(one.from_ms), clock.x(one.until_ms)
        y, tall = places[one.place]
        pieces.append(bar(left, y, right - left, tall, one.class_, one.tip))
    shapes = {"diamond": diamond, "cross": cross}
    pieces += [
        shapes[point.shape](clock.x(point.at_ms), base + _ON / 2, point.class_, point.tip)
        for point in lane.points
    ]
    return pieces


def _mark(clock: Clock, mark: Point, bottom: float) -> list[Markup]:
    x = clock.x(mark.at_ms)
    return [line(x, _HEAD - 6, x, bottom, mark.class_), diamond(x, 10, mark.class_, mark.tip)]
