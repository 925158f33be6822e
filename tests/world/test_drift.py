"""Clocks go wrong by as much as their oscillators, and never backwards."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.draws import Draws
from simulator.world.drift import OSCILLATORS, Clock, ppm

DAY_MS = 86_400_000
kinds = st.sampled_from(list(OSCILLATORS))
changes = st.lists(st.tuples(st.floats(0, DAY_MS), kinds, st.floats(-20, 60)), max_size=8)


def off_a_day_s(kind: str) -> list[float]:
    return [abs(ppm(Draws(1), f"badge-{n}", kind)) * 86_400 / 1e6 for n in range(400)]


def test_a_sleeping_badge_errs_by_minutes_a_day() -> None:
    assert 60 < statistics.median(off_a_day_s("asleep")) < 600


@pytest.mark.parametrize(("kind", "most_s"), [("awake", 2), ("watch crystal", 4), ("host", 8)])
def test_crystals_err_by_seconds_a_day(kind: str, most_s: float) -> None:
    off = off_a_day_s(kind)
    assert 0.05 < statistics.median(off) < most_s / 2
    assert max(off) < most_s


def test_each_device_has_its_own_drift_and_keeps_it() -> None:
    draws = Draws(1)
    assert ppm(draws, "badge-1", "asleep") == ppm(Draws(1), "badge-1", "asleep")
    assert ppm(draws, "badge-1", "asleep") != ppm(draws, "badge-2", "asleep")


def test_a_watch_crystal_is_slow_in_the_cold_and_in_the_heat() -> None:
    draws = Draws(1)
    right = ppm(draws, "clock", "watch crystal", 25)
    assert ppm(draws, "clock", "watch crystal", -10) == pytest.approx(right - 0.034 * 35**2)
    assert ppm(draws, "clock", "watch crystal", 60) < right


@given(changes, st.floats(0, DAY_MS))
def test_a_clock_never_jumps_and_never_goes_back(
    many: list[tuple[float, str, float]], later_ms: float
) -> None:
    clock = Clock(Draws(1), "badge-1", "awake", shown_ms=5000)
    at_ms = 0.0
    for wait_ms, kind, celsius in many:
        at_ms += wait_ms
        before = clock.shown(at_ms)
        clock.change(at_ms, kind=kind, celsius=celsius)
        assert clock.shown(at_ms) == pytest.approx(before)
    assert clock.shown(at_ms + later_ms) >= clock.shown(at_ms)
    assert clock.when(clock.shown(at_ms + later_ms)) == pytest.approx(at_ms + later_ms, abs=0.01)


def test_a_clock_that_is_set_is_right_then() -> None:
    clock = Clock(Draws(1), "badge-1", "asleep")
    assert abs(clock.shown(DAY_MS) - DAY_MS) > 10_000
    clock.set(DAY_MS, DAY_MS)
    assert clock.shown(DAY_MS) == DAY_MS
