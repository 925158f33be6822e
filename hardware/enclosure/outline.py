"""Outlines in the plane. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Point = tuple[float, float]
STEPS = 6  # chords of one rounded corner


def rounded(points: Sequence[Point], radius: float) -> list[Point]:
    """A closed outline with each corner rounded by a curve that begins `radius` before it.

    Where an edge is too short for that, its corners begin at a third of it.
    """
    out: list[Point] = []
    for here, corner in enumerate(points):
        before, after = points[here - 1], points[(here + 1) % len(points)]
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        out.extend(_bend(start, corner, end))
    return out


def _towards(corner: Point, other: Point, most: float) -> Point:
    length = math.dist(corner, other)
    share = min(most, length / 3) / length
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def _bend(start: Point, corner: Point, end: Point) -> Iterator[Point]:
    """A quadratic curve from start to end, drawn towards the corner."""
    for step in range(STEPS + 1):
        t = step / STEPS
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        yield (
            a * start[0] + b * corner[0] + c * end[0],
            a * start[1] + b * corner[1] + c * end[1],
        )
