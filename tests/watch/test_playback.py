"""Time that moves at its own speed over entries that come at theirs."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from simulator.lockstep.log import Entry
from simulator.watch.playback import SPEEDS, Playback

times = st.lists(st.integers(0, 100_000), max_size=40).map(sorted)


def played(entries: Iterable[Entry], speed: float) -> Playback:
    playback = Playback(speed)
    for entry in entries:
        playback.push(entry)
    playback.end()
    return playback


def entries_at(times_ms: list[int]) -> list[Entry]:
    return [Entry(at_ms, "x", str(at), {}) for at, at_ms in enumerate(times_ms)]


@given(times, st.lists(st.floats(0, 30), max_size=20), st.sampled_from(SPEEDS))
def test_every_entry_is_shown_once_in_order_and_never_early(
    times_ms: list[int], steps: list[float], speed: float
) -> None:
    entries = entries_at(times_ms)
    playback = played(entries, speed)
    shown: list[Entry] = []
    for step in (*steps, 1e9):
        due = playback.advance(step)
        assert all(entry.at_ms <= playback.now_ms for entry in due)
        shown += due
    assert shown == entries
    assert playback.over


@given(st.lists(st.floats(0, 2), min_size=1, max_size=30), st.sampled_from((1, 10, 60)))
def test_a_second_is_as_long_in_many_frames_as_in_one(steps: list[float], speed: float) -> None:
    entries = entries_at([0, 10_000_000])
    many, one = played(entries, speed), played(entries, speed)
    for step in steps:
        many.advance(step)
    one.advance(sum(steps))
    assert abs(many.now_ms - one.now_ms) <= 1


def test_time_stands_still_in_a_pause_and_waits_for_a_slow_run() -> None:
    playback = Playback(60)
    playback.push(Entry(5_000, "x", "y", {}))
    playback.paused = True
    assert playback.advance(10) == []
    playback.paused = False
    assert [entry.at_ms for entry in playback.advance(10)] == [5_000]
    assert playback.now_ms == 5_000  # and not 600_000: nobody knows what happens until then
    assert not playback.over


def test_it_takes_no_more_entries_than_it_needs_ahead() -> None:
    playback = Playback(60)
    assert playback.hungry
    playback.push(Entry(10_000_000, "x", "y", {}))
    assert not playback.hungry


def test_speed_goes_up_to_as_fast_as_possible_and_down_to_real_time() -> None:
    playback = Playback(45)
    playback.change_speed(0)
    assert playback.speed == 60
    for _ in range(20):
        playback.change_speed(1)
    assert playback.speed == 0
    playback.change_speed(-1)
    assert playback.speed == 3_600
    for _ in range(20):
        playback.change_speed(-1)
    assert playback.speed == 1


def test_people_are_between_two_places_while_they_walk() -> None:
    walk = [
        Entry(1_000, "Asha", "is at", {"x": 0.0, "y": 0.0, "floor": 0}),
        Entry(5_000, "Asha", "is at", {"x": 4.0, "y": 8.0, "floor": 0}),
    ]
    playback = played(walk, 1)
    seen = []
    for _ in range(6):
        playback.advance(1)
        stop = playback.stops()["Asha"]
        seen.append((stop.x, stop.y))
    assert seen == [(0, 0), (1, 2), (2, 4), (3, 6), (4, 8), (4, 8)]
