"""Keyed values that vary smoothly over time or over a floor: normal anywhere, alike nearby.

Independent draws stand on a grid; between them they are joined, and scaled so that the
deviation is 1 everywhere. Such a value needs no history: it is computed where it is asked for.
"""

from __future__ import annotations

from math import sqrt

from simulator.world.draws import Draws, Part, fold, normal


class Wander:
    """Over time, or any one measure. step: between two draws; about how far values are alike."""

    __slots__ = ("_base", "_step")

    def __init__(self, draws: Draws, step: float, *key: Part) -> None:
        self._base = draws.word(*key)
        self._step = step

    def at(self, where: float) -> float:
        """The value there; mean 0, deviation 1."""
        index, share = divmod(where / self._step, 1.0)
        left = normal(fold(self._base, int(index)))
        right = normal(fold(self._base, int(index) + 1))
        rest = 1.0 - share
        return (rest * left + share * right) / sqrt(rest * rest + share * share)


class Field:
    """Over a floor plan. cell_m: between two draws each way; about how far values are alike."""

    __slots__ = ("_base", "_cell_m", "_corners")

    def __init__(self, draws: Draws, cell_m: float, *key: Part) -> None:
        self._base = draws.word(*key)
        self._cell_m = cell_m
        self._corners: dict[tuple[int, int], float] = {}

    def at(self, x: float, y: float) -> float:
        """The value at a place in metres; mean 0, deviation 1."""
        column, east = divmod(x / self._cell_m, 1.0)
        row, north = divmod(y / self._cell_m, 1.0)
        i, j = int(column), int(row)
        west, south = 1.0 - east, 1.0 - north
        total = (
            west * south * self._corner(i, j)
            + east * south * self._corner(i + 1, j)
            + west * north * self._corner(i, j + 1)
            + east * north * self._corner(i + 1, j + 1)
        )
        return total / sqrt((west * west + east * east) * (south * south + north * north))

    def _corner(self, i: int, j: int) -> float:
        found = self._corners.get((i, j))
        if found is None:
            found = self._corners[i, j] = normal(fold(fold(self._base, i), j))
        return found
