"""A plan as a TOML file says it: buildings, places and radios, and whether that can be so.

Lengths in metres; x runs east and y north from the origin. Floors count from 0, the ground.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Annotated

import msgspec

from gateway.contract.config import parse_config
from gateway.contract.errors import ContractError
from simulator.errors import SimulatorError
from simulator.world.propagation import FLOOR_DB, WALL_DB
from simulator.world.receivers import RECEIVERS

SKIES = ("open", "canyon", "indoor")
"""How much of the sky there is: all of it, a strip between houses, none."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Metres = Annotated[float, msgspec.Meta(ge=-5000, le=5000)]
Extent = Annotated[float, msgspec.Meta(gt=0, le=5000)]
Height = Annotated[float, msgspec.Meta(ge=0, le=50)]
Floor = Annotated[int, msgspec.Meta(ge=0, le=60)]
Power = Annotated[float, msgspec.Meta(ge=-40, le=36)]
Xy = tuple[Metres, Metres]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Origin(_Table, frozen=True):
    """Where x = y = 0 is, in degrees of WGS 84."""

    latitude: Annotated[float, msgspec.Meta(ge=-85, le=85)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Room(_Table, frozen=True):
    """A rectangle of one floor, its south-west corner at x, y.

    sky: "indoor" has a ceiling; a garden or a street is "open" or "canyon".
    """

    name: str
    x: Metres
    y: Metres
    width: Extent
    depth: Extent
    floor: Floor = 0
    sky: str = "indoor"


class Wall(_Table, frozen=True):
    """Walls of one material, from the floor up to the ceiling of `top`.

    lines: of points that the walls join. Gaps are doors that stand open. top: the highest
    floor that they stand on; by default `floor` alone.
    """

    material: str
    lines: tuple[tuple[Xy, ...], ...]
    floor: Floor = 0
    top: Floor | None = None


class Place(_Table, frozen=True):
    """Somewhere a story can send people.

    sky: where it differs from the room's. covered: false where no hub is meant to hear.
    bend: where a way turns and nobody stays.
    """

    name: Name
    x: Metres
    y: Metres
    floor: Floor = 0
    sky: str | None = None
    covered: bool = True
    bend: bool = False


class Hub(_Table, frozen=True):
    """A gateway's antenna: at a place, or at x and y. height_m: above that floor."""

    name: Name
    at: str | None = None
    x: Metres | None = None
    y: Metres | None = None
    floor: Floor = 0
    height_m: Height = 2.2
    receiver: str = "usb"


class AccessPoint(_Table, frozen=True):
    """Wi-Fi. channel: of the 2.4 GHz band; duty_percent: of the time that it or its clients send.

    power_dbm: radiated, EIRP.
    """

    name: Name
    x: Metres
    y: Metres
    channel: Annotated[int, msgspec.Meta(ge=1, le=13)]
    floor: Floor = 0
    height_m: Height = 2.5
    duty_percent: Annotated[float, msgspec.Meta(ge=0, le=95)] = 10
    power_dbm: Power = 18


class Strangers(_Table, frozen=True):
    """Other people's advertisers around one spot: telephones, headphones, beacons.

    interval_ms: of each; power_dbm: radiated.
    """

    name: Name
    x: Metres
    y: Metres
    count: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    floor: Floor = 0
    interval_ms: Annotated[float, msgspec.Meta(ge=20, le=10_240)] = 300
    power_dbm: Power = 0


class PlanFile(_Table, frozen=True):
    """The whole file.

    sky: outside of all rooms. ceiling: what separates floors. ways: lines of places that one
    can walk along; without any, everybody walks straight.
    """

    name: Name
    origin: Origin
    places: Annotated[tuple[Place, ...], msgspec.Meta(min_length=1)]
    about: str = ""
    storey_m: Annotated[float, msgspec.Meta(ge=2, le=10)] = 3.0
    ceiling: str = "concrete"
    sky: str = "open"
    rooms: tuple[Room, ...] = ()
    walls: tuple[Wall, ...] = ()
    hubs: tuple[Hub, ...] = ()
    wifi: tuple[AccessPoint, ...] = ()
    strangers: tuple[Strangers, ...] = ()
    ways: tuple[tuple[str, ...], ...] = ()


def parse_plan_file(file: str, text: str) -> PlanFile:
    """The TOML text as a plan; file names it in errors.

    Raises SimulatorError with one line: file, key path, what was wrong, what to do.
    """
    try:
        plan = parse_config(file, text, PlanFile)
    except ContractError as error:
        line = str(error)
        raise SimulatorError(line if line.startswith(file) else f"{file}: {line}") from None
    for complaint in _complaints(plan):
        raise SimulatorError(f"{file}: {complaint}")
    return plan


def _complaints(plan: PlanFile) -> Iterable[str]:
    yield from _choice("$.ceiling", plan.ceiling, FLOOR_DB)
    yield from _choice("$.sky", plan.sky, SKIES)
    for kind in ("places", "hubs"):
        yield from _repeated(kind, [each.name for each in getattr(plan, kind)])
    for at, room in enumerate(plan.rooms):
        yield from _choice(f"$.rooms[{at}].sky", room.sky, SKIES)
    for at, wall in enumerate(plan.walls):
        yield from _wall(f"$.walls[{at}]", wall)
    for at, place in enumerate(plan.places):
        yield from _choice(f"$.places[{at}].sky", place.sky or plan.sky, SKIES)
    names = [place.name for place in plan.places]
    for at, hub in enumerate(plan.hubs):
        yield from _hub(f"$.hubs[{at}]", hub, names)
    yield from _ways(plan.ways, names)


def _choice(path: str, value: str, options: Collection[str]) -> Iterable[str]:
    if value not in options:
        yield f"{path}: {value!r} is unknown; choose one of {', '.join(options)}"


def _repeated(kind: str, names: list[str]) -> Iterable[str]:
    seen = Counter(names)
    for at, name in enumerate(names):
        if seen[name] > 1:
            yield f"$.{kind}[{at}].name: {name!r} is there twice; rename or remove one of them"


def _wall(path: str, wall: Wall) -> Iterable[str]:
    yield from _choice(f"{path}.material", wall.material, WALL_DB)
    for at, line in enumerate(wall.lines):
        if len(line) < 2:
            yield f"{path}.lines[{at}]: no wall; give two points or more, as in [[0, 0], [4, 0]]"
    if wall.top is not None and wall.top < wall.floor:
        yield f"{path}.top: {wall.top} is below floor {wall.floor}; give that floor or a higher one"


def _hub(path: str, hub: Hub, places: list[str]) -> Iterable[str]:
    yield from _choice(f"{path}.receiver", hub.receiver, RECEIVERS)
    if hub.at is None:
        for axis in ("x", "y"):
            if getattr(hub, axis) is None:
                yield f"{path}.{axis}: missing key; add x and y, or at = the name of a place"
    elif hub.x is not None or hub.y is not None:
        yield f"{path}.at: the hub has a place and coordinates; remove one of them"
    elif hub.at not in places:
        yield f"{path}.at: no place is called {hub.at!r}; add it to [[places]] or correct the name"


def _ways(ways: tuple[tuple[str, ...], ...], places: list[str]) -> Iterable[str]:
    for at, way in enumerate(ways):
        for step, name in enumerate(way):
            if name not in places:
                yield (
                    f"$.ways[{at}][{step}]: no place is called {name!r};"
                    " add it to [[places]] or correct the name"
                )
    reached = set(places[:1])
    for _ in ways:  # each round joins at least one more line, if any is left
        reached.update(*(way for way in ways if reached.intersection(way)))
    for at, name in enumerate(places):
        if ways and name not in reached:
            yield (
                f"$.places[{at}]: no way leads from {places[0]!r} to {name!r};"
                " add it to a line of ways"
            )
