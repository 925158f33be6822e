"""In which order brokers and versions are tried, and how trust is lost."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.attempts import RETURN_MAX_S, SHORT_USUAL, STEADY_S, Attempts, Version

ALL = tuple(Version)


def test_version_5_comes_first_and_what_worked_is_kept_until_it_no_longer_does():
    attempts = Attempts(2, 30)
    assert attempts.versions(0) == ALL == (Version.V5, Version.V3)
    attempts.understood(0, Version.V3)
    assert attempts.versions(0) == (Version.V3,)
    assert attempts.versions(1) == ALL
    attempts.misunderstood(0)
    assert attempts.versions(0) == ALL


def test_after_each_failure_the_next_and_after_the_last_the_first():
    attempts = Attempts(3, 30)
    order = []
    for _ in range(4):
        order.append(attempts.broker)
        attempts.failed()
    assert order == [0, 1, 2, 0]


def test_after_a_connection_that_stood_the_same_one_is_tried_first():
    attempts = Attempts(2, 30)
    attempts.ended(STEADY_S, broken=False)
    assert attempts.broker == 0
    attempts.ended(STEADY_S / 2, broken=False)
    assert attempts.broker == 1


def test_a_better_broker_that_breaks_again_and_again_is_tried_ever_more_seldom():
    attempts = Attempts(2, 30)
    pauses = []
    for _ in range(10):
        attempts.moved(0)
        attempts.ended(15, broken=True)
        assert attempts.broker == 1
        assert attempts.better == (0,)
        pauses.append(attempts.return_in_s)
    assert pauses[:3] == [60, 120, 240]
    assert pauses[-1] == RETURN_MAX_S
    attempts.moved(0)
    attempts.ended(2 * RETURN_MAX_S, broken=False)
    assert attempts.return_in_s == 30


def test_connections_that_end_at_once_again_and_again_are_noticed_until_one_lasts():
    attempts = Attempts(1, 30)
    flaps = []
    for _ in range(SHORT_USUAL + 2):
        attempts.ended(STEADY_S / 2, broken=False)
        flaps.append(attempts.flaps)
    assert flaps == [0] * SHORT_USUAL + [1, 2]
    attempts.ended(STEADY_S, broken=False)
    assert attempts.flaps == 0


@given(st.integers(1, 4), st.lists(st.sampled_from(["failed", "lost", "short", "broken"])))
def test_there_is_always_a_broker_to_try(brokers, ends):
    attempts = Attempts(brokers, 30)
    for end in ends:
        if end == "failed":
            attempts.failed()
        else:
            attempts.ended(1 if end == "short" else 100, end == "broken")
        assert attempts.broker in range(brokers)
        assert attempts.better == tuple(range(attempts.broker))
        assert 30 <= attempts.return_in_s <= RETURN_MAX_S
