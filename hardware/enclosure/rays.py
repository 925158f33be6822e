"""Rays into triangles: the only module that knows embreex. Millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float32]
    Integers: TypeAlias = NDArray[np.int32]
    Bools: TypeAlias = NDArray[np.bool_]

MISS = -1
_CHUNK = 1_000_000  # rays at a time: bounds the memory


class Rays:
    """triangles: (n, 3, 3), corners wound outwards."""

    def __init__(self, triangles: Floats) -> None:
        self.triangles = np.ascontiguousarray(triangles, dtype=np.float32)
        self._scene = EmbreeScene()
        TriangleMesh(self._scene, self.triangles)
        edges = self.triangles[:, 1:] - self.triangles[:, :1]
        across = np.cross(edges[:, 0], edges[:, 1])
        length = np.linalg.norm(across, axis=1, keepdims=True)
        self.areas: Floats = length[:, 0] / 2
        self.normals: Floats = across / np.maximum(length, 1e-12)

    def first(self, origins: Floats, directions: Floats) -> tuple[Integers, Floats]:
        """For each ray the triangle that it meets first, MISS for none, and how far away."""
        hits, ways = [], []
        for start in range(0, max(1, len(origins)), _CHUNK):
            part = slice(start, start + _CHUNK)
            found = self._scene.run(
                np.ascontiguousarray(origins[part], dtype=np.float32),
                np.ascontiguousarray(directions[part], dtype=np.float32),
                output=True,
            )
            hits.append(found["primID"])
            ways.append(found["tfar"])
        return np.concatenate(hits), np.concatenate(ways)

    def free(self, origins: Floats, directions: Floats) -> Bools:
        """For each ray whether it meets nothing."""
        answers = [
            self._scene.run(
                np.ascontiguousarray(origins[start : start + _CHUNK], dtype=np.float32),
                np.ascontiguousarray(directions[start : start + _CHUNK], dtype=np.float32),
                query="OCCLUDED",
            )
            == MISS
            for start in range(0, max(1, len(origins)), _CHUNK)
        ]
        return np.concatenate(answers)
