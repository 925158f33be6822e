"""A picture of coloured bodies: rays from a camera, soft light from the sky, drawn edges.

Orthographic, so that a length is the same everywhere in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hardware.enclosure.rays import MISS, Rays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hardware.enclosure.rays import Bools, Floats, Integers
    from hardware.enclosure.solid import Triangles

Colour = tuple[float, float, float]
Vector = tuple[float, float, float]

FINER = 2  # samples a pixel, each way
SKY = 14  # rays to the sky from each sample
LAMP = 4  # and to the lamp, which is as wide as a window
BLUR = 7  # samples, of the shadow on the table
LIFT = 2e-3  # mm, so that a surface does not shade itself
PAPER: Colour = (1.0, 1.0, 1.0)
INK: Colour = (0.13, 0.15, 0.18)


class Thing(NamedTuple):
    """A body to be shown. flat: without light and shade, as a cut is drawn."""

    mesh: Triangles
    colour: Colour
    flat: bool = False


@dataclass(frozen=True)
class Camera:
    """Looks along `along` at `target`; `up` is up in the picture. scale: pixels a millimetre."""

    target: Vector
    along: Vector
    up: Vector
    scale: float
    width: int
    height: int

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Right, up and forward, of length 1."""
        forward = _unit(np.array(self.along, dtype=np.float32))
        right = _unit(np.cross(forward, np.array(self.up, dtype=np.float32)))
        return right, np.cross(right, forward), forward

    def pixel(self, point: Vector) -> tuple[float, float]:
        """Where a point lies in the picture, from its upper left corner."""
        right, up, _ = self.axes()
        away = np.array(point, dtype=np.float32) - np.array(self.target, dtype=np.float32)
        x = self.width / 2 + float(away @ right) * self.scale
        return x, self.height / 2 - float(away @ up) * self.scale


def render(
    things: Sequence[Thing], camera: Camera, table: float | None = None, sky: bool = True
) -> NDArray[np.uint8]:
    """The picture, (height, width, 3).

    table: z of a white plane that shadows fall on. sky: light from there, and a lamp; without it
    a lamp at the camera, which shows the inside of things as well.
    """
    triangles, owners, colours = _gathered(things, table)
    rays = Rays(triangles)
    origins, forward = _film(camera)
    hits, ways = rays.first(origins, np.broadcast_to(forward, origins.shape))
    seen = np.where(hits == MISS, len(colours) - 1, owners[hits])
    light = _lit(rays, origins, forward, hits, ways) if sky else _headlit(rays, forward, hits)
    light[np.array([*(thing.flat for thing in things), False])[seen]] = 1.0
    shape = (camera.height * FINER, camera.width * FINER)
    paper = (seen == len(colours) - 1).reshape(shape)
    light = np.where(paper, _smooth(light.reshape(shape), paper), light.reshape(shape)).ravel()
    flat = colours[seen] * light[:, None]
    flat[hits == MISS] = PAPER
    edges = _edges(rays, hits.reshape(shape), ways.reshape(shape), seen.reshape(shape), camera)
    image = flat.reshape(*shape, 3)
    image = image * (1 - edges[..., None]) + np.array(INK, dtype=np.float32) * edges[..., None]
    return _developed(image)


def _gathered(things: Sequence[Thing], table: float | None) -> tuple[Floats, Integers, Floats]:
    """All triangles, whose each is, and the colours; the table's owner is the last."""
    meshes = [_triangles(thing.mesh) for thing in things]
    if table is not None:
        meshes.append(_plane(table))
    owners = np.concatenate([np.full(len(m), i, dtype=np.int32) for i, m in enumerate(meshes)])
    colours = np.array([*(thing.colour for thing in things), PAPER], dtype=np.float32)
    return np.concatenate(meshes), owners, colours


def _triangles(mesh: Triangles) -> Floats:
    corners, triangles = mesh
    return np.array(corners, dtype=np.float32)[np.array(triangles, dtype=np.int64)]


def _plane(z: float) -> Floats:
    far = 2000.0
    a, b, c, d = (-far, -far, z), (far, -far, z), (far, far, z), (-far, far, z)
    return np.array([[a, b, c], [a, c, d]], dtype=np.float32)


def _film(camera: Camera) -> tuple[Floats, Floats]:
    right, up, forward = camera.axes()
    step = 1 / (camera.scale * FINER)
    xs = (np.arange(camera.width * FINER) - camera.width * FINER / 2 + 0.5) * step
    ys = (camera.height * FINER / 2 - np.arange(camera.height * FINER) - 0.5) * step
    plane = xs[None, :, None] * right + ys[:, None, None] * up
    start = np.array(camera.target, dtype=np.float32) - forward * 500
    return (plane + start).reshape(-1, 3).astype(np.float32), forward


