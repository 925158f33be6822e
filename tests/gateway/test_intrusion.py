"""Forged frames are shown to supervisors, once they are more than noise."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.intrusion import BURST, SHOWN_MS, WITHIN_MS, Intrusion

NOW_MS = 1_790_000_000_000


def test_a_burst_is_told_once_and_shown_for_ten_minutes():
    intrusion = Intrusion()
    assert intrusion.step(NOW_MS, BURST - 1) == 0
    assert intrusion.warnings(NOW_MS) == ()
    assert intrusion.step(NOW_MS + 1000, BURST) == BURST
    assert intrusion.step(NOW_MS + 2000, 3 * BURST) == 0
    assert intrusion.warnings(NOW_MS + 2000 + SHOWN_MS) == ("intrusion",)
    assert intrusion.warnings(NOW_MS + 2001 + SHOWN_MS) == ()


@given(st.lists(st.integers(0, BURST // 2 - 1), max_size=60))
def test_a_few_bad_tags_a_minute_are_noise(tags):
    intrusion, total = Intrusion(), 0
    for minute, new in enumerate(tags):
        total += new
        assert intrusion.step(NOW_MS + minute * WITHIN_MS, total) == 0


def test_a_clock_that_is_set_ends_no_warning():
    intrusion = Intrusion()
    intrusion.step(NOW_MS, BURST)
    intrusion.moved(10 * SHOWN_MS)
    assert intrusion.warnings(NOW_MS + 10 * SHOWN_MS) == ("intrusion",)
