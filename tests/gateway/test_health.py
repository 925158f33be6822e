"""The gateway's state comes from what it hears."""

from gateway.health import BURST_OF_BAD_TAGS, DEAF_AFTER_MS, Health


def test_a_gateway_that_heard_badges_and_hears_none_is_deaf_until_it_hears_again():
    health = Health()
    health.heard(1000)
    assert health.state(1000 + DEAF_AFTER_MS) == "online"
    assert health.state(1001 + DEAF_AFTER_MS) == "deaf"
    health.heard(1001 + DEAF_AFTER_MS)
    assert health.state(1001 + DEAF_AFTER_MS) == "online"


def test_a_gateway_that_never_heard_a_badge_is_not_called_deaf():
    assert Health().state(10 * DEAF_AFTER_MS) == "online"
    assert Health().age_ms(5) is None


def test_a_clock_that_is_set_back_makes_nobody_deaf():
    health = Health()
    health.heard(10 * DEAF_AFTER_MS)
    assert health.state(0) == "online"
    assert health.age_ms(0) == 0


def test_a_burst_of_bad_tags_is_told_once():
    health = Health()
    assert not health.bad_tags({"tag": BURST_OF_BAD_TAGS - 1})
    assert not health.bad_tags({"tag": 2 * BURST_OF_BAD_TAGS - 2})
    assert health.bad_tags({"tag": 3 * BURST_OF_BAD_TAGS}) == BURST_OF_BAD_TAGS + 2
    assert not health.bad_tags({"tag": 3 * BURST_OF_BAD_TAGS})
