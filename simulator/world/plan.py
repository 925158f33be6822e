"""A place in the world: where its walls, rooms, hubs and people's destinations are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from math import cos, pi, radians
from typing import NamedTuple

from simulator.errors import SimulatorError
from simulator.world.geometry import Point, Rectangle, Segment
from simulator.world.plan_file import AccessPoint, Place, PlanFile, Strangers, parse_plan_file
from simulator.world.plan_file import Room as RoomTable
from simulator.world.propagation import WALL_DB, ceilings_db
from simulator.world.receivers import RECEIVERS, Receiver
from simulator.world.ways import Ways

WORN_M = 1.2
"""Height of a badge on the chest of a grown-up above the floor (assumed)."""

OVERRIDE_M = 3.0
"""How far around a place its own sky reaches."""

GRID_M = 0.25
"""Positions this near share what they see through walls."""

MERIDIAN_M = 20_003_931.0 / 180.0
"""A degree of latitude in metres: WGS 84, pole to pole."""

EQUATOR_M = 6_378_137.0 * pi / 180.0
"""A degree of longitude at the equator in metres: WGS 84."""


class HubSite(NamedTuple):
    """Where a hub's antenna is, and what it hears with."""

    name: str
    point: Point
    receiver: Receiver


class Room(NamedTuple):
    """A rectangle of one floor; it has a ceiling when its sky is "indoor"."""

    name: str
    area: Rectangle
    floor: int
    sky: str


class Obstacles(NamedTuple):
    """What stands between two points. walls, ceilings: how many; loss_db: of all together."""

    walls: int
    ceilings: int
    loss_db: float


