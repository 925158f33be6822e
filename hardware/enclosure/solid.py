"""Solid bodies: the only module that knows build123d.

Millimetres and degrees; x to the right, y up, z out of the badge's front. A Solid never changes:
every operation gives a new one. Volumes in mm³.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import build123d as cad

from hardware.enclosure.outline import Point, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import Any

Triangles = tuple[list[tuple[float, float, float]], list[tuple[int, int, int]]]

ABOUT = {"x": cad.Axis.X, "y": cad.Axis.Y, "z": cad.Axis.Z}


class Solid:
    """One or several bodies of one part."""

    def __init__(self, shape: Any) -> None:
        self._shape = shape

    def __add__(self, other: Solid) -> Solid:
        return Solid(self._shape + other._shape)

    def __sub__(self, other: Solid) -> Solid:
        return Solid(self._shape - other._shape)

    def __and__(self, other: Solid) -> Solid:
        return Solid(self._shape & other._shape)

    @property
    def volume(self) -> float:
        """Cubic millimetres; 0 of a body that is nothing."""
        return float(self._shape.volume or 0.0)

    @property
    def bodies(self) -> int:
        """How many pieces it falls into."""
        return len(self._shape.solids())

    @property
    def sound(self) -> bool:
        """Whether it is closed and does not cut itself."""
        return bool(self._shape.is_valid)

    @property
    def box(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Its lowest and highest x, y and z."""
        box = self._shape.bounding_box()
        return (box.min.X, box.min.Y, box.min.Z), (box.max.X, box.max.Y, box.max.Z)

    def at(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Solid:
        """Moved by so much."""
        return Solid(cad.Pos(x, y, z) * self._shape)

    def turned(self, axis: str, degrees: float) -> Solid:
        """Turned about "x", "y" or "z" through the origin."""
        return Solid(self._shape.rotate(ABOUT[axis], degrees))

    def bevelled(self, z: float, width: float) -> Solid:
        """Its edges that lie wholly in the plane z are cut off at 45 degrees."""
        edges = [edge for edge in self._shape.edges() if _lies_at(edge, z)]
        return Solid(cad.chamfer(edges, width))

    def gap(self, other: Solid) -> float:
        """The shortest way to the other body; 0 where they touch or cut each other."""
        return float(self._shape.distance_to(other._shape))

    def mesh(self, deviation: float = 0.02, angle: float = 0.06) -> Triangles:
        """Corners, and triangles as numbers of three corners, wound outwards.

        deviation: how far a chord may be from its arc; angle: between neighbours, radians.
        """
        corners, triangles = self._shape.tessellate(deviation, angle)
        return [(c.X, c.Y, c.Z) for c in corners], [(a, b, c) for a, b, c in triangles]

    def write_step(self, path: Path) -> None:
        cad.export_step(self._shape, str(path))

    def write_stl(self, path: Path) -> None:
        cad.export_stl(self._shape, str(path), tolerance=0.02, angular_tolerance=0.1)


def slab(
    width: float, height: float, corner: float, low: float, high: float, taper: float = 0.0
) -> Solid:
    """A plate with round corners, from z = low to z = high, about the z axis.

    taper: degrees by which its sides lean in from the first z to the second; low above high
    draws it downwards.
    """
    outline = (
        cad.RectangleRounded(width, height, corner) if corner else cad.Rectangle(width, height)
    )
    return _drawn(outline, low, high, taper)


def pebble(
    width: float, height: float, corner: float, low: float, high: float, lean: float, bevel: float
) -> Solid:
    """A slab whose sides lean in by `lean` degrees, and by 45 in the last `bevel` before high."""
    upwards = high > low
    bend = high - bevel if upwards else high + bevel
    side = slab(width, height, corner, low, bend, lean)
    inset = 2 * abs(bend - low) * math.tan(math.radians(lean))
    return side + slab(width - inset, height - inset, corner - inset / 2, bend, high, 45.0)


def block(low: tuple[float, float, float], high: tuple[float, float, float]) -> Solid:
    """A cuboid from corner to corner."""
    size = [b - a for a, b in zip(low, high, strict=True)]
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    return Solid(cad.Pos(*middle) * cad.Box(*size))


def disc(diameter: float, low: float, high: float, top: float | None = None) -> Solid:
    """A cylinder about the z axis; top: its diameter at the upper end, where it is a cone."""
    middle = cad.Pos(0, 0, (low + high) / 2)
    if top is None or top == diameter:
        return Solid(middle * cad.Cylinder(diameter / 2, high - low))
    return Solid(middle * cad.Cone(diameter / 2, top / 2, high - low))


def tube(outside: float, inside: float, low: float, high: float) -> Solid:
    """A ring about the z axis."""
    return disc(outside, low, high) - disc(inside, low - 1, high + 1)


def profile(points: Sequence[Point], width: float, rounding: float = 0.0) -> Solid:
    """A closed outline in (y, z), drawn out along x to both sides of x = 0.

    rounding: where its corners begin to bend, before and after each.
    """
    outline = rounded(points, rounding) if rounding else points
    face = cad.make_face(cad.Polyline(*[(0, y, z) for y, z in outline], close=True))
    return Solid(cad.extrude(face, amount=width / 2, both=True, dir=(1, 0, 0)))


def turning(points: Sequence[Point]) -> Solid:
    """A closed outline in (radius, z), turned once about the z axis."""
    face = cad.make_face(cad.Polyline(*[(r, 0, z) for r, z in points], close=True))
    return Solid(cad.revolve(face, axis=cad.Axis.Z))


def joined(solids: Iterable[Solid]) -> Solid:
    """All of them as one."""
    first, *rest = solids
    for solid in rest:
        first = first + solid
    return first


def _drawn(outline: Any, low: float, high: float, taper: float) -> Solid:
    plane = cad.Plane.XY.offset(low)
    return Solid(cad.extrude(plane * outline, amount=high - low, taper=taper))


def _lies_at(edge: Any, z: float) -> bool:
    box = edge.bounding_box()
    return bool(abs(box.min.Z - z) < 1e-4 and abs(box.max.Z - z) < 1e-4)
