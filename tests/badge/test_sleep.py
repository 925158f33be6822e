"""Deep sleep: the badge is off nearly always, and nobody can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge import core, kept, phases
from badge.charger import Charger
from badge.core import Core
from badge.journal import Journal
from badge.power import percent
from badge.surroundings import Surroundings
from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.lockstep.single import LockstepBadge
from tests.badge.vm_badge import advertised, command, felt
from wire.command import OP_DELIVERED, OP_TIME, OP_VISIT_TIMER
from wire.frame import (
    KIND_CHECK_IN,
    KIND_GOING_OFF,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_IDLE,
    PHASE_RAISED,
    minute_of,
)

UNIX_S = 1_754_882_787
MINUTE_MS = 60_000


def test_an_idle_badge_boots_for_each_heartbeat_and_speaks_once_a_minute(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        heard = advertised(badge.run(60 * MINUTE_MS), ear)
        assert 55 <= len(heard) <= 61
        assert 55 <= badge.boots <= 61
        counters = [h.counter for h in heard]
        assert counters == list(range(counters[0], counters[0] + len(counters)))


def test_heartbeats_write_nothing_to_flash(badge_files: BadgeFiles) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(5 * MINUTE_MS)
        said = badge.run(60 * MINUTE_MS)
        assert [s for s in said if s.words[0] == "flash"] == []


def test_the_clock_outlives_sleep(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files, unix_s=UNIX_S) as badge:
        heard = advertised(badge.run(30 * MINUTE_MS), ear)
        assert heard[-1].report.minute == minute_of(UNIX_S + 29 * 60)


def test_a_touch_of_a_sleeping_badge_is_a_test_press(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(30_000)
        badge.press(for_ms=60)  # over before the processor has started
        heard = advertised(badge.run(5_000), ear)
        assert heard[-1].report.kind == KIND_TEST


@pytest.mark.parametrize("every_ms", [130, 160, 205, 300])
def test_three_quick_presses_call_also_when_a_start_hides_one(
    badge_files: BadgeFiles, ear: Ear, every_ms: int
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(30_000)
        for at in range(3):
            badge.press(for_ms=60, after_ms=at * every_ms)
        heard = advertised(badge.run(2_000), ear)
        assert heard[-1].report.kind == KIND_SOS


def test_a_hold_that_begins_asleep_is_on_the_air_1500_ms_after_the_finger(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(30_000)
        badge.press(for_ms=2_000)
        heard = advertised(badge.run(1_500), ear)
        assert heard[-1].report.kind == KIND_SOS


def test_a_check_in_from_sleep_is_no_call(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(30_000)
        badge.press(for_ms=100)
        badge.press(for_ms=100, after_ms=400)
        heard = advertised(badge.run(5_000), ear)
        assert heard[-1].report.kind == KIND_CHECK_IN


def test_every_heartbeat_tells_the_battery(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        heard = advertised(badge.run(5 * MINUTE_MS), ear)
        assert {h.report.battery for h in heard} == {percent(3_900)}


def test_one_wrong_measurement_after_a_wake_switches_nothing_off(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(3 * MINUTE_MS)
        badge.send("adc 34 1600000")
        badge.send("adc 34 1950000", after_ms=MINUTE_MS)
        heard = advertised(badge.run(10 * MINUTE_MS), ear)
        assert {h.report.kind for h in heard} == {KIND_STATUS}
        assert {h.report.battery for h in heard} == {percent(3_900)}


def test_a_low_battery_is_told_once_and_not_with_every_wake(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.send("adc 34 1850000")  # 3.7 V: 12 %
        heard = advertised(badge.run(20 * MINUTE_MS), ear)
        assert heard[-1].report.battery == percent(3_700)
        assert heard[-1].counter - heard[0].counter <= 21


def test_a_fault_outlives_sleep(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=100, after_ms=1_000)
        badge.run(40_000)  # a test with a receiver that says nothing, for its 30 s
        heard = advertised(badge.run(10 * MINUTE_MS), ear)
        assert badge.boots > 5
        assert heard[-1].report.fault


def test_the_visit_timer_runs_on_in_sleep(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=100, after_ms=1_000)
        badge.run(5_000)
        command(badge, ear, OP_DELIVERED)
        badge.run(1_000)
        command(badge, ear, OP_VISIT_TIMER, (10).to_bytes(2, "little"))
        badge.run(60_000)
        quiet = felt(badge.run(6 * MINUTE_MS))
        assert quiet == []
        assert badge.boots > 3
        assert felt(badge.run(2 * MINUTE_MS)) == [("reminder",)]
        assert felt(badge.run(2 * MINUTE_MS)) == [("overdue",)]


def test_a_recorded_time_is_refused_after_sleep_too(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=100, after_ms=1_000)
        badge.run(5_000)
        command(badge, ear, OP_TIME, UNIX_S.to_bytes(4, "little"))
        badge.run(1_000)
        (written,) = [s for s in badge.said if s.words[0] == "rtc"]
        recorded = badge.written[-1]
        badge.run(30 * MINUTE_MS)
        badge.press(for_ms=60)
        badge.run(1_000)
        badge.send("connect 1 010203040506")
        badge.send(recorded)
        badge.run(1_000)
        assert [s for s in badge.said if s.words[0] == "rtc"] == [written]


def test_an_alert_keeps_the_badge_awake(badge_files: BadgeFiles) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000, after_ms=1_000)
        badge.run(5_000)
        boots = badge.boots
        badge.run(10 * MINUTE_MS)
        assert badge.boots == boots


def test_the_charger_is_watched_while_the_badge_is_on_it_and_ten_seconds_more() -> None:
    charger = Charger()
    charger.step(0, True)
    assert charger.watching(3_600_000)
    charger.step(3_600_000, False)
    assert charger.watching(3_609_000)
    assert not charger.watching(3_611_000)


def test_an_empty_battery_says_farewell_and_sleeps_until_pressed(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(3_000)
        badge.send("adc 34 1600000")  # 3.2 V at the cell
        kinds = [h.report.kind for h in advertised(badge.run(6 * MINUTE_MS), ear)]
        assert KIND_GOING_OFF in kinds
        assert badge.said[-1].words == ("deepsleep", "-1")
        assert advertised(badge.run(60 * MINUTE_MS), ear) == []
        badge.press(for_ms=2_000)
        kinds = [h.report.kind for h in advertised(badge.run(5_000), ear)]
        assert KIND_SOS in kinds


def test_an_alert_does_not_end_for_an_empty_battery() -> None:
    badge = Core(Journal())
    badge.start(0)
    badge.step(1, phases.SOS)
    effects = badge.step(2, phases.BATTERY, (1, False))
    assert core.SWITCH_OFF not in [effect[0] for effect in effects]
    assert badge.phase != 0
    assert badge.event == 1


@pytest.mark.parametrize("visit", [False, True])
def test_a_visit_or_alert_refuses_the_switch(visit: bool) -> None:
    badge = Core(Journal(visit=visit))
    badge.start(0)
    if not visit:
        badge.step(1, phases.SOS)
    before = badge.event
    badge.step(2, phases.GO_OFF)
    assert badge.event == before


def test_an_empty_cell_says_farewell_during_a_visit_too() -> None:
    badge = Core(Journal(visit=True))
    badge.start(0)
    for now_ms in (1, 2):
        badge.step(now_ms, phases.BATTERY, (1, False))
    assert badge.event == 1


def test_a_charger_plugged_in_three_times_within_ten_seconds_switches_off() -> None:
    charger = Charger()
    turns = [(0, False), (1, True), (2, False), (3, True), (4, False), (5, True)]
    assert not any(charger.step(1000 * second, on) for second, on in turns)
    assert charger.step(6_000, False)


@given(st.lists(st.integers(4_000, 60_000), min_size=2, max_size=20))
def test_ordinary_charging_never_switches_off(gaps_ms: list[int]) -> None:
    charger, now_ms = Charger(), 0
    for at, gap_ms in enumerate(gaps_ms):
        now_ms += gap_ms
        assert not charger.step(now_ms, at % 2 == 0)


@pytest.mark.parametrize("percent", [None, 4, 50, 100])
def test_a_battery_that_is_not_empty_is_no_farewell(percent: int | None) -> None:
    badge = Core(Journal())
    badge.start(0)
    badge.step(1, phases.BATTERY, (percent, False))
    assert badge.event == 0


def test_a_low_battery_and_the_charger_are_told_at_once() -> None:
    badge = Core(Journal())
    badge.start(0)
    badge.step(1_000, phases.BATTERY, (50, False))
    for now_ms, level, charging in ((2_000, 14, False), (3_000, 14, True), (4_000, 15, False)):
        effects = badge.step(now_ms, phases.BATTERY, (level, charging))
        (report,) = [e[2] for e in effects if e[0] == core.ADVERTISE]
        assert (report.kind, report.battery, report.charging) == (KIND_STATUS, level, charging)


def test_off_duty_heartbeats_come_every_ten_minutes() -> None:
    badge = Core(Journal())
    badge.start(0)
    badge.step(0, phases.MOTION, False)
    beats = []
    now_ms = 0
    while now_ms < 3 * 3_600_000:
        now_ms = badge.deadline()
        beats += [now_ms for e in badge.step(now_ms, phases.TICK) if e[0] == core.ADVERTISE]
    first_hour = [at for at in beats if at < 3_600_000]
    third_hour = [at for at in beats if at >= 2 * 3_600_000]
    assert 58 <= len(first_hour) <= 60
    assert 5 <= len(third_hour) <= 7


def test_a_visit_is_duty_whatever_the_sensor_says() -> None:
    here = Surroundings(True, False)
    here.move(0, False)
    assert not here.on_duty(4_000_000)
    badge = Core(Journal(visit=True, kind=KIND_CHECK_IN))
    badge.start(0)
    badge.step(0, phases.MOTION, False)
    badge.step(5_000_000, phases.TICK)
    assert badge.deadline() <= 5_000_000 + 60_000


kepts = st.builds(
    lambda **fields: _kept(fields),
    first=st.integers(0, 2**32 - 1),
    counter=st.integers(0, 2**32 - 1),
    beats=st.integers(0, 65535),
    remind_ms=st.integers(-1, 2**31 - 1),
    over_ms=st.integers(-1, 2**31 - 1),
    proven=st.integers(0, 2**32 - 1),
    position=st.one_of(
        st.none(),
        st.tuples(
            st.integers(-90_000_000, 90_000_000),
            st.integers(-180_000_000, 180_000_000),
            st.one_of(st.none(), st.integers(0, 32767)),
        ),
    ),
    still_ms=st.integers(-1, 2**31 - 1),
    upright=st.one_of(st.none(), st.tuples(*[st.integers(-2000, 2000)] * 3)),
    cell=st.integers(0, 65535),
    reserve=st.integers(0, 2),
    faults=st.integers(0, 255),
    event=st.integers(0, 65535),
    visit=st.booleans(),
)


def _kept(fields: dict[str, object]) -> kept.Kept:
    made = kept.Kept()
    made.__dict__.update(fields)
    made.position_age_ms = -1 if made.position is None else 5_000
    made.answered = [0, 0, 0, 0, 0, 5, 6, 7]
    return made


@given(kepts, st.integers(0, 2**32 - 1))
def test_what_is_kept_comes_back(before: kept.Kept, asleep_at_s: int) -> None:
    after = kept.decode(kept.encode(before, asleep_at_s))
    assert after is not None
    assert after[1] == asleep_at_s
    assert after[0].__dict__ == before.__dict__


@given(st.binary(max_size=100))
def test_any_memory_is_kept_or_none(memory: bytes) -> None:
    kept.decode(memory)


@given(kepts)
def test_what_belongs_to_another_life_is_not_believed(foreign: kept.Kept) -> None:
    badge = Core(Journal(bound=1000), kept=foreign, slept_ms=1)
    (advertise,) = [e for e in badge.start(0) if e[0] == core.ADVERTISE]
    assert advertise[1] >= 1000 or foreign.first == 1000


@given(st.integers(1, 5), st.booleans())
def test_a_badge_whose_flash_takes_nothing_uses_no_number_twice(sleeps: int, new: bool) -> None:
    on_flash = Journal() if new else Journal(bound=2000, event=7)
    events, counters, memory = [on_flash.event], [on_flash.bound - 1], None
    for _ in range(sleeps):
        badge = Core(on_flash, kept=memory, slept_ms=MINUTE_MS)
        effects = badge.start(0) + badge.step(1_000, phases.SINGLE)
        effects += badge.step(40_000, phases.TICK)  # nobody answers
        counters += [effect[1] for effect in effects if effect[0] == core.ADVERTISE]
        events.append(badge.event)
        memory = badge.suspend(50_000)
    assert events == list(range(events[0], events[0] + sleeps + 1))
    assert counters == list(range(counters[0], counters[0] + len(counters)))


def test_a_badge_that_slept_has_no_event_open_whatever_a_worn_flash_says() -> None:
    asleep = Core(Journal(bound=2000, event=7))
    asleep.start(0)
    memory = asleep.suspend(1_000)
    on_flash = Journal(bound=2000, event=7, kind=KIND_SOS, phase=PHASE_RAISED)
    assert Core(on_flash, kept=memory, slept_ms=MINUTE_MS).phase == PHASE_IDLE
    assert Core(on_flash).phase == PHASE_RAISED
