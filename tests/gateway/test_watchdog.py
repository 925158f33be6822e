"""A radio that should hear and does not is noticed; a quiet place is left in peace."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.radio import RadioCondition
from gateway.radio.silences import ENOUGH, RECENT_COUNT, RECENT_MS, Silences
from gateway.radio.watchdog import (
    CANARY_MS,
    FLOOR_MS,
    LONGEST_WAIT_MS,
    START_MS,
    Rescan,
    Reset,
    Watchdog,
)
from simulator.radio_place import HOUR_MS as HOUR
from simulator.radio_place import MINUTE_MS as MINUTE
from simulator.radio_place import SECOND_MS as SECOND
from simulator.radio_place import RadioPlace, always, now_and_then

NAME = RadioPlace.RADIO
EVENTS = st.sampled_from(["advert", "canary", "scanning", "restarting", "failed", "gone"])


def test_where_much_is_heard_silence_restarts_the_scan_in_15_s_then_the_radio_and_is_deaf_in_60():
    place = RadioPlace()
    place.live(MINUTE, always)
    silent_ms = place.now_ms
    assert place.silence_until("deaf", MINUTE) <= MINUTE
    (first_ms, first), (second_ms, second) = place.remedies
    assert isinstance(first, Rescan)
    assert isinstance(second, Reset)
    assert first_ms - silent_ms <= 15 * SECOND
    assert second_ms - silent_ms <= 30 * SECOND
    assert first.silent_ms == first_ms - silent_ms


def test_what_is_heard_again_ends_all_of_it():
    place = RadioPlace()
    place.live(MINUTE, always)
    place.silence_until("deaf", MINUTE)
    assert not place.watchdog.hears(place.now_ms)
    place.live(SECOND, always)
    assert place.state() == "scanning"
    assert place.watchdog.hears(place.now_ms)
    assert len(place.remedies) == 2


def test_the_ladder_is_climbed_again_and_again_ever_more_slowly_up_to_half_an_hour():
    place = RadioPlace()
    place.live(MINUTE, always)
    place.live(6 * HOUR)
    kinds = [type(remedy) for _, remedy in place.remedies]
    assert kinds[:6] == [Rescan, Reset] * 3
    times = [at_ms for at_ms, _ in place.remedies]
    waits = [after - before for before, after in itertools.pairwise(times)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_MS


def test_a_radio_that_a_restart_cures_every_time_is_restarted_in_15_s_every_time():
    place = RadioPlace()
    place.live(MINUTE, always)
    for n in range(1, 50):
        silent_ms = place.now_ms
        while len(place.remedies) < n:
            place.live(SECOND)
        assert place.now_ms - silent_ms <= 15 * SECOND
        place.says("restarting")
        place.says("scanning")
        place.live(MINUTE, always)
    assert place.deaf_ms == 0


def test_a_place_where_nobody_ever_was_is_quiet_and_not_deaf():
    place = RadioPlace()
    place.live(24 * HOUR)
    assert place.remedies == []
    assert place.deaf_ms == 0


def test_heartbeats_alone_teach_what_to_expect():
    place = RadioPlace()
    beats = iter(range(1, 10**6))
    place.live(HOUR, lambda: next(beats) % 60 == 0)
    assert place.remedies == []
    assert place.silence_until("deaf", 10 * MINUTE) > 3 * MINUTE


@pytest.mark.parametrize("mean_s", [2, 10, 30, 60, 300])
def test_a_quiet_place_costs_less_than_two_restarts_a_day_and_is_never_called_deaf(mean_s):
    place = RadioPlace()
    days = 1
    place.live(days * 24 * HOUR, now_and_then(random.Random(mean_s), mean_s))
    assert len(place.remedies) < 2 * days
    assert place.deaf_ms == 0


def test_people_who_go_home_are_called_deafness_on_the_first_evening_at_most():
    rng = random.Random(1)
    place = RadioPlace()
    for evening in range(4):
        place.live(10 * HOUR, now_and_then(rng, 1.2))
        place.live(14 * HOUR)
        if evening == 0:
            place.deaf_ms, place.remedies = 0, []
    assert place.deaf_ms == 0
    assert len(place.remedies) <= 3 * 40


def test_a_canary_makes_the_first_silence_after_a_start_one():
    place = RadioPlace(has_canary=True)
    assert place.silence_until("deaf", 5 * MINUTE) == 3 * CANARY_MS
    assert isinstance(place.remedies[0][1], Rescan)


def test_a_canary_that_beats_every_10_s_makes_deafness_known_in_90_s_where_nobody_else_is():
    place = RadioPlace(has_canary=True, canary_s=10)
    place.live(10 * MINUTE)
    assert place.remedies == []
    place.canary_s = None
    silent_ms = place.now_ms
    assert place.silence_until("deaf", 2 * MINUTE) <= 90 * SECOND
    assert place.remedies[0][0] - silent_ms <= 26 * SECOND


def test_with_a_canary_people_may_come_and_go_and_nothing_is_called_deaf():
    rng = random.Random(1)
    place = RadioPlace(has_canary=True, canary_s=10)
    for _ in range(3):
        place.live(10 * HOUR, now_and_then(rng, 1.2))
        place.live(14 * HOUR)
    assert place.deaf_ms == 0
    assert len(place.remedies) < 3


def test_a_canary_that_is_lost_does_not_make_a_radio_deaf_that_hears_others():
    place = RadioPlace(has_canary=True, canary_s=10)
    place.live(10 * MINUTE, always)
    place.canary_s = None
    place.live(HOUR, always)
    assert place.remedies == []
    assert place.deaf_ms == 0


def test_a_radio_that_cannot_scan_is_reset_and_says_why_and_is_online_once_it_scans():
    place = RadioPlace()
    place.says("failed", "no adapter")
    place.live(MINUTE)
    assert {type(remedy) for _, remedy in place.remedies} == {Reset}
    assert place.remedies[0][0] <= 15 * SECOND
    assert not place.watchdog.hears(place.now_ms)
    (radio,) = place.watchdog.radios(place.now_ms)
    assert (radio.state, radio.reason) == ("failed", "no adapter")
    place.says("scanning")
    place.live(HOUR)
    assert place.watchdog.hears(place.now_ms)
    assert place.state() == "scanning"


def test_a_radio_that_fails_for_a_moment_in_its_reset_and_stays_deaf_is_called_deaf_in_90_s():
    place = RadioPlace()
    place.live(MINUTE, always)
    silent_ms = place.now_ms
    while place.state() != "deaf":
        place.live(SECOND)
        if place.remedies and place.remedies[-1][0] == place.now_ms:
            place.says("failed", "powered off")
            place.live(2 * SECOND)
            place.says("scanning")
    assert place.now_ms - silent_ms <= 90 * SECOND


def test_a_radio_that_is_gone_is_not_asked_for_anything_and_begins_anew_when_it_is_back():
    place = RadioPlace()
    place.live(MINUTE, always)
    place.says("gone", "unplugged")
    place.live(HOUR)
    assert place.remedies == []
    assert not place.watchdog.hears(place.now_ms)
    place.says("scanning")
    assert place.watchdog.hears(place.now_ms)
    place.live(10 * SECOND)
    assert place.remedies == []
    place.silence_until("deaf", MINUTE)


def test_no_radio_at_all_is_deaf_once_one_had_time_to_be_found():
    watchdog = Watchdog(0)
    assert watchdog.hears(START_MS - 1)
    assert not watchdog.hears(START_MS)
    watchdog.condition(START_MS, NAME, RadioCondition("scanning"))
    assert watchdog.hears(START_MS)


def test_one_deaf_radio_of_two_is_told_and_leaves_the_gateway_hearing():
    place = RadioPlace()
    for _ in range(100):
        place.live(SECOND, always)
        place.watchdog.heard(place.now_ms, "dongle")
    for _ in range(60):
        place.live(SECOND)
        place.watchdog.heard(place.now_ms, "dongle")
    states = {radio.name: radio.state for radio in place.watchdog.radios(place.now_ms)}
    assert states == {NAME: "deaf", "dongle": "scanning"}
    assert place.watchdog.hears(place.now_ms)
    assert {remedy.radio for _, remedy in place.remedies} == {NAME}


@given(st.lists(st.tuples(st.integers(0, 2 * HOUR), EVENTS), max_size=200))
def test_whatever_happens_no_radio_is_restarted_more_often_than_every_floor(happened):
    place = RadioPlace(has_canary=True)
    for after_ms, event in happened:
        place.now_ms += after_ms
        if event in ("advert", "canary"):
            place.hear_canary() if event == "canary" else place.hear()
        else:
            place.says(event)
        place.tick()
        place.tick()
        (radio,) = place.watchdog.radios(place.now_ms)
        assert radio.state != "deaf" or not place.watchdog.hears(place.now_ms)
    times = [at_ms for at_ms, _ in place.remedies]
    assert all(b - a >= FLOOR_MS for a, b in itertools.pairwise(times))


@given(st.lists(st.integers(0, 30 * MINUTE), min_size=ENOUGH, max_size=300))
def test_the_usual_silence_is_the_longest_of_20_minutes_and_of_64_seconds_at_least(lengths):
    silences, now_ms, kept = Silences(), 0, []
    for length_ms in lengths:
        now_ms += SECOND + length_ms
        silences.note(now_ms, length_ms)
        kept.append((now_ms, length_ms))
    recent = [length for at, length in kept if at >= now_ms - RECENT_MS]
    recent += [length for _, length in kept[-RECENT_COUNT:]]
    assert silences.usual_ms == max(recent)
    assert silences.longest_ms(now_ms) == max(lengths)


def test_a_burst_of_advertisements_weighs_no_more_than_one():
    silences = Silences()
    for _ in range(1000):
        silences.note(0, 0)
    assert silences.usual_ms is None


def test_a_silence_of_more_than_eight_days_ago_is_forgotten():
    silences = Silences()
    silences.note(0, HOUR)
    assert silences.longest_ms(8 * 24 * HOUR) == HOUR
    assert silences.longest_ms(8 * 24 * HOUR + HOUR) == 0
