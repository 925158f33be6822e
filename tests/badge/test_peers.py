"""Connections: mute peers go, a flood is held off, the desk still gets through."""

from hypothesis import given
from hypothesis import strategies as st

from badge.peers import FOREVER, Peers


def test_a_peer_without_a_valid_command_is_dropped_after_three_seconds() -> None:
    peers = Peers()
    peers.connected(1_000, 5)
    assert peers.overdue(3_999) == []
    assert peers.overdue(4_000) == [5]


def test_a_proven_peer_stays() -> None:
    peers = Peers()
    peers.connected(0, 5)
    peers.proven(2_000, 5)
    assert peers.overdue(10_000) == []


def test_one_peer_at_a_time() -> None:
    peers = Peers()
    peers.connected(0, 5)
    assert not peers.connectable(1)
    peers.disconnected(2, 5)
    assert peers.connectable(3)


def flood(peers: Peers, at_ms: int, count: int) -> None:
    for peer in range(count):
        peers.connected(at_ms + peer, peer)
        peers.disconnected(at_ms + peer, peer)


def test_after_three_mute_peers_the_badge_is_connectable_one_second_in_ten() -> None:
    peers = Peers()
    flood(peers, 0, 3)
    open_ms = sum(peers.connectable(now_ms) for now_ms in range(10_000, 50_000))
    assert open_ms == 4_000


def test_a_flood_is_forgotten_after_a_minute() -> None:
    peers = Peers()
    flood(peers, 0, 3)
    assert peers.flooded(59_999)
    assert not peers.flooded(60_000)


@given(st.integers(0, 100_000))
def test_the_deadline_is_when_connectable_turns(at_ms: int) -> None:
    peers = Peers()
    flood(peers, at_ms, 3)
    now_ms = at_ms + 10
    due_ms = peers.deadline(now_ms)
    assert now_ms < due_ms < FOREVER
    before = peers.connectable(now_ms)
    assert peers.connectable(due_ms - 1) == before
    assert peers.connectable(due_ms) != before or due_ms >= at_ms + 60_000


def test_a_proven_peer_that_leaves_is_no_flood() -> None:
    peers = Peers()
    for at_ms in range(0, 10_000, 1_000):
        peers.connected(at_ms, 1)
        peers.proven(at_ms + 1, 1)
        peers.disconnected(at_ms + 2, 1)
    assert not peers.flooded(10_000)
