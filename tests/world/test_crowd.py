"""Advertisers collide as often as Aloha says, and as often as they do when each is played."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.crowd import DELAY_MS, Crowd, alone_share
from simulator.world.draws import Draws
from simulator.world.reception import CAPTURE_DB, PDU_MS

levels = st.floats(-110, -20)
intervals = st.floats(20, 10_000)
members = st.lists(st.tuples(levels, intervals), max_size=12)


def played(advertisers: int, interval_ms: float) -> float:
    """The share of packets that nothing lies over, of advertisers played one by one."""
    packets = []
    for number in range(advertisers):
        rng = Draws(5).stream("advertiser", number)
        at_ms = rng.uniform(0, interval_ms)
        while at_ms < 200_000:
            packets.append(at_ms)
            at_ms += interval_ms + rng.uniform(0, 2 * DELAY_MS)
    packets.sort()
    alone = 0
    for before, packet, after in zip(packets, packets[1:], packets[2:], strict=False):
        alone += packet - before >= PDU_MS and after - packet >= PDU_MS
    return alone / (len(packets) - 2)


@pytest.mark.parametrize(("advertisers", "interval_ms"), [(10, 20), (40, 100), (200, 250), (2, 20)])
def test_collisions_are_those_of_advertisers_played_one_by_one(
    advertisers: int, interval_ms: float
) -> None:
    expected = played(advertisers, interval_ms)
    assert alone_share(advertisers - 1, interval_ms) == pytest.approx(expected, abs=0.015)
    crowd = Crowd()
    for number in range(advertisers):
        crowd.put(number, -70, interval_ms)
    assert crowd.alone(-70) * crowd.relief(0) == pytest.approx(expected, abs=0.015)


@given(intervals, st.integers(1, 300))
def test_a_group_is_as_many_single_ones(interval_ms: float, count: int) -> None:
    together, apart = Crowd(), Crowd()
    together.put("group", -60, interval_ms, count)
    for number in range(count):
        apart.put(number, -60, interval_ms)
    assert together.alone(-60) == pytest.approx(apart.alone(-60))
    assert together.alone(-60) == pytest.approx(alone_share(count, interval_ms))


@given(members, levels, levels)
def test_a_louder_packet_survives_more(
    others: list[tuple[float, float]], one: float, other: float
) -> None:
    crowd = Crowd()
    for number, (level, interval_ms) in enumerate(others):
        crowd.put(number, level, interval_ms)
    faint, loud = sorted((one, other))
    assert 0 <= crowd.alone(faint) <= crowd.alone(loud) <= 1


def test_a_packet_louder_than_the_capture_ratio_survives_everybody() -> None:
    crowd = Crowd()
    crowd.put("others", -80, 20, 50)
    assert crowd.alone(-80 + CAPTURE_DB) < 1
    assert crowd.alone(-80 + CAPTURE_DB + 1) == 1
    assert crowd.alone(-95) == crowd.alone(-80)


@given(members, st.randoms())
def test_who_comes_and_goes_leaves_nothing_behind(others, order) -> None:  # type: ignore[no-untyped-def]
    crowd, fresh = Crowd(), Crowd()
    fresh.put("who stays", -70, 100)
    crowd.put("who stays", -50, 20)
    for number, (level, interval_ms) in enumerate(others):
        crowd.put(number, level, interval_ms)
        crowd.alone(-60)
    crowd.put("who stays", -70, 100)
    numbers = list(range(len(others)))
    order.shuffle(numbers)
    for number in [*numbers, "who was never there"]:
        crowd.drop(number)
    assert crowd.survival() == fresh.survival()


@given(members)
def test_ones_own_packets_do_no_harm(others: list[tuple[float, float]]) -> None:
    crowd = Crowd()
    for number, (level, interval_ms) in enumerate(others):
        crowd.put(number, level, interval_ms)
    before = crowd.alone(-75)
    assert crowd.relief("I") == 1
    crowd.put("I", -75, 20)
    assert crowd.alone(-75) * crowd.relief("I") == pytest.approx(before)
