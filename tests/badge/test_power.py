"""Percent of the battery: a curve, without flicker, and thresholds without flapping."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from badge.power import CRITICAL, LOW, NORMAL, Gauge, Reserve, percent

# Percent and resting microvolts of a cell that ROHM measured, as published with Linux's binding
# for batteries of its chargers ("ocv-capacity-table-0", 25 degrees).
ROHM = {
    100: 4_184_314, 95: 4_140_723, 90: 4_099_487, 85: 4_060_656, 80: 4_024_350, 75: 3_991_121,
    70: 3_954_379, 65: 3_913_265, 60: 3_877_821, 55: 3_855_577, 50: 3_837_466, 45: 3_822_194,
    40: 3_809_012, 35: 3_795_984, 30: 3_780_647, 25: 3_760_505, 20: 3_741_532, 15: 3_718_837,
    10: 3_696_698,
}  # fmt: skip
cells = st.integers(2_500, 4_300)


@given(cells, cells)
def test_more_voltage_is_never_less_charge(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= percent(low) <= percent(high) <= 100


def test_the_curve_agrees_with_a_measured_cell() -> None:
    for wanted, microvolts in ROHM.items():
        assert abs(percent(microvolts // 1000) - wanted) <= 7


def test_full_and_empty() -> None:
    assert [percent(mv) for mv in (3_300, 3_301, 4_179, 4_180, 4_250)] == [0, 0, 99, 100, 100]
    assert percent(0) == 0


@given(st.integers(3_400, 4_150), st.randoms(use_true_random=False))
def test_noise_does_not_make_it_flicker(cell_mv: int, random: Random) -> None:
    gauge = Gauge()
    measured = [cell_mv + random.randint(-15, 15) for _ in range(200)]
    shown = [gauge.step(each) for each in measured]
    assert changes(shown) * 2 < max(20, changes([percent(each) for each in measured]))


def changes(levels: Sequence[int | None]) -> int:
    return sum(one != other for one, other in pairwise(levels))


@given(st.lists(cells, min_size=1))
def test_it_shows_something_between_what_was_measured(measured: list[int]) -> None:
    gauge = Gauge()
    for cell_mv in measured:
        level = gauge.step(cell_mv)
    assert level is not None
    assert percent(min(measured)) - 2 <= level <= percent(max(measured)) + 2


@given(cells, cells)
def test_a_cell_that_is_steady_is_shown_as_it_is(before: int, cell_mv: int) -> None:
    gauge = Gauge()
    gauge.step(before)
    for _ in range(40):
        level = gauge.step(cell_mv)
    assert level is not None
    assert abs(level - percent(cell_mv)) <= 2


def test_no_cell_is_unknown_and_forgotten() -> None:
    gauge = Gauge()
    assert gauge.step(3_840) == 50
    assert gauge.step(0) is None
    assert gauge.step(4_200) == 100


def test_a_jump_is_believed_when_it_shows_twice() -> None:
    gauge = Gauge()
    gauge.step(3_500)
    assert [gauge.step(mv) for mv in (4_110, 4_110)] == [percent(3_500), 90]


@given(st.integers(3_400, 4_250), st.integers(2_500, 4_400), st.booleans())
def test_one_wrong_measurement_flips_nothing_also_not_after_a_sleep(
    cell_mv: int, wrong_mv: int, sleeps: bool
) -> None:
    gauge = Gauge()
    shown = [gauge.step(cell_mv) for _ in range(4)][-1]
    for measured in (wrong_mv, cell_mv):
        if sleeps:
            kept, gauge = gauge.keep(), Gauge()
            gauge.recall(kept)
        level = gauge.step(measured)
        assert level is not None
        assert shown is not None
        least, most = (percent(cell_mv + off) for off in (-32, 32))
        assert least - 2 <= level <= most + 2


def test_a_voltage_that_no_cell_has_is_unknown() -> None:
    assert [Gauge().step(mv) for mv in (0, 2_499, 4_401)] == [None, None, None]


@given(cells)
def test_a_deep_sleep_loses_nothing(cell_mv: int) -> None:
    before = Gauge()
    for _ in range(8):
        before.step(cell_mv)
    after = Gauge()
    after.recall(before.keep())
    shown, again = before.step(cell_mv), after.step(cell_mv)
    assert shown is not None
    assert again is not None
    assert abs(shown - again) <= 2


# -- reserve ------------------------------------------------------------------


@given(st.lists(st.tuples(st.none() | st.integers(0, 100), st.booleans())))
def test_a_low_battery_is_told_and_a_full_one_is_not(
    steps: list[tuple[int | None, bool]],
) -> None:
    reserve = Reserve()
    for level, powered in steps:
        before, state = reserve.state, reserve.step(level, powered)
        if powered or (level is not None and level > 20):
            assert state == NORMAL
        elif level is not None:
            assert state == CRITICAL or level > 3 or before == NORMAL
            assert state >= LOW or level > 15


def test_nothing_is_critical_at_first_sight() -> None:
    reserve = Reserve()
    assert [reserve.step(level, False) for level in (1, 90, 1, 1)] == [LOW, NORMAL, LOW, CRITICAL]


def test_a_level_that_flaps_at_the_threshold_is_told_once() -> None:
    reserve = Reserve()
    states = [reserve.step(level, False) for level in (16, 15, 16, 15, 18, 20, 21, 20, 15)]
    assert states == [NORMAL, LOW, LOW, LOW, LOW, LOW, NORMAL, NORMAL, LOW]


def test_critical_is_taken_back_by_degrees() -> None:
    reserve = Reserve()
    states = [reserve.step(level, False) for level in (3, 3, 8, 9, 20, 21)]
    assert states == [LOW, CRITICAL, CRITICAL, LOW, LOW, NORMAL]


def test_unknown_changes_nothing_and_the_charger_ends_it() -> None:
    reserve = Reserve()
    assert reserve.step(10, False) == LOW
    assert reserve.step(None, False) == LOW
    assert reserve.step(10, True) == NORMAL
