"""Where a person is at any time: the places of a day, and the ways between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from simulator.errors import SimulatorError
from simulator.world.draws import Draws
from simulator.world.geometry import Point
from simulator.world.plan import Plan
from simulator.world.propagation import bearing

WALKING_MPS = 1.35
"""Comfortable speed on the level: Bohannon and Andrews, Normal walking speed: a descriptive
meta-analysis, Physiotherapy 97 (2011), has 1.3 to 1.43 m/s for people of working age."""

STAIRS_SHARE = 0.4
"""Of that speed, along the slope of stairs (assumed)."""

FACING_MS = 20_000
"""How long somebody who stays looks the same way (assumed)."""


class Leg(NamedTuple):
    """A straight piece of way, walked evenly; times in ms."""

    from_ms: float
    until_ms: float
    start: Point
    end: Point

    def at(self, at_ms: float) -> Point:
        """The point on it at that time."""
        return self.start.towards(self.end, (at_ms - self.from_ms) / (self.until_ms - self.from_ms))


class Walk:
    """One person's day on a plan.

    stops: when the person leaves for a place, and which; the first one is where the day
    begins, and its time does not matter. draws, name: which way the person looks while
    standing. Raises SimulatorError for an unknown place, and when a person would have to
    leave before having arrived.
    """

    def __init__(
        self,
        plan: Plan,
        stops: Sequence[tuple[int, str]],
        draws: Draws,
        name: str,
        *,
        speed_mps: float = WALKING_MPS,
    ) -> None:
        self._facing = draws.under("facing", name)
        self._home = plan.at(stops[0][1])
        self.legs: list[Leg] = []
        for (_, here), (depart_ms, there) in pairwise(stops):
            self._refuse_haste(plan, name, depart_ms, there)
            self._add(plan, depart_ms, plan.route(here, there), speed_mps)
        self._starts = [leg.from_ms for leg in self.legs]

    def position(self, at_ms: float) -> Point:
        """Where the person is, at the badge's height."""
        leg = self._leg(at_ms)
        if leg is None:
            return self._home
        return leg.end if at_ms >= leg.until_ms else leg.at(at_ms)

    def moving(self, at_ms: float) -> bool:
        """Whether the person walks."""
        leg = self._leg(at_ms)
        return leg is not None and at_ms < leg.until_ms

    def heading(self, at_ms: float) -> float:
        """Where the person looks, in degrees clockwise from north."""
        leg = self._leg(at_ms)
        if leg is None or at_ms >= leg.until_ms or leg.start[:2] == leg.end[:2]:
            return self._facing.between(0.0, 360.0, int(at_ms // FACING_MS))
        return bearing(leg.end.x - leg.start.x, leg.end.y - leg.start.y)

    def speed(self, at_ms: float) -> float:
        """Metres a second over the ground."""
        leg = self._leg(at_ms)
        if leg is None or at_ms >= leg.until_ms:
            return 0.0
        flat = leg.end._replace(z=leg.start.z)
        return leg.start.to(flat) * 1000.0 / (leg.until_ms - leg.from_ms)

    def points(self, from_ms: float, until_ms: float) -> list[Point]:
        """The line walked meanwhile: where it began, each corner, where it ended."""
        corners = [leg.end for leg in self.legs if from_ms < leg.until_ms < until_ms]
        line = [self.position(from_ms), *corners, self.position(until_ms)]
        return [here for here, _ in groupby(line)]

    def next_change_ms(self, at_ms: float) -> float:
        """When the person next sets off, turns a corner or arrives; infinity when never."""
        leg = self._leg(at_ms)
        if leg is not None and at_ms < leg.until_ms:
            return leg.until_ms
        following = bisect_right(self._starts, at_ms)
        return self._starts[following] if following < len(self._starts) else float("inf")

    def _leg(self, at_ms: float) -> Leg | None:
        """The one that began last."""
        begun = bisect_right(self._starts, at_ms)
        return self.legs[begun - 1] if begun else None

    def _refuse_haste(self, plan: Plan, name: str, depart_ms: int, there: str) -> None:
        if self.legs and depart_ms < self.legs[-1].until_ms:
            raise SimulatorError(
                f"{plan.name}: {name} cannot leave for {there!r} at {depart_ms} ms, being on the"
                f" way until {self.legs[-1].until_ms:.0f} ms; leave later or walk faster"
            )

    def _add(
        self, plan: Plan, depart_ms: float, route: tuple[Point, ...], speed_mps: float
    ) -> None:
        for start, end in pairwise(route):
            share = 1.0 if start.z == end.z else STAIRS_SHARE
            until_ms = depart_ms + start.to(end) * 1000.0 / (speed_mps * share)
            if until_ms > depart_ms:
                self.legs.append(Leg(depart_ms, until_ms, start, end))
            depart_ms = until_ms
