"""Times and shares as people say them; places on axes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.report.scale import Clock, Elapsed
from simulator.report.words import clock, listed, percent, plural, span


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0.0 s"), (43, "43 ms"), (430, "0.4 s"), (9_940, "9.9 s"), (9_960, "10 s"),
        (59_700, "1 min"), (84_000, "1 min 24 s"), (3_599_700, "1 h"), (7_500_000, "2 h 5 min"),
    ],
)  # fmt: skip
def test_spans_are_as_exact_as_they_are_short(ms: int, words: str) -> None:
    assert span(ms).replace("\u00a0", " ") == words


@given(st.integers(0, 10**9))
def test_no_span_is_empty_or_has_sixty_of_anything(ms: int) -> None:
    assert span(ms)
    assert "60" not in span(ms).split("\u00a0")[0] or ms >= 60 * 3_600_000
    assert "60\u00a0min" not in span(ms)


def test_clocks_show_hours_where_there_are_any() -> None:
    assert [clock(ms) for ms in (0, 370_900, 3_725_000)] == ["0:00", "6:10", "1:02:05"]


def test_shares_are_never_rounded_to_all_or_nothing() -> None:
    assert [percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %", "< 1 %", "50 %", "> 99 %", "100 %",
    ]  # fmt: skip


def test_counts_and_lists_read_as_sentences() -> None:
    assert plural(1, "hub") == "1 hub"
    assert plural(0, "hub") == "no hubs"
    assert listed(["a", "b", "c"]) == "a, b and c"


@given(st.integers(0, 10**8), st.integers(1, 10**8), st.integers(-(10**9), 10**9))
def test_no_time_lies_beyond_its_picture(from_ms: int, length_ms: int, ms: int) -> None:
    even = Clock(from_ms, from_ms + length_ms, 10.0, 90.0)
    logarithmic = Elapsed(length_ms, 10.0, 90.0)
    assert 10.0 <= even.x(ms) <= 90.0
    assert 10.0 <= logarithmic.x(ms) <= 90.0


@given(st.integers(0, 10**7), st.integers(1, 10**9))
def test_ticks_are_few_and_ascend(from_ms: int, length_ms: int) -> None:
    for ticks in (
        list(Clock(from_ms, from_ms + length_ms, 0.0, 800.0).ticks(9)),
        list(Elapsed(length_ms, 0.0, 800.0).ticks()),
    ):
        places = [x for x, _ in ticks]
        assert places == sorted(places)
        assert len(places) <= 10
