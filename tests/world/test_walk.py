"""People are where their day says, and get there by walking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.world.draws import Draws
from simulator.world.plan import Plan
from simulator.world.walk import STAIRS_SHARE, WALKING_MPS, Walk
from tests.world.conftest import HEAD

PLACES = """storey_m = 3
places = [
  { name = "a", x = 0, y = 0 }, { name = "b", x = 10, y = 0 }, { name = "c", x = 10, y = 20 },
  { name = "up", x = 14, y = 20, floor = 1 }, { name = "far", x = -30, y = 0 },
  { name = "hall", x = 0, y = -2, bend = true }, { name = "lobby", x = 9, y = -2, bend = true },
]
ways = [["a", "b", "c", "up"], ["a", "far"], ["a", "c", "c"], ["far", "lobby"],
  ["a", "hall", "lobby"]]
"""
PLAN = Plan.parse("test.toml", HEAD + PLACES)
HOUR_MS = 3_600_000
days = st.lists(st.sampled_from(list(PLAN.places)), min_size=1, max_size=6)


def day(places: list[str]) -> Walk:
    stops = [(n * HOUR_MS, place) for n, place in enumerate(places)]
    return Walk(PLAN, stops, Draws(1), "Asha")


@given(days)
def test_an_hour_later_everybody_is_where_they_went(places: list[str]) -> None:
    walk = day(places)
    for n, place in enumerate(places):
        assert walk.position((n + 1) * HOUR_MS - 1) == PLAN.at(place)
        assert not walk.moving((n + 1) * HOUR_MS - 1)


@given(days, st.integers(0, 6 * HOUR_MS), st.integers(1, 5000))
def test_nobody_is_faster_than_walking(places: list[str], at_ms: int, for_ms: int) -> None:
    walk = day(places)
    covered_m = walk.position(at_ms).to(walk.position(at_ms + for_ms))
    assert covered_m <= WALKING_MPS * for_ms / 1000 + 1e-6
    if not walk.moving(at_ms) and walk.next_change_ms(at_ms) > at_ms + for_ms:
        assert covered_m == 0


@given(days, st.integers(0, 6 * HOUR_MS))
def test_the_past_is_told_the_same_later(places: list[str], at_ms: int) -> None:
    walk, again = day(places), day(places)
    walk.position(7 * HOUR_MS)
    walk.heading(7 * HOUR_MS)
    assert walk.position(at_ms) == again.position(at_ms)
    assert walk.heading(at_ms) == again.heading(at_ms)


def test_a_way_takes_as_long_as_it_is() -> None:
    walk = Walk(PLAN, [(0, "far"), (1000, "b")], Draws(1), "Asha")
    arrives_ms = 1000 + 40_000 / WALKING_MPS
    assert walk.next_change_ms(0) == 1000
    assert walk.moving(arrives_ms - 1)
    assert not walk.moving(arrives_ms)
    assert walk.position(1000 + 20_000 / WALKING_MPS).x == pytest.approx(-10)
    assert walk.heading(2000) == pytest.approx(90)
    assert walk.speed(2000) == pytest.approx(WALKING_MPS)
    assert walk.speed(arrives_ms) == 0


def test_the_way_leads_along_the_shortest_line() -> None:
    walk = Walk(PLAN, [(0, "b"), (0, "far")], Draws(1), "Asha")
    assert walk.points(0, HOUR_MS) == [PLAN.at("b"), PLAN.at("a"), PLAN.at("far")]
    # From a to c there is a shortcut past b.
    assert PLAN.route("a", "up") == (PLAN.at("a"), PLAN.at("c"), PLAN.at("up"))
    # Past far there are as many corners, but more metres.
    names = ("b", "a", "hall", "lobby")
    assert PLAN.route("b", "lobby") == tuple(map(PLAN.at, names))


def test_stairs_are_slow() -> None:
    walk = Walk(PLAN, [(0, "c"), (0, "up")], Draws(1), "Asha")
    assert walk.next_change_ms(0) == pytest.approx(5000 / (WALKING_MPS * STAIRS_SHARE))
    assert 1.2 < walk.position(2000).z < 4.2
    assert 0 < walk.speed(2000) < WALKING_MPS * STAIRS_SHARE


def test_who_stays_looks_elsewhere_after_a_while() -> None:
    walk = day(["a"])
    looks = {walk.heading(at_ms) for at_ms in range(0, 600_000, 1000)}
    assert len(looks) == 30
    assert all(0 <= degrees < 360 for degrees in looks)


def test_nobody_leaves_before_having_arrived() -> None:
    with pytest.raises(SimulatorError, match=r"Asha cannot leave for 'a' at 2000 ms.*leave later"):
        Walk(PLAN, [(0, "far"), (1000, "c"), (2000, "a")], Draws(1), "Asha")


def test_where_nobody_drew_ways_people_walk_straight() -> None:
    text = HEAD + 'places = [{ name = "a", x = 0, y = 0 }, { name = "b", x = 3, y = 4 }]'
    plan = Plan.parse("test.toml", text)
    walk = Walk(plan, [(0, "a"), (0, "b")], Draws(1), "Asha")
    assert walk.next_change_ms(0) == pytest.approx(5000 / WALKING_MPS)
