"""A plan as a small picture: SVG text that a report can embed.

Floors stand side by side or below each other, the ground floor first; north is up. What is
drawn over them is given: where the air carries, and where people went.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby, pairwise
from math import ceil
from typing import Final, NamedTuple

from simulator.world.geometry import Point, Rectangle
from simulator.world.legend import legend
from simulator.world.palette import (
    AIR,
    GROUND,
    HUB,
    INK,
    QUIET,
    TRACKS,
    WALLS,
    Words,
    circle,
    cross,
    hub,
    label,
    line,
    rectangle,
    shade,
)
from simulator.world.plan import Plan, Room

Coverage = Callable[[Point], float]
"""The share of packets that get through from a point, 0 to 1: Radio.coverage."""

WIDTH_PX: Final = 1040
MARGIN_PX: Final = 24
_GAP_PX: Final = 40
_HEAD_PX: Final = 66
_FOOT_PX: Final = 96
_TALLEST_PX: Final = {1: 600, 2: 400}  # of a floor, by rows of floors; then 280
_CELLS: Final = 96  # of the coverage, along the longer side
_PAD_M: Final = 1.5


class Frame(NamedTuple):
    """One floor on the sheet. left, top: of its area in px; scale: px for each metre."""

    floor: int
    area: Rectangle
    left: float
    top: float
    scale: float

    def xy(self, x: float, y: float) -> tuple[float, float]:
        """Where on the sheet."""
        return (
            self.left + (x - self.area.west) * self.scale,
            self.top + (self.area.north - y) * self.scale,
        )

    @property
    def bottom(self) -> float:
        return self.top + (self.area.north - self.area.south) * self.scale


def draw(
    plan: Plan,
    *,
    coverage: Coverage | None = None,
    tracks: Mapping[str, Sequence[Point]] | None = None,
    marks: Mapping[str, Point] | None = None,
    width_px: int = WIDTH_PX,
) -> str:
    """The plan as one SVG element.

    coverage: shades the floors. tracks: lines by a person's name, such as Walk.points().
    marks: crosses with a word, such as where a button was pressed.
    """
    frames = _frames(plan, width_px)
    tracks = tracks or {}
    height_px = frames[-1].bottom + _FOOT_PX
    parts = [*_sheet(plan, width_px, height_px)]
    for frame in frames:
        parts += _ground(plan, frame, coverage)
        parts += _build(plan, frame, len(frames) > 1)
        parts += _people(plan, frame, tracks, marks or {})
    top_px = frames[-1].bottom + 28
    parts += legend(plan, list(tracks), coverage is not None, frames[0].scale, MARGIN_PX, top_px)
    return "\n".join([*filter(None, parts), "</svg>"]) + "\n"


def _frames(plan: Plan, width_px: int) -> list[Frame]:
    west, south, east, north = plan.area
    area = Rectangle(west - _PAD_M, south - _PAD_M, east + _PAD_M, north + _PAD_M)
    number = len(plan.floors)
    columns = max(range(1, number + 1), key=lambda n: _scale(area, number, n, width_px))
    scale = _scale(area, number, columns, width_px)
    step_x = (area.east - area.west) * scale + _GAP_PX
    step_y = (area.north - area.south) * scale + _GAP_PX
    return [
        Frame(
            floor,
            area,
            MARGIN_PX + step_x * (floor % columns),
            _HEAD_PX + step_y * (floor // columns),
            scale,
        )
        for floor in plan.floors
    ]


def _scale(area: Rectangle, floors: int, columns: int, width_px: int) -> float:
    rows = ceil(floors / columns)
    wide = (width_px - 2 * MARGIN_PX - (columns - 1) * _GAP_PX) / columns
    tall = _TALLEST_PX.get(rows, 280)
    return min(wide / (area.east - area.west), tall / (area.north - area.south))


def _sheet(plan: Plan, width_px: int, height_px: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px} {height_px:.0f}"'
        f' width="{width_px}" height="{height_px:.0f}" role="img"'
        f' aria-label="{escape(plan.name, quote=True)}"'
        ' font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">'
    )
    yield f"<title>{escape(plan.name)}</title>"
    yield rectangle(0, 0, width_px, height_px, "#ffffff", rounded=8)
    yield label(MARGIN_PX, 30, plan.name, size=18, weight=600)
    yield label(MARGIN_PX, 49, plan.about, size=12, colour=QUIET)


def _ground(plan: Plan, frame: Frame, coverage: Coverage | None) -> Iterator[str]:
    """What lies under everything else: rooms and streets, and how well they are covered."""
    for room in plan.rooms:
        if room.floor == frame.floor:
            x, y = frame.xy(room.area.west, room.area.north)
            width, height = _size(room, frame)
            yield rectangle(x, y, width, height, GROUND[room.sky])
    if coverage is not None:
        yield from _shaded(plan, frame, coverage)


def _size(room: Room, frame: Frame) -> tuple[float, float]:
    west, south, east, north = room.area
    return (east - west) * frame.scale, (north - south) * frame.scale


def _shaded(plan: Plan, frame: Frame, coverage: Coverage) -> Iterator[str]:
    """Cells of one shade in a row are one rectangle."""
    west, south, east, north = frame.area
    cell_m = max(east - west, north - south) / _CELLS
    rows, columns = ceil((north - south) / cell_m), ceil((east - west) / cell_m)
    for row in range(rows):
        top_m = north - row * cell_m
        height_m = min(cell_m, top_m - south)
        middles = (
            plan.point(west + (n + 0.5) * cell_m, top_m - height_m / 2, frame.floor)
            for n in range(columns)
        )
        # Above the ground people are in rooms only.
        shades = [
            shade(coverage(point)) if frame.floor == 0 or plan.room(point) else ""
            for point in middles
        ]
        for colour, cells in groupby(range(columns), shades.__getitem__):
            here = list(cells)
            left_m = west + here[0] * cell_m
            width_m = min(len(here) * cell_m, east - left_m)
            if colour:
                x, y = frame.xy(left_m, top_m)
                # A little too tall, so that no seam shows between the rows.
                size = width_m * frame.scale, height_m * frame.scale + 0.5
                yield rectangle(x, y, *size, colour)


def _build(plan: Plan, frame: Frame, several: bool) -> Iterator[str]:
    """Walls, radios and places of one floor. Names in the order of their weight."""
    for wall in plan.walls:
        if wall.floor <= frame.floor <= (wall.floor if wall.top is None else wall.top):
            colour, width = WALLS[wall.material]
            for points in wall.lines:
                yield line([frame.xy(x, y) for x, y in points], colour, width)
    words = Words()
    places = [each for each in plan.places.values() if each.floor == frame.floor and not each.bend]
    for place in places:
        words.keep(*frame.xy(place.x, place.y), 3)
        yield circle(*frame.xy(place.x, place.y), 2.6, INK if place.covered else "#ffffff", INK)
    yield from _radios(plan, frame, words)
    named = set()
    for room in plan.rooms:
        if room.floor == frame.floor and len(room.name) * 5.6 < _size(room, frame)[0] - 5:
            x, y = frame.xy(room.area.west, room.area.north)
            text = words.at(x + 4, y + 12, room.name, size=10, colour=QUIET)
            named.update([room.name.casefold()] if text else [])
            yield text
    for place in places:
        if place.name.casefold() not in named:
            yield words.beside(*frame.xy(place.x, place.y), place.name, size=10)
    if several:
        title = "Ground floor" if frame.floor == 0 else f"Floor {frame.floor}"
        yield label(frame.left, frame.bottom + 14, title, size=12, weight=600)


def _radios(plan: Plan, frame: Frame, words: Words) -> Iterator[str]:
    for name, site in plan.hubs.items():
        if plan.floor(site.point) == frame.floor:
            x, y = frame.xy(site.point.x, site.point.y)
            yield hub(x, y)
            words.keep(x, y - 4, 8)
            at = x - len(name) * 3.1, y - 14
            said = words.at(*at, name, size=11, colour=HUB, weight=600)
            yield said or label(*at, name, size=11, colour=HUB, weight=600)
    for group in plan.strangers:
        if group.floor == frame.floor:
            x, y = frame.xy(group.x, group.y)
            words.keep(x, y, 9)
            yield circle(x, y, 9, "none", AIR, dashed=True)
            yield label(x, y + 3, str(group.count), size=8, colour=AIR, middle=True)
    for access in plan.wifi:
        if access.floor == frame.floor:
            x, y = frame.xy(access.x, access.y)
            yield words.at(x - 14, y + 3, f"Wi-Fi {access.channel}", size=9, colour=AIR)


def _people(
    plan: Plan, frame: Frame, tracks: Mapping[str, Sequence[Point]], marks: Mapping[str, Point]
) -> Iterator[str]:
    for number, points in enumerate(tracks.values()):
        colour = TRACKS[number % len(TRACKS)]
        for piece in _pieces(plan, frame.floor, points):
            yield line([frame.xy(p.x, p.y) for p in piece], colour, 2.0, dashes="5 3")
        if points and plan.floor(points[-1]) == frame.floor:
            yield circle(*frame.xy(points[-1].x, points[-1].y), 4.2, colour, "#ffffff")
    for word, point in marks.items():
        if plan.floor(point) == frame.floor:
            x, y = frame.xy(point.x, point.y)
            yield cross(x, y, INK)
            yield label(x + 9, y + 4, word, size=11, weight=600)


def _pieces(plan: Plan, floor: int, points: Iterable[Point]) -> Iterator[list[Point]]:
    """The stretches of a way on one floor; on stairs it is on both."""
    piece: list[Point] = []
    for here, there in pairwise(points):
        if floor in (plan.floor(here), plan.floor(there)):
            piece = piece or [here]
            piece.append(there)
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece
