"""Points and walls: what a straight line crosses."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple


class Point(NamedTuple):
    """Metres: x east and y north of the plan's origin, z above the ground."""

    x: float
    y: float
    z: float

    def to(self, other: Point) -> float:
        """The distance in metres."""
        return hypot(other.x - self.x, other.y - self.y, other.z - self.z)

    def towards(self, other: Point, share: float) -> Point:
        """The point that share of the way to another."""
        return Point(
            self.x + share * (other.x - self.x),
            self.y + share * (other.y - self.y),
            self.z + share * (other.z - self.z),
        )


class Segment(NamedTuple):
    """A straight wall, upright from bottom to top. loss_db: what crossing it costs."""

    x1: float
    y1: float
    x2: float
    y2: float
    bottom: float
    top: float
    loss_db: float

    def crossing(self, a: Point, b: Point) -> float | None:
        """How far along the line from a to b this wall is met, 0 to 1; None when it is not.

        A line through an end of a wall meets it once, not twice where two walls join.
        """
        from_a = self._side(a.x, a.y)
        from_b = self._side(b.x, b.y)
        if (from_a >= 0.0) == (from_b >= 0.0):
            return None
        dx, dy = b.x - a.x, b.y - a.y
        first = dx * (self.y1 - a.y) - dy * (self.x1 - a.x)
        second = dx * (self.y2 - a.y) - dy * (self.x2 - a.x)
        if (first >= 0.0) == (second >= 0.0):
            return None
        share = from_a / (from_a - from_b)
        return share if self.bottom <= a.z + share * (b.z - a.z) < self.top else None

    def _side(self, x: float, y: float) -> float:
        return (self.x2 - self.x1) * (y - self.y1) - (self.y2 - self.y1) * (x - self.x1)


class Rectangle(NamedTuple):
    """West, south, east and north edge in metres."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies in it; its west and south edges belong to it."""
        return self.west <= x < self.east and self.south <= y < self.north
