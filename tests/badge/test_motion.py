"""Man down: what is found, what is left alone, and how often."""

import itertools
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.motion import FALL, STILL, TILT, Motion
from badge.upright import cosine_1024
from simulator.daily_living import drop_the_badge, lie_down, run, sit_down_hard, walk, working_day
from simulator.falls import FALLS, HARD_FALLS, fall_forward, get_up, sink_to_the_floor, slump
from simulator.falls import stay_down as stay
from simulator.motion import PERIOD_MS, Placement, Posture, Sample, Wearer, recording
from simulator.vm_script import run_script

HERE = Path(__file__).parent
RECORDINGS = HERE.parent / "data" / "motion"
WORN = (Placement.LANYARD, Placement.BELT)
HOUR_S = 3600

force = st.integers(-8192, 8192)
samples = st.lists(st.tuples(st.integers(0, 3000), force, force, force), max_size=200)


def alarms(motion: Motion, felt: Iterable[Sample]) -> list[tuple[int, int]]:
    """(when, event), times as in the samples."""
    found = ((sample.at_ms, motion.step(*sample)) for sample in felt)
    return [(at_ms, event) for at_ms, event in found if event]


def walked(wearer: Wearer, **settings: int) -> Motion:
    """A detector that has seen its wearer walk."""
    motion = Motion(**settings)
    assert alarms(motion, walk(wearer, wearer.rng.uniform(20, 60))) == []
    return motion


