"""Which way people walk: along lines of places, the shortest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise

from simulator.world.geometry import Point


class Ways:
    """points: by place. lines: rows of places that one can walk along, each step both ways.

    Without any line everybody walks straight.
    """

    def __init__(self, points: Mapping[str, Point], lines: Iterable[Sequence[str]]) -> None:
        self._points = points
        self._next: dict[str, list[tuple[float, str]]] = {}
        for line in lines:
            for here, there in pairwise(line):
                length_m = points[here].to(points[there])
                self._next.setdefault(here, []).append((length_m, there))
                self._next.setdefault(there, []).append((length_m, here))
        self._routes: dict[tuple[str, str], tuple[Point, ...]] = {}

    def route(self, start: str, end: str) -> tuple[Point, ...]:
        """The points from one place to another, both included; straight where no line leads."""
        if (start, end) not in self._routes:
            names = self._shortest(start, end) or (start, end)
            self._routes[start, end] = tuple(self._points[name] for name in names)
        return self._routes[start, end]

    def _shortest(self, start: str, end: str) -> tuple[str, ...]:
        """Dijkstra's; of ways of one length, the first by name. Empty when there is none."""
        waiting: list[tuple[float, tuple[str, ...]]] = [(0.0, (start,))]
        done: set[str] = set()
        while waiting:
            length_m, names = heappop(waiting)
            here = names[-1]
            if here == end:
                return names
            if here in done:
                continue
            done.add(here)
            for step_m, there in self._next.get(here, ()):
                heappush(waiting, (length_m + step_m, (*names, there)))
        return ()