class Plan:
    """What a plan's file describes. All fields are as in simulator.world.plan_file.

    places, hubs: by name, in the order of the file. rooms, segments: by floor.
    """

    def __init__(self, file: PlanFile) -> None:
        self.name = file.name
        self.about = file.about
        self.origin = file.origin
        self.storey_m = file.storey_m
        self.places: dict[str, Place] = {place.name: place for place in file.places}
        self.rooms = tuple(_room(room) for room in file.rooms)
        self.segments = tuple(_segments(file))
        self.walls = file.walls
        self.ways = file.ways
        self.wifi: tuple[AccessPoint, ...] = file.wifi
        self.strangers: tuple[Strangers, ...] = file.strangers
        self.hubs: dict[str, HubSite] = {hub.name: hub for hub in self._hubs(file)}
        self._sky = file.sky
        self._ceiling = file.ceiling
        self._overrides = [place for place in file.places if place.sky is not None]
        points = {name: self.at(name) for name in self.places}
        self._routes = Ways(points, file.ways)
        self._on_floors: dict[tuple[int, int], tuple[Segment, ...]] = {}
        # Of rounded positions only, so that it does not matter who asked first.
        self._seen_through = lru_cache(maxsize=1 << 17)(self._look)

    @classmethod
    def parse(cls, file: str, text: str) -> Plan:
        """The TOML text as a plan; file names it in errors. Raises SimulatorError, one line."""
        return cls(parse_plan_file(file, text))

    @property
    def stays(self) -> tuple[str, ...]:
        """The places at which people stay: all but those where a way only bends."""
        return tuple(place.name for place in self.places.values() if not place.bend)

    @property
    def floors(self) -> range:
        """The floors on which there is anything."""
        rooms = [room.floor for room in self.rooms]
        return range(1 + max([*rooms, *(place.floor for place in self.places.values())]))

    @property
    def area(self) -> Rectangle:
        """What holds everything, floors on top of each other."""
        xs = [x for room in self.rooms for x in (room.area.west, room.area.east)]
        ys = [y for room in self.rooms for y in (room.area.south, room.area.north)]
        for x1, y1, x2, y2, *_ in self.segments:
            xs += [x1, x2]
            ys += [y1, y2]
        for point in (*map(self.at, self.places), *(hub.point for hub in self.hubs.values())):
            xs.append(point.x)
            ys.append(point.y)
        return Rectangle(min(xs), min(ys), max(xs), max(ys))

    def at(self, place: str, height_m: float = WORN_M) -> Point:
        """A point of a place, so high above its floor.

        Raises SimulatorError when there is no such place.
        """
        found = self.places.get(place)
        if found is None:
            known = ", ".join(self.places)
            raise SimulatorError(f"{self.name}: no place is called {place!r}; there are {known}")
        return self.point(found.x, found.y, found.floor, height_m)

    def point(self, x: float, y: float, floor: int = 0, height_m: float = WORN_M) -> Point:
        """A point above some floor."""
        return Point(x, y, floor * self.storey_m + height_m)

    def floor(self, point: Point) -> int:
        """The floor above which a point is."""
        return max(0, int(point.z // self.storey_m))

    def room(self, point: Point) -> Room | None:
        """The room that a point is in; of rooms within rooms, the one named last."""
        floor = self.floor(point)
        for room in reversed(self.rooms):
            if room.floor == floor and room.area.holds(point.x, point.y):
                return room
        return None

    def sky(self, point: Point) -> str:
        """How much of the sky a point sees: "open", "canyon" or "indoor"."""
        floor = self.floor(point)
        for place in self._overrides:
            near = abs(place.x - point.x) <= OVERRIDE_M and abs(place.y - point.y) <= OVERRIDE_M
            if near and place.floor == floor:
                return place.sky or self._sky
        room = self.room(point)
        return room.sky if room is not None else self._sky

    def obstacles(self, a: Point, b: Point) -> Obstacles:
        """What the straight line between two points goes through, to a grid of GRID_M."""
        return self._seen_through(*_rounded(a), *_rounded(b))

    def route(self, start: str, end: str) -> tuple[Point, ...]:
        """The points to walk by from one place to another, both included.

        Raises SimulatorError when there is no such place.
        """
        self.at(start), self.at(end)
        return self._routes.route(start, end)

    def latlon(self, point: Point) -> tuple[float, float]:
        """Degrees north and east of a point."""
        latitude = self.origin.latitude + point.y / MERIDIAN_M
        return latitude, self.origin.longitude + point.x / self._parallel_m

    def point_at(self, latitude: float, longitude: float, z: float = WORN_M) -> Point:
        """The point at a position in degrees; what latlon() undoes."""
        x = (longitude - self.origin.longitude) * self._parallel_m
        return Point(x, (latitude - self.origin.latitude) * MERIDIAN_M, z)

    @property
    def _parallel_m(self) -> float:
        return EQUATOR_M * cos(radians(self.origin.latitude))

    def _hubs(self, file: PlanFile) -> Iterable[HubSite]:
        for hub in file.hubs:
            if hub.at is not None:
                point = self.at(hub.at, hub.height_m)
            else:
                point = self.point(hub.x or 0.0, hub.y or 0.0, hub.floor, hub.height_m)
            yield HubSite(hub.name, point, RECEIVERS[hub.receiver])

    def _look(self, ax: int, ay: int, az: int, bx: int, by: int, bz: int) -> Obstacles:
        a = Point(ax * GRID_M, ay * GRID_M, az * GRID_M)
        b = Point(bx * GRID_M, by * GRID_M, bz * GRID_M)
        met = [wall.loss_db for wall in self._standing(a, b) if wall.crossing(a, b) is not None]
        ceilings = self._ceilings_between(a, b)
        return Obstacles(len(met), ceilings, sum(met) + ceilings_db(ceilings, self._ceiling))

    def _standing(self, a: Point, b: Point) -> tuple[Segment, ...]:
        """The walls on the floors from one point to the other; no other can be in between."""
        low, high = sorted((self.floor(a), self.floor(b)))
        if (low, high) not in self._on_floors:
            bottom, top = low * self.storey_m, (high + 1) * self.storey_m
            self._on_floors[low, high] = tuple(
                wall for wall in self.segments if wall.bottom < top and wall.top > bottom
            )
        return self._on_floors[low, high]

    def _ceilings_between(self, a: Point, b: Point) -> int:
        low, high = (a, b) if a.z <= b.z else (b, a)
        met = 0
        for floor in range(self.floor(low) + 1, self.floor(high) + 1):
            through = low.towards(high, (floor * self.storey_m - low.z) / (high.z - low.z))
            met += any(
                room.sky == "indoor"
                and room.floor in (floor - 1, floor)
                and room.area.holds(through.x, through.y)
                for room in self.rooms
            )
        return met


def _rounded(point: Point) -> tuple[int, int, int]:
    return round(point.x / GRID_M), round(point.y / GRID_M), round(point.z / GRID_M)


def _room(table: RoomTable) -> Room:
    area = Rectangle(table.x, table.y, table.x + table.width, table.y + table.depth)
    return Room(table.name, area, table.floor, table.sky)


def _segments(file: PlanFile) -> Iterable[Segment]:
    for wall in file.walls:
        bottom = wall.floor * file.storey_m
        top = (1 + (wall.floor if wall.top is None else wall.top)) * file.storey_m
        for line in wall.lines:
            for (x1, y1), (x2, y2) in pairwise(line):
                yield Segment(x1, y1, x2, y2, bottom, top, WALL_DB[wall.material])
