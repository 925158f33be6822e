"""What must hold of the solids themselves: nothing collides, and a printer can make them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hardware.enclosure.badge import PARTS, PRINTED, laid
from hardware.enclosure.board import CELL, MOTOR
from hardware.enclosure.findings import Finding
from hardware.enclosure.rays import MISS, Rays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from hardware.enclosure.badge import Badge
    from hardware.enclosure.rays import Floats
    from hardware.enclosure.solid import Solid

PRESSED = {("front", "stopper")}  # soft lips, pressed on purpose
SPACING = 0.6  # mm, of the samples on a surface
OPPOSITE = 0.85  # cosine between the two faces of what counts as a wall
OFF = 1e-3  # mm, a ray begins beside its face
COMPASS = 16  # directions in which support is sought


class Spot(NamedTuple):
    """A number, and where on the part as it lies on the bed."""

    found: float
    x: float
    y: float
    z: float

    def __str__(self) -> str:
        return f"near {self.x:.1f}, {self.y:.1f}, {self.z:.1f}"


def inspect(badge: Badge, tell: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """All findings that need solids. tell: hears what is being looked at."""
    tell("collisions")
    yield from _pieces(badge)
    yield from _collisions(badge)
    yield from _gaps(badge)
    for name in PRINTED:
        tell(f"printing {name}")
        yield from _printing(badge, name)
    yield from _mass(badge)


def _pieces(badge: Badge) -> Iterator[Finding]:
    for name, solid in badge.parts.items():
        bodies = solid.bodies if solid.sound else 0
        yield Finding(
            f"{name}: bodies",
            bodies,
            "",
            1,
            1,
            f"{name} falls apart, or cuts itself: see its module",
        )


def _collisions(badge: Badge) -> Iterator[Finding]:
    """One line for all that do not collide, one for each pair that does."""
    solids = {**badge.parts, **badge.inside}
    clean = 0
    for one, other in combinations(solids, 2):
        if (one, other) in PRESSED:
            continue
        shared = (solids[one] & solids[other]).volume
        if shared > 1e-3:
            advice = f"{one} and {other} share this volume: move or shrink one"
            yield Finding(
                f"collision of {one} and {other}", shared, "mm3", most=1e-3, advice=advice
            )
        else:
            clean += 1
    yield Finding("pairs of parts that do not collide", clean, "pairs", least=1)


def _gaps(badge: Badge) -> Iterator[Finding]:
    solids = {**badge.parts, **badge.inside}
    play = badge.at.case.printer.play
    for one, other, least in (
        ("plunger", "front", play),
        ("clip", "front", play),
        (CELL, "board", badge.at.case.shell.behind_board),
        (CELL, "front", 0.5),
        (MOTOR, "board", 0.3),
        ("screws", CELL, 1.0),
    ):
        gap = solids[one].gap(solids[other])
        advice = f"move {one} and {other} apart"
        yield Finding(f"gap between {one} and {other}", gap, "mm", least=least, advice=advice)


def _printing(badge: Badge, name: str) -> Iterator[Finding]:
    printer = badge.at.case.printer
    rays = rays_into(laid(name, badge.parts[name]))
    points, owners = _samples(rays)
    wall = _thinnest(rays, points, owners)
    yield Finding(
        f"{name}: thinnest wall ({wall})",
        wall.found,
        "mm",
        least=printer.thinnest,
        advice=f"{name} is too thin there for a nozzle of {printer.nozzle} mm",
    )
    slot = _narrowest(rays, points, owners)
    if slot.found < 2.0:
        yield Finding(
            f"{name}: narrowest slot ({slot})",
            slot.found,
            "mm",
            least=printer.slot,
            advice=f"this slot of {name} closes while it is printed",
        )
    bridge = _longest_bridge(rays, points, owners, badge)
    yield Finding(
        f"{name}: longest free span, {PARTS[name].what} ({bridge})",
        bridge.found,
        "mm",
        most=printer.bridge,
        advice=f"{name} hangs in the air there: slope it, or shorten it",
    )


def rays_into(solid: Solid) -> Rays:
    """For questions about one body."""
    corners, triangles = solid.mesh(0.05, 0.2)
    return Rays(np.array(corners, dtype=np.float32)[np.array(triangles, dtype=np.int64)])


def _samples(rays: Rays) -> tuple[Floats, NDArray[np.int64]]:
    """Points all over the surface, about SPACING apart, and the triangle of each."""
    counts = np.maximum(1, np.ceil(rays.areas / SPACING**2)).astype(np.int64)
    owners: NDArray[np.int64] = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    # Even in a triangle: a low-discrepancy pair, folded at its diagonal.
    u = ((within + 0.5) * 0.7548776662) % 1
    v = ((within + 0.5) * 0.5698402910) % 1
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    a, b, c = (rays.triangles[owners, corner] for corner in range(3))
    points = a + (b - a) * u[:, None] + (c - a) * v[:, None]
    return points.astype(np.float32), owners


def _thinnest(rays: Rays, points: Floats, owners: NDArray[np.int64]) -> Spot:
    return _across(rays, points, owners, inwards=True)


def _narrowest(rays: Rays, points: Floats, owners: NDArray[np.int64]) -> Spot:
    return _across(rays, points, owners, inwards=False)


def _across(rays: Rays, points: Floats, owners: NDArray[np.int64], inwards: bool) -> Spot:
    """The shortest way through the material, or through the air, to a face that looks back."""
    normals = rays.normals[owners]
    towards = -normals if inwards else normals
    hits, ways = rays.first(points + towards * OFF, towards)
    facing = (rays.normals[hits] * normals).sum(-1)
    wall = (hits != MISS) & (facing < -OPPOSITE) & (ways > OFF)
    return _spot(np.where(wall, ways + OFF, np.inf), points, least=True)


def _longest_bridge(rays: Rays, points: Floats, owners: NDArray[np.int64], badge: Badge) -> Spot:
    """The widest span that nothing holds from below, ledges within the printer's reach aside.

    At each point of a face that hangs over more than the printer's angle, the material half a
    layer below is sought in all directions: the shortest way from support to support through the
    point is its span.
    """
    printer = badge.at.case.printer
    steep = -np.sin(np.radians(printer.overhang + 1))
    hanging = (rays.normals[owners][:, 2] < steep) & (points[:, 2] > 0.05)
    if not hanging.any():
        return Spot(0.0, 0.0, 0.0, 0.0)
    below = points[hanging] - np.array([0, 0, 0.1], dtype=np.float32)
    span = _span(rays, below, badge)
    # A line of filament is laid along the edge of a bridge, half of it outside.
    loose = np.flatnonzero(span > printer.bridge)
    for direction in _compass(8):
        aside = _span(rays, below[loose] + direction * printer.nozzle / 2, badge)
        span[loose] = np.minimum(span[loose], aside)
    return _spot(span, points[hanging], least=False)


def _span(rays: Rays, below: Floats, badge: Badge) -> Floats:
    """From support to support through each point; 0 where a ledge reaches so far."""
    printer = badge.at.case.printer
    ways = []
    for direction in _compass(COMPASS):
        hits, way = rays.first(below, np.broadcast_to(direction, below.shape))
        ways.append(np.where(hits == MISS, np.inf, way))
    around = np.stack(ways)
    span = (around + np.roll(around, COMPASS // 2, axis=0)).min(0)
    held = around.min(0) <= printer.ledge
    spans: Floats = np.where(held & (span > printer.bridge), 0.0, span).astype(np.float32)
    return spans


def _compass(count: int) -> list[Floats]:
    """Directions in the plane of the bed."""
    turns = np.arange(count) * 2 * np.pi / count
    return [np.array([np.cos(turn), np.sin(turn), 0], dtype=np.float32) for turn in turns]


def _spot(values: Floats, points: Floats, least: bool) -> Spot:
    index = int(values.argmin() if least else values.argmax())
    x, y, z = (float(c) for c in points[index])
    return Spot(float(values[index]), x, y, z)


def _mass(badge: Badge) -> Iterator[Finding]:
    case = badge.at.case
    weight = case.weight
    parts = {name: solid.volume / 1000 for name, solid in badge.parts.items()}
    plastic = sum(parts[name] for name in PRINTED) * case.shell.density
    soft = sum(parts[name] for name in ("membrane", "pad", "cord")) * weight.silicone
    cell = badge.at.cell
    pouch = cell.width * cell.depth * cell.height / 1000 * case.cell.density
    rest = weight.board + weight.patch + weight.motor + weight.screws
    yield Finding("mass: printed parts", plastic, "g", most=weight.most, advice="thinner walls")
    yield Finding(
        "mass: all", plastic + soft + pouch + rest, "g", most=weight.most, advice="a smaller cell"
    )
