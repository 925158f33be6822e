"""What is in the way costs signal, and as much as published models say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.draws import Draws
from simulator.world.plan import Plan
from simulator.world.propagation import (
    BODY_DB,
    FLOOR_DB,
    SHADOW_DB,
    body_db,
    ceilings_db,
    distance_db,
    free_space_db,
    mean_body_db,
    rise_db,
)
from simulator.world.radio import Radio
from tests.world.conftest import HEAD, PLACE, MakePlan

metres = st.floats(0, 500)
heights = st.floats(0.2, 20)


@given(metres, metres, heights, heights)
def test_more_distance_never_makes_a_signal_stronger(
    one: float, other: float, height: float, hub: float
) -> None:
    near, far = sorted((one, other))
    assert distance_db(near, height, hub) <= distance_db(far, height, hub)


@given(st.integers(0, 20), st.integers(0, 20), st.sampled_from(list(FLOOR_DB)))
def test_more_ceilings_never_make_a_signal_stronger(one: int, other: int, kind: str) -> None:
    few, many = sorted((one, other))
    assert ceilings_db(few, kind) <= ceilings_db(many, kind)


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_the_more_of_the_wearer_is_in_the_way_the_fainter(one: float, other: float) -> None:
    def off(degrees: float) -> float:
        return abs((degrees + 180) % 360 - 180)

    front, back = sorted((one, other), key=off)
    assert body_db(front) <= body_db(back) + 1e-9
    assert 0 <= body_db(one) <= BODY_DB


@given(st.integers(0, 12), st.floats(5, 60), st.floats(0, 360))
def test_more_walls_never_make_a_signal_stronger(walls: int, x: float, heading: float) -> None:
    def signal(number: int) -> float:
        lines = ", ".join(f"[[{n * 2 + 1}, -90], [{n * 2 + 1}, 90]]" for n in range(number))
        hub = 'hubs = [{ name = "hub", x = 0, y = 0 }]\n'
        wall = f'walls = [{{ material = "brick", lines = [{lines}] }}]'
        plan = Plan.parse("test.toml", HEAD + PLACE + hub + wall)
        radio = Radio(plan, Draws(1))
        return radio.mean_dbm(radio.hubs["hub"], plan.point(x, 0), heading=heading)

    assert signal(walls + 1) <= signal(walls)


def test_free_space_is_that_of_itu_r_p_525() -> None:
    for metres in (1, 10, 100):
        expected = 32.4 + 20 * math.log10(2440) + 20 * math.log10(metres / 1000)
        assert free_space_db(metres) == pytest.approx(expected, abs=0.1)


def test_beyond_the_break_point_twice_the_distance_costs_12_db() -> None:
    break_m = 4 * 1.2 * 2.2 * 2440 / 299.792458
    assert distance_db(break_m) == pytest.approx(free_space_db(break_m))
    assert distance_db(4 * break_m) - distance_db(2 * break_m) == pytest.approx(12.04, abs=0.01)
    assert distance_db(break_m / 2) - distance_db(break_m / 4) == pytest.approx(6.02, abs=0.01)


def test_an_office_loses_what_itu_r_p_1238_says() -> None:
    # Site-general, N = 30 for offices; its own shadow fading has a deviation of 10 dB.
    rooms = ", ".join(f"[[{x}, -50], [{x}, 50]]" for x in range(4, 60, 5))
    rooms += ", " + ", ".join(f"[[-10, {y}], [70, {y}]]" for y in range(-32, 40, 8))
    hub = 'hubs = [{ name = "hub", x = 0, y = 0 }]\n'
    wall = f'walls = [{{ material = "plasterboard", lines = [{rooms}] }}]'
    plan = Plan.parse("test.toml", HEAD + PLACE + hub + wall)
    radio = Radio(plan, Draws(1))
    off = []
    for metres in range(3, 41):
        for degrees in range(-60, 61, 10):
            x = metres * math.cos(math.radians(degrees))
            y = metres * math.sin(math.radians(degrees))
            published = 20 * math.log10(2440) + 30 * math.log10(metres) - 28
            off.append(radio.loss_db(radio.hubs["hub"], plan.point(x, y)) - published)
    assert abs(sum(off) / len(off)) < 4
    assert math.sqrt(sum(each**2 for each in off) / len(off)) < 8


def test_two_ceilings_cost_what_cost_231_says() -> None:
    assert ceilings_db(1, "concrete") == pytest.approx(18.3)
    assert ceilings_db(2, "concrete") == pytest.approx(18.3 * 2 ** (4 / 3 - 0.46))


def test_a_wearer_who_looks_anywhere_loses_less_than_one_who_looks_away() -> None:
    assert 0 < mean_body_db() < BODY_DB / 2
    power = sum(10 ** (-body_db(degrees) / 10) for degrees in range(0, 360, 5)) / 72
    assert mean_body_db() == pytest.approx(-10 * math.log10(power), abs=0.05)


def test_shadows_belong_to_the_place_and_are_of_their_deviation(plan_of: MakePlan) -> None:
    plan = plan_of()
    radios = [Radio(plan, Draws(seed)) for seed in range(800)]
    here, beside = plan.point(7, 3), plan.point(7.3, 3)
    found = [radio.shadow_db(radio.hubs["hub"], here) for radio in radios]
    assert math.sqrt(sum(x * x for x in found) / len(found)) == pytest.approx(SHADOW_DB, rel=0.07)
    steps = [
        radio.shadow_db(radio.hubs["hub"], beside) - x
        for radio, x in zip(radios, found, strict=True)
    ]
    assert max(map(abs, steps)) < SHADOW_DB
    above = [radio.shadow_db(radio.hubs["hub"], plan.point(7, 3, 1)) for radio in radios[:5]]
    assert above != found[:5]


def test_noise_of_the_same_power_doubles_the_noise() -> None:
    assert rise_db(-100, 10**-10) == pytest.approx(3.01, abs=0.01)
