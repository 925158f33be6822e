"""A plan in a terminal's cells, with everybody on it."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from rich.text import Text

from simulator.report.tracks import Stop
from simulator.watch.dots import Dots
from simulator.watch.scene import Machine, Person, Scene
from simulator.world.geometry import Rectangle
from simulator.world.plan import Plan

PHASES = {
    "idle": "#7fb08a",
    "pending": "bold #b79be0",
    "raised": "bold #ff6b78",
    "heard": "bold #ff9d47",
    "delivered": "bold #f2cf45",
    "acknowledged": "bold #62a8ee",
    "resolved": "#55bd80",
    "cancelled": "#98a2aa",
    "failed": "bold #c9587a",
}
"""How phases look in a terminal."""

DOWN, FINE, BAD = "#808a92", "#7fb08a", "bold #ff6b78"
_WALL, _NAME = "#6b7885", "#5c6873"
_CELL = 2.0  # a terminal's cell is so many times as high as wide
_MOST_NAMES = 24


class Frame(NamedTuple):
    """One floor's part of the picture. left, top: in cells; scale: columns for each metre."""

    floor: int
    area: Rectangle
    left: float
    top: float
    scale: float

    def xy(self, x: float, y: float) -> tuple[float, float]:
        """Where, in cells."""
        return (
            self.left + (x - self.area.west) * self.scale,
            self.top + (self.area.north - y) * self.scale / _CELL,
        )


class PlanView:
    """Draws one plan at any size."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._built = lru_cache(maxsize=8)(self._build)

    @property
    def floors(self) -> tuple[int, ...]:
        return tuple(self._plan.floors)

    def draw(
        self,
        scene: Scene,
        stops: Mapping[str, Stop],
        columns: int,
        rows: int,
        floor: int | None = None,
    ) -> Text:
        """stops: where everybody is now. floor: only this one; None: all."""
        if columns < 8 or rows < 4:
            return Text("")
        frames = self._frames(columns, rows, floor)
        dots = self._built(columns, rows, floor).copy()
        for frame in frames:
            self._draw_hubs(dots, frame, scene.machines)
            self._draw_people(dots, frame, scene, stops)
        return dots.text()

    def _frames(self, columns: int, rows: int, floor: int | None) -> list[Frame]:
        floors = self.floors if floor is None else (floor,)
        area = _grown(self._plan.area)
        width, height = area.east - area.west, area.north - area.south

        def scale(beside: int) -> float:
            wide = (columns - 2 * (beside - 1)) / beside
            tall = rows / ceil(len(floors) / beside) - 2
            return min(wide / width, tall * _CELL / height)

        beside = max(range(1, len(floors) + 1), key=scale)
        size = max(scale(beside), 0.01)
        step_x, step_y = width * size + 2, height * size / _CELL + 2
        return [
            Frame(each, area, step_x * (at % beside), 1 + step_y * (at // beside), size)
            for at, each in enumerate(floors)
        ]

    def _build(self, columns: int, rows: int, floor: int | None) -> Dots:
        """What does not move."""
        dots = Dots(columns, rows)
        for frame in self._frames(columns, rows, floor):
            for wall in self._plan.walls:
                top = wall.floor if wall.top is None else wall.top
                if wall.floor <= frame.floor <= top:
                    for points in wall.lines:
                        for start, end in pairwise(points):
                            dots.line(frame.xy(*start), frame.xy(*end), _WALL)
            self._name_rooms(dots, frame)
            if len(self.floors) > 1:
                words = "ground floor" if frame.floor == 0 else f"floor {frame.floor}"
                dots.write(frame.left, frame.top - 1, words, "bold")
        return dots

    def _name_rooms(self, dots: Dots, frame: Frame) -> None:
        for room in self._plan.rooms:
            if room.floor == frame.floor:
                x, y = frame.xy(room.area.west, room.area.north)
                right, _ = frame.xy(room.area.east, room.area.north)
                if len(room.name) + 1 <= right - x:
                    dots.write(x + 1, y + 1, room.name, _NAME)

    def _draw_hubs(self, dots: Dots, frame: Frame, machines: Mapping[str, Machine]) -> None:
        for name, site in self._plan.hubs.items():
            machine = machines.get(name)
            if machine is not None and self._plan.floor(site.point) == frame.floor:
                x, y = frame.xy(site.point.x, site.point.y)
                sign, style = hub_sign(machine)
                dots.write(x, y, sign, style)

    def _draw_people(
        self, dots: Dots, frame: Frame, scene: Scene, stops: Mapping[str, Stop]
    ) -> None:
        calm_first = sorted(scene.people.values(), key=lambda one: one.phase != "idle")
        here = [one for one in calm_first if _on(stops.get(one.name), frame.floor)]
        for person in here:
            x, y = frame.xy(stops[person.name].x, stops[person.name].y)
            dots.write(x, y, *person_sign(person))
        for person in reversed(here):
            if person.phase != "idle" or len(here) <= _MOST_NAMES:
                x, y = frame.xy(stops[person.name].x, stops[person.name].y)
                dots.write_beside(x, y, person.name, person_sign(person)[1])


def person_sign(person: Person) -> tuple[str, str]:
    """A letter and its style."""
    if person.down:
        return "✕", DOWN
    return "●", PHASES.get(person.phase, FINE)


def hub_sign(machine: Machine) -> tuple[str, str]:
    """A letter and its style."""
    if not machine.up:
        return "▽", BAD
    return "▲", PHASES["heard"] if machine.deaf or not machine.link else "bold #4fc3c8"


def _on(stop: Stop | None, floor: int) -> bool:
    return stop is not None and stop.floor == floor


def _grown(area: Rectangle) -> Rectangle:
    return Rectangle(area.west - 1, area.south - 1, area.east + 1, area.north + 1)
