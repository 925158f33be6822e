"""Time that only runs: a clock that is set back puts nothing off, in this life or the next."""

from hypothesis import given
from hypothesis import strategies as st

from desk.steady import SAVE_MS, Steady
from desk.turns import SaveClock

NOW_MS = 1_800_000_000_000
jumps_ms = st.integers(-(10**11), 10**11)
spans_ms = st.integers(0, 10**7)


@given(st.lists(st.tuples(spans_ms, jumps_ms), max_size=20))
def test_time_never_goes_back_and_what_passes_is_never_less_than_what_passed(
    passed: list[tuple[int, int]],
) -> None:
    steady, now_ms = Steady(), NOW_MS
    before = steady.at(now_ms)
    for span_ms, jump_ms in passed:
        now_ms += span_ms
        after = steady.at(now_ms)
        assert after.at_ms - before.at_ms >= span_ms
        now_ms += jump_ms
        before = steady.at(now_ms)
        assert before.at_ms >= after.at_ms


@given(st.lists(st.tuples(spans_ms, jumps_ms), max_size=20))
def test_a_jump_that_is_told_is_no_time_at_all(passed: list[tuple[int, int]]) -> None:
    steady, now_ms = Steady(), NOW_MS
    first = steady.at(now_ms)
    for span_ms, jump_ms in passed:
        now_ms += span_ms
        steady.at(now_ms)
        now_ms += jump_ms
        steady.moved(jump_ms)
        steady.at(now_ms)
    last = steady.at(now_ms)
    assert last.at_ms - first.at_ms == sum(span_ms for span_ms, _ in passed)
    assert last.wall_ms(last.at_ms + 5) == now_ms + 5


@given(spans_ms, jumps_ms)
def test_a_restart_goes_on_from_what_was_kept(span_ms: int, jump_ms: int) -> None:
    first = Steady()
    kept = first.save(first.at(NOW_MS))[0]
    lived = first.at(NOW_MS + span_ms)
    kept = (*first.changes(lived), kept)[0]
    again = Steady(kept).at(NOW_MS + span_ms + jump_ms)
    assert again.at_ms >= lived.at_ms - SAVE_MS
    if jump_ms >= 0:
        assert again.at_ms == lived.at_ms + jump_ms


def test_the_same_is_kept_once() -> None:
    steady = Steady()
    now = steady.at(NOW_MS)
    assert steady.save(now) == (SaveClock(0, NOW_MS),)
    assert steady.save(now) == ()
    assert steady.changes(steady.at(NOW_MS + SAVE_MS - 1)) == ()
    assert steady.changes(steady.at(NOW_MS + SAVE_MS)) == (SaveClock(0, NOW_MS + SAVE_MS),)
