"""Times as people write them are read, and written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.scenario.duration import milliseconds, words


@given(st.integers(0, 10**13))
def test_a_time_in_words_is_read_back(ms: int) -> None:
    assert milliseconds(words(ms)) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90 s", 90_000),
        ("2 min 30 s", 150_000),
        ("2min30s", 150_000),
        ("1.5 h", 5_400_000),
        ("250 ms", 250),
        ("12:30", 750_000),
        ("1:02:03", 3_723_000),
        (" 0 s ", 0),
        ("0.0004 s", 0),
    ],
)
def test_times_are_read_as_people_write_them(text: str, ms: int) -> None:
    assert milliseconds(text) == ms


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "5", "5 d", "5 seconds", "-5 s", "5 s later", "1:60", "1:2", ":30", "5s5",
        "nan s", "1e3 s", "٣ s", "9" * 400 + " s", "9" * 5_000 + ":00", "1:02:03:04",
    ],
)  # fmt: skip
def test_anything_else_is_named_with_what_to_write(text: str) -> None:
    with pytest.raises(SimulatorError, match=r"is no time; write it as 90 s, 2 min, 1\.5 h or"):
        milliseconds(text)


@given(st.text() | st.from_regex(r"[0-9:. hmins]{0,12}", fullmatch=True))
def test_any_text_is_a_time_or_one_clear_error(text: str) -> None:
    error = ""
    try:
        ms = milliseconds(text)
    except SimulatorError as refused:
        error = str(refused)
    else:
        assert milliseconds(words(ms)) == ms
    assert not error or repr(text[:40]) in error
    assert len(error) < 500
    assert "\n" not in error
