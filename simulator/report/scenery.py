"""Where a run took place: the plan that its log names, and where people were on it."""

from collections.abc import Mapping
from math import hypot
from typing import NamedTuple

from simulator.errors import SimulatorError
from simulator.plans import load, names
from simulator.report.figures import Figures
from simulator.report.tracks import Stop, where
from simulator.scenario.story import Story
from simulator.world.drawing import Coverage
from simulator.world.draws import Draws
from simulator.world.geometry import Point
from simulator.world.plan import Plan
from simulator.world.radio import Radio

_NEAR_M = 12.0


class Scenery(NamedTuple):
    """plan: None where nobody knows it. starts: where people were before they first moved."""

    plan: Plan | None = None
    starts: Mapping[str, Stop] = {}

    def stop(self, figures: Figures, wearer: str, at_ms: int) -> Stop | None:
        """Where somebody was; None where nothing tells."""
        track = figures.tracks.get(wearer, ())
        start = self.starts.get(wearer)
        return where((start, *track) if start else track, at_ms)

    def place(self, figures: Figures, wearer: str, at_ms: int) -> str:
        """The same in words: a room, or what is near; empty where nothing tells."""
        stop = self.stop(figures, wearer, at_ms)
        if stop is None or self.plan is None:
            return ""
        room = self.plan.room(self.point(stop))
        if room is not None:
            return room.name
        near = [
            (hypot(place.x - stop.x, place.y - stop.y), place.name)
            for place in self.plan.places.values()
            if place.floor == stop.floor and not place.bend
        ]
        distance_m, name = min(near, default=(_NEAR_M, ""))
        return f"near {name}" if distance_m < _NEAR_M else f"{stop.x:.0f} m, {stop.y:.0f} m"

    def point(self, stop: Stop) -> Point:
        """Of the plan's own kind."""
        assert self.plan is not None
        return self.plan.point(stop.x, stop.y, stop.floor)


def scenery(figures: Figures, plan: Plan | None = None, story: Story | None = None) -> Scenery:
    """Of a run. plan: where it is known better than by its title; story: which was played."""
    plan = plan or titled(figures.about.plan)
    return Scenery(plan, {} if plan is None or story is None else starts(plan, story))


def starts(plan: Plan, story: Story) -> dict[str, Stop]:
    """Where a story's people are before they first move."""
    places = {wearer.name: plan.places.get(wearer.at) for wearer in story.wearers}
    return {
        name: Stop(0, place.x, place.y, place.floor)
        for name, place in places.items()
        if place is not None
    }


def coverage(plan: Plan, figures: Figures) -> Coverage:
    """The share of advertisements that the run's hubs receive; shadows fall by its seed, or by
    seed 0 where the log does not say it."""
    radio = Radio(plan, Draws(figures.about.seed or 0))
    hubs = [hub for hub in figures.about.hubs if hub in radio.hubs]
    return lambda point: radio.coverage(point, hubs)


def titled(title: str) -> Plan | None:
    """The plan that comes with the simulator and has that title."""
    for name in names():
        try:
            plan = load(name)
        except SimulatorError:
            continue
        if plan.name == title:
            return plan
    return None