def _lit(rays: Rays, origins: Floats, forward: Floats, hits: Integers, ways: Floats) -> Floats:
    """How bright each sample is: the open part of the sky, and a lamp above the left shoulder."""
    light: Floats = np.ones(len(hits), dtype=np.float32)
    there = np.flatnonzero(hits != MISS)
    normals = rays.normals[hits[there]]
    facing = np.where((normals @ forward)[:, None] > 0, -normals, normals)
    points = origins[there] + forward * ways[there, None] + facing * LIFT
    sky: Floats = np.zeros(len(there), dtype=np.float32)
    turn = _turns(len(origins))[there]
    for direction in _hemisphere(SKY):
        towards = _around(facing, direction, turn)
        sky += rays.free(points, towards) * (0.75 + 0.25 * towards[:, 2])
    lamp = _unit(np.array([-0.5, 0.3, 1.0], dtype=np.float32))
    shine: Floats = np.zeros(len(there), dtype=np.float32)
    for k in range(LAMP):
        towards = _unit(lamp + _disc(k, turn) * 0.22)
        shine += rays.free(points, towards) * np.clip((facing * towards).sum(-1), 0, None)
    light[there] = 0.66 * sky / SKY + 0.30 * shine / LAMP - 0.13 * (facing @ forward)
    brighter: Floats = np.clip(light, 0, 1) ** 0.75
    return brighter


def _headlit(rays: Rays, forward: Floats, hits: Integers) -> Floats:
    """Brighter what faces the camera."""
    facing = np.abs(rays.normals[np.maximum(hits, 0)] @ forward)
    light: Floats = (0.5 + 0.3 * facing).astype(np.float32)
    return light


def _smooth(light: Floats, where: Bools) -> Floats:
    """The mean of each sample's neighbours among those `where`: a shadow without grain."""
    total, count = np.where(where, light, 0.0), where.astype(np.float64)
    for _ in range(2):
        total, count = _blurred(total), _blurred(count)
    smooth: Floats = (total / np.maximum(count, 1e-6)).astype(np.float32)
    return smooth


def _blurred(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over squares of 2 * BLUR + 1."""
    for axis in (0, 1):
        padding = [(BLUR + 1, BLUR) if a == axis else (0, 0) for a in (0, 1)]
        sums = np.cumsum(np.pad(image, padding, mode="edge"), axis=axis)
        wide = 2 * BLUR + 1
        ahead = np.take(sums, range(wide, sums.shape[axis]), axis=axis)
        behind = np.take(sums, range(sums.shape[axis] - wide), axis=axis)
        image = (ahead - behind) / wide
    return image


def _disc(k: int, turn: Floats) -> Floats:
    """Points of a flat disc about the origin, the k-th of LAMP, turned."""
    radius, angle = float(np.sqrt((k + 0.5) / LAMP)), k * 2.399963 + turn
    flat = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    return (flat * radius).astype(np.float32)


def _turns(count: int) -> Floats:
    """An angle for each sample, another one in each of its pixel's samples."""
    golden = 2.399963
    return (np.arange(count, dtype=np.float32) * golden) % (2 * np.pi)


def _hemisphere(count: int) -> list[tuple[float, float]]:
    """Even directions about a pole, denser there as light counts: (turn, cosine)."""
    return [(i * 2.399963, float(np.sqrt(1 - (i + 0.5) / count))) for i in range(count)]


def _around(normals: Floats, direction: tuple[float, float], turn: Floats) -> Floats:
    angle, cosine = direction
    aside = np.where(np.abs(normals[:, 2:]) < 0.9, [[0, 0, 1]], [[1, 0, 0]]).astype(np.float32)
    side = _unit(np.cross(normals, aside))
    other = np.cross(normals, side)
    sine = float(np.sqrt(1 - cosine**2))
    x, y = np.cos(angle + turn)[:, None] * sine, np.sin(angle + turn)[:, None] * sine
    return (normals * cosine + side * x + other * y).astype(np.float32)


def _edges(rays: Rays, hits: Integers, ways: Floats, seen: Integers, camera: Camera) -> Floats:
    """1 where a line is drawn: another body, a fold, or a step in depth."""
    there = hits != MISS
    normals = rays.normals[hits]
    deep = np.where(hits == MISS, 1e4, ways)
    lines = np.zeros(hits.shape, dtype=np.float32)
    for axis in (0, 1):
        fold = 1 - (normals * np.roll(normals, 1, axis)).sum(-1)
        step = np.abs(deep - np.roll(deep, 1, axis)) * camera.scale * FINER
        drawn = np.where(seen != np.roll(seen, 1, axis), 0.85, 0.0)
        both = there & np.roll(there, 1, axis)
        drawn = np.maximum(drawn, np.where((fold > 0.25) & both, 0.5, 0.0))
        drawn = np.maximum(drawn, np.where(step > 60, 0.6, 0.0))
        lines = np.maximum(lines, drawn)
        lines = np.maximum(lines, np.roll(drawn, -1, axis))
    lines[[0, 1, -2, -1], :] = 0.0  # np.roll joins the borders
    lines[:, [0, 1, -2, -1]] = 0.0
    return lines


def _developed(image: Floats) -> NDArray[np.uint8]:
    height, width = image.shape[0] // FINER, image.shape[1] // FINER
    small = image.reshape(height, FINER, width, FINER, 3).mean((1, 3))
    developed: NDArray[np.uint8] = (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)
    return developed


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = (vectors / np.maximum(length, 1e-12)).astype(np.float32)
    return unit
