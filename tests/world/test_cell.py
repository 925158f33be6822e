"""A cell gives what is in it, less when cold and old, and its voltage sags under load."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge import power
from badge.boards import esp32_generic
from simulator.world.cell import HOUR_MS, MONTH_MS, REGULATOR_MV, SELF_DISCHARGE, Cell, resting_mv

CURRENTS = {"asleep": 0.03, "heartbeat": 60.0, "raised": 110.0}
percents = st.floats(0, 100)
ages = st.floats(0, 1)
degrees = st.floats(-25, 50)
loads = st.floats(0, 500)
uses = st.lists(
    st.tuples(st.sampled_from(list(CURRENTS)), st.floats(0, HOUR_MS)), min_size=1, max_size=20
)


def cell(percent: float = 100, age: float = 0, celsius: float = 25) -> Cell:
    return Cell(1000, CURRENTS, percent=percent, age=age, celsius=celsius)


@given(percents, ages, degrees, uses)
def test_using_it_never_gives_it_more(percent: float, age: float, celsius: float, spent) -> None:  # type: ignore[no-untyped-def]
    used = cell(percent, age, celsius)
    for state, ms in spent:
        before, before_v = used.percent, used.volts()
        used.spend(state, ms)
        assert used.percent <= before
        assert used.volts() <= before_v
        assert 0 <= used.percent <= 100


@given(percents, percents, loads, loads)
def test_fuller_is_higher_and_more_load_is_lower(
    one: float, other: float, light: float, heavy: float
) -> None:
    low, high = sorted((one, other))
    light, heavy = sorted((light, heavy))
    assert cell(low).volts(light) <= cell(high).volts(light)
    assert cell(low).volts(heavy) <= cell(low).volts(light)


@given(percents, degrees, degrees, loads)
def test_colder_is_lower_and_gives_less(
    percent: float, one: float, other: float, load_ma: float
) -> None:
    cold, warm = sorted((one, other))
    assert cell(percent, celsius=cold).volts(load_ma) <= cell(percent, celsius=warm).volts(load_ma)
    assert cell(percent, celsius=cold).percent <= cell(percent, celsius=warm).percent


@given(percents, ages, ages, st.floats(1, 500))
def test_older_sags_more(percent: float, one: float, other: float, load_ma: float) -> None:
    new, old = sorted((one, other))
    assert cell(percent, old).volts(load_ma) <= cell(percent, new).volts(load_ma) + 1e-9


def test_it_gives_its_capacity() -> None:
    used = cell()
    used.draw(100, 9 * HOUR_MS)
    assert used.percent == pytest.approx(10, abs=0.1)
    assert not used.empty
    used.draw(100, HOUR_MS)
    assert used.empty
    assert used.volts() == pytest.approx(3.3)


def test_at_the_end_of_its_life_it_gives_80_percent() -> None:
    used = cell(age=1)
    used.draw(100, 7.9 * HOUR_MS)
    assert not used.empty
    used.draw(100, 0.2 * HOUR_MS)
    assert used.empty


def test_frost_takes_part_of_it_and_gives_it_back() -> None:
    used = cell(percent=35)
    used.celsius = -20
    assert used.empty
    used.celsius = 25
    assert used.percent == pytest.approx(35)


def test_it_discharges_itself() -> None:
    used = cell()
    used.draw(0, MONTH_MS)
    assert used.percent == pytest.approx(100 * (1 - SELF_DISCHARGE))


def test_a_peak_browns_out_a_cell_that_is_cold_and_nearly_empty() -> None:
    assert cell(10).bears(260)
    assert cell(42, age=1).bears(260)
    assert not cell(42, age=1, celsius=-20).bears(260)
    assert cell(42, age=1, celsius=-20).bears(1)
    assert not cell(0).bears(0.01)


@given(percents, st.floats(0, 500), st.lists(st.floats(0, HOUR_MS), max_size=8))
def test_charging_fills_it_and_no_more(percent: float, ma: float, times: list[float]) -> None:
    charged = cell(percent)
    for ms in times:
        before = charged.percent
        charged.charge(ma, ms)
        assert before <= charged.percent + 1e-9
        assert charged.percent <= 100


def test_charging_is_slow_at_the_end() -> None:
    charged = cell(0)
    charged.charge(500, 1.6 * HOUR_MS)
    assert charged.percent == pytest.approx(80)
    charged.charge(500, 0.4 * HOUR_MS)
    assert 90 < charged.percent < 95
    charged.charge(500, 4 * HOUR_MS)
    assert charged.percent > 99.9


@given(percents, st.floats(1, HOUR_MS), st.integers(2, 9))
def test_in_how_many_steps_it_is_charged_or_used_does_not_matter(
    percent: float, ms: float, steps: int
) -> None:
    once, often = cell(percent), cell(percent)
    once.charge(300, ms)
    once.spend("raised", ms)
    for _ in range(steps):
        often.charge(300, ms / steps)
    for _ in range(steps):
        often.spend("raised", ms / steps)
    assert often.percent == pytest.approx(once.percent, abs=1e-6)


@given(st.integers(0, 100))
def test_the_badge_reckons_near_the_truth_without_load(percent: int) -> None:
    """Its curve is another cell's: what it shows is an estimate, as in a hand."""
    divider = esp32_generic.BATTERY_DIVIDER
    seen_mv = cell(percent).microvolts(divider) * divider // 1000
    assert abs(power.percent(seen_mv) - percent) <= 15


def test_empty_is_where_the_firmware_says_nothing_is_left() -> None:
    assert resting_mv(0) == REGULATOR_MV
    assert power.percent(round(resting_mv(0))) == 0
    assert power.percent(round(resting_mv(100))) >= 98


def test_a_state_without_a_current_is_an_error() -> None:
    with pytest.raises(KeyError):
        cell().spend("flying", 1)
