"""The plans that come along can be used, and their hubs hear where they are meant to."""

from itertools import pairwise
from pathlib import Path

import pytest

from simulator import plans
from simulator.errors import SimulatorError
from simulator.world.draws import Draws
from simulator.world.radio import Radio
from simulator.world.walk import Walk

SEEDS = range(5)
HOUR_MS = 3_600_000

every_plan = pytest.mark.parametrize("name", plans.names())


def test_there_are_the_plans_of_the_stories() -> None:
    assert plans.names() == ("clinic", "farmhouse", "offices", "old_town", "street")


@every_plan
def test_every_place_is_covered_or_deliberately_not(name: str) -> None:
    # Whichever way the wearer looks, with Wi-Fi and strangers on the air, some hub receives a
    # quarter of the advertisements at least: the first of an alert within half a second.
    plan = plans.load(name)
    for seed in SEEDS:
        badge = Radio(plan, Draws(seed)).badge(1)
        for place in plan.places.values():
            for heading in (0.0, 90.0, 180.0, 270.0) if place.covered and not place.bend else ():
                badge.place(plan.at(place.name), heading)
                best = max(link.expected() for link in badge.in_reach())
                assert best > 0.25, f"{place.name}, seed {seed}, looking {heading}: {best}"


def test_there_are_places_that_no_hub_hears() -> None:
    for name, place in (("farmhouse", "barn"), ("farmhouse", "lane end"), ("old_town", "chapel")):
        plan = plans.load(name)
        assert not plan.places[place].covered
        heard = [Radio(plan, Draws(seed)).coverage(plan.at(place)) for seed in SEEDS]
        assert max(heard) < 0.1


@every_plan
def test_one_can_walk_from_every_place_to_every_other(name: str) -> None:
    plan = plans.load(name)
    stays = plan.stays
    for here, there in pairwise(stays):
        walk = Walk(plan, [(0, here), (1000, there), (HOUR_MS, here)], Draws(1), "Asha")
        assert walk.position(HOUR_MS - 1) == plan.at(there)


@every_plan
def test_ways_inside_a_house_lead_through_doors(name: str) -> None:
    plan = plans.load(name)
    for line in plan.ways:
        for here, there in pairwise(line):
            a, b = plan.at(here), plan.at(there)
            met = plan.obstacles(a, b)
            assert plan.floor(a) != plan.floor(b) or not met.walls, f"{here} to {there}: {met}"


@every_plan
def test_every_sky_is_that_of_its_place(name: str) -> None:
    plan = plans.load(name)
    rooms = {room.name.casefold(): room for room in plan.rooms}
    for place in plan.places.values():
        room = rooms.get(place.name.casefold())
        if room is not None and room.floor == place.floor:
            assert room.area.holds(place.x, place.y)
            assert plan.sky(plan.at(place.name)) == room.sky


def test_a_plan_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "home.toml"
    path.write_text(
        'name = "Home"\norigin = { latitude = 0, longitude = 0 }\n'
        'places = [{ name = "desk", x = 0, y = 0 }]\n'
    )
    assert plans.load(str(path)).name == "Home"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SimulatorError, match=r"home\.toml': must be a text file in UTF-8"):
        plans.load(str(path))
    with pytest.raises(SimulatorError, match=r"plan 'hospital': No such.*choose one of clinic"):
        plans.load("hospital")