def resting(seconds: float, *gravity: int, start_ms: int = 0) -> Iterator[Sample]:
    for at in range(int(seconds * 1000) // PERIOD_MS):
        yield Sample(start_ms + (at + 1) * PERIOD_MS, *gravity)


# -- whatever it is fed ---------------------------------------------------------


@given(samples, st.booleans())
def test_any_samples_at_any_times_are_taken(
    fed: list[tuple[int, int, int, int]], charging: bool
) -> None:
    motion = Motion(still_ms=1_000)
    motion.set_charging(charging)
    now_ms = 0
    for after_ms, x, y, z in fed:
        now_ms += after_ms
        event = motion.step(now_ms, x, y, z)
        assert event in (0, FALL, TILT, STILL)
        assert not (charging and event)


@given(st.integers(0, 0x3FFF_FFFF), st.integers(0, 2**32))
def test_a_clock_that_wraps_changes_nothing(start: int, seed: int) -> None:
    wearer = Wearer(Placement.BELT, seed)
    fall = [*walk(wearer, 15), *fall_forward(wearer), *stay(wearer, 12)]
    straight, wrapping = Motion(), Motion()
    for at_ms, x, y, z in fall:
        wrapped_ms = (start + at_ms) & 0x3FFF_FFFF
        assert straight.step(at_ms, x, y, z) == wrapping.step(wrapped_ms, x, y, z)


@pytest.mark.parametrize("degrees", range(0, 91, 5))
def test_the_cosine_is_right_within_two_thousandths(degrees: int) -> None:
    right = [1024, 1020, 1008, 989, 962, 928, 887, 839, 784, 724, 658, 587, 512, 433, 350, 265]
    right += [178, 89, 0]
    assert abs(cosine_1024(degrees) - right[degrees // 5]) <= 2


# -- what is promised, by rates -------------------------------------------------


@pytest.mark.parametrize("name", HARD_FALLS)
def test_of_hard_falls_after_which_nobody_gets_up_95_in_100_are_found(name: str) -> None:
    found = 0
    for placement, seed in itertools.product(WORN, range(30)):
        wearer = Wearer(placement, 7_000 + seed)
        motion = walked(wearer)
        found += bool(alarms(motion, itertools.chain(FALLS[name](wearer), stay(wearer, 40))))
    assert found >= 0.95 * 60


def test_a_hard_fall_is_told_once_and_within_15_s() -> None:
    for seed in range(20):
        wearer = Wearer(Placement.BELT, seed)
        motion = walked(wearer)
        start_ms = wearer.at_ms
        told = alarms(motion, itertools.chain(fall_forward(wearer), stay(wearer, 120)))
        assert [event for _, event in told] == [FALL]
        assert told[0][0] - start_ms < 15_000


def test_a_mixed_working_day_has_less_than_one_false_alarm() -> None:
    told = []
    for placement, seed in itertools.product(WORN, (1, 2)):
        wearer = Wearer(placement, 31 * seed)
        told += alarms(Motion(), working_day(wearer, 2 * HOUR_S))
    assert told == [], "in 8 h"


def test_who_gets_up_within_seconds_raises_no_alarm() -> None:
    told = 0
    for seed, fall in enumerate(list(FALLS.values()) * 4):
        wearer = Wearer(WORN[seed % 2], 500 + seed)
        motion = walked(wearer)
        told += bool(alarms(motion, itertools.chain(fall(wearer), get_up(wearer))))
    assert told <= 1


def test_running_hard_seats_and_a_dropped_badge_are_no_falls() -> None:
    for seed, activity in enumerate((run, drop_the_badge, lie_down)):
        wearer = Wearer(WORN[seed % 2], seed)
        assert alarms(walked(wearer), activity(wearer, 900)) == []
    wearer = Wearer(Placement.BELT, 9)
    assert len(alarms(walked(wearer), sit_down_hard(wearer, 900))) <= 4


# -- posture --------------------------------------------------------------------


def test_lying_is_told_after_a_minute_and_once() -> None:
    for seed in range(10):
        wearer = Wearer(WORN[seed % 2], seed)
        motion = walked(wearer)
        start_ms = wearer.at_ms
        told = alarms(motion, [*sink_to_the_floor(wearer), *wearer.hold(200, 0.03)])
        assert [event for _, event in told] == [TILT]
        assert 60_000 <= told[0][0] - start_ms <= 70_000


def test_who_gets_up_and_lies_down_again_is_told_again() -> None:
    wearer = Wearer(Placement.BELT, 3)
    motion = walked(wearer)
    for _ in range(2):
        felt = [*sink_to_the_floor(wearer), *wearer.hold(80, 0.03), *walk(wearer, 60)]
        assert [event for _, event in alarms(motion, felt)] == [TILT]


def test_posture_tells_nothing_before_anybody_has_walked() -> None:
    motion = Motion()
    felt = [*resting(10, 0, 0, 1000), *resting(300, 1000, 0, 0, start_ms=10_000)]
    assert alarms(motion, felt) == []


def test_a_badge_put_on_another_way_round_learns_it() -> None:
    before, after = Wearer(Placement.BELT, 1), Wearer(Placement.BELT, 2)
    motion = Motion()
    felt = list(walk(before, 60))
    after.at_ms = before.at_ms
    felt += [*walk(after, 60), *after.take(Posture.SITTING, 1), *after.hold(300, 0.03)]
    assert alarms(motion, felt) == []


def test_what_was_upright_can_be_kept_over_a_sleep() -> None:
    wearer = Wearer(Placement.BELT, 5)
    direction = walked(wearer).upright.direction
    assert direction is not None
    motion = Motion()
    motion.upright.teach(*direction)
    felt = [*sink_to_the_floor(wearer), *wearer.hold(70, 0.03)]
    assert [event for _, event in alarms(motion, felt)] == [TILT]


# -- stillness ------------------------------------------------------------------


def test_no_movement_is_told_only_where_it_is_asked_for() -> None:
    for seed in range(6):
        wearer = Wearer(WORN[seed % 2], seed)
        felt = [*walk(wearer, 30), *slump(wearer)]
        down_ms = wearer.at_ms
        felt += wearer.hold(200, 0.002)
        assert alarms(Motion(), felt) == []
        [(at_ms, event)] = alarms(Motion(still_ms=120_000), felt)
        assert event == STILL
        assert 118_000 <= at_ms - down_ms <= 125_000


def test_a_pause_in_the_samples_is_not_stillness() -> None:
    motion = Motion(still_ms=60_000)
    felt = [*resting(30, 0, 0, 1000), *resting(59, 0, 0, 1000, start_ms=10_000_000)]
    assert alarms(motion, felt[: 30 * 50]) == []
    told = alarms(motion, felt[30 * 50 :])
    assert [at_ms // 100 for at_ms, _ in told] == [100_300]


def test_moving_ends_five_seconds_after_the_last_movement() -> None:
    wearer = Wearer(Placement.BELT, 1)
    motion = walked(wearer)
    assert motion.moving
    alarms(motion, resting(4, 0, 0, 1000, start_ms=wearer.at_ms))
    assert motion.moving
    alarms(motion, resting(4, 0, 0, 1000, start_ms=wearer.at_ms + 4_000))
    assert not motion.moving
    assert 3_000 <= motion.still_for_ms <= 8_000


def test_a_badge_may_rest_only_when_nothing_is_under_way() -> None:
    wearer = Wearer(Placement.BELT, 1)
    motion = walked(wearer)
    alarms(motion, wearer.hold(90, 0.001))
    assert motion.may_rest
    alarms(motion, sink_to_the_floor(wearer))
    alarms(motion, wearer.hold(30, 0.001))
    assert not motion.may_rest


# -- charging -------------------------------------------------------------------


def test_nothing_is_told_on_the_charger_and_nothing_of_it_afterwards() -> None:
    wearer = Wearer(Placement.BELT, 1)
    motion = walked(wearer, still_ms=60_000)
    fall = list(fall_forward(wearer))
    assert alarms(motion, fall) == []
    motion.set_charging(True)
    assert alarms(motion, wearer.hold(300, 0.002)) == []
    motion.set_charging(False)
    told = alarms(motion, wearer.hold(300, 0.002))
    assert FALL not in [event for _, event in told]


# -- recordings of real people --------------------------------------------------


@pytest.mark.parametrize("name", ["walking", "sitting_down"])
def test_a_recording_of_daily_living_raises_no_alarm(name: str) -> None:
    assert alarms(Motion(), recording(RECORDINGS / f"{name}.csv")) == []


def test_upright_is_learnt_from_a_recording_of_walking() -> None:
    motion = Motion()
    alarms(motion, recording(RECORDINGS / "walking.csv"))
    direction = motion.upright.direction
    assert direction is not None
    x, y, z = direction
    assert y < -950
    assert max(abs(x), abs(z)) < 250


# -- on MicroPython -------------------------------------------------------------


def test_micropython_tells_the_same_and_allocates_nothing(tmp_path: Path) -> None:
    rng = random.Random(1)
    wearer = Wearer(Placement.LANYARD, 11)
    felt = [*walk(wearer, 30), *fall_forward(wearer), *stay(wearer, 80), *get_up(wearer)]
    felt += [Sample(wearer.at_ms + 20 * n, *(rng.randint(-8192, 8192),) * 3) for n in range(1, 500)]
    file = tmp_path / "felt.csv"
    file.write_text("".join(f"{s.at_ms},{s.x},{s.y},{s.z}\n" for s in felt))
    said = run_script(HERE / "motion_without_heap.py", file).split()
    here = alarms(Motion(), felt)
    assert here
    assert said == [*(f"{at_ms}:{event}" for at_ms, event in here), "0"]


def test_stillness_that_was_told_is_not_told_again_after_a_sleep() -> None:
    motion = Motion(still_ms=120_000)
    motion.go_on_resting()
    told = [motion.step(at * PERIOD_MS, 0, 0, 1000) for at in range(300_000 // PERIOD_MS)]
    assert not any(told)
