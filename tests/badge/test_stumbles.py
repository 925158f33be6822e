"""A badge that keeps going down: it says so, spares its cell, and never stays silent."""

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from badge.boards import esp32_generic as board
from badge.faults import PARTS, Faults
from badge.stumbles import WEAK, Stumbles
from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.lockstep.single import LockstepBadge
from tests.badge.vm_badge import advertised
from wire.frame import KIND_SOS, PHASE_RAISED

MINUTE_MS = 60_000


class Store:
    """A key-value store that keeps, or one that is broken."""

    def __init__(self, *, broken: bool = False) -> None:
        self.values: dict[str, int] = {}
        self._broken = broken

    def get_i32(self, key: str) -> int:
        if self._broken or key not in self.values:
            raise OSError(-0x1102)
        return self.values[key]

    def set_i32(self, key: str, value: int) -> None:
        if self._broken:
            raise OSError(-0x1105)
        self.values[key] = value

    def commit(self) -> None:
        pass


@given(st.integers(1, 60))
def test_it_rests_ever_longer_but_never_more_than_half_a_minute(starts: int) -> None:
    store = Store()
    rests = [Stumbles(store, slept=False).rest_ms() for _ in range(starts)]
    assert rests[: WEAK + 1] == [0] * min(starts, WEAK + 1)
    assert rests == sorted(rests)
    assert max(rests) <= 32_000


def test_what_slept_by_itself_stands_again() -> None:
    store = Store()
    for _ in range(WEAK):
        last = Stumbles(store, slept=False)
    assert last.weak
    assert Stumbles(store, slept=True).count == WEAK
    last.steady()
    assert not Stumbles(store, slept=False).weak


def test_a_store_that_is_broken_stops_nothing() -> None:
    for _ in range(10):
        stumbles = Stumbles(Store(broken=True), slept=False)
        stumbles.steady()
        assert stumbles.rest_ms() == 0


@given(st.lists(st.tuples(st.sampled_from(PARTS), st.booleans())))
def test_there_is_a_fault_while_any_part_has_one(told: list[tuple[str, bool]]) -> None:
    faults, broken = Faults(), set[str]()
    for part, is_broken in told:
        assert faults.set(part, is_broken) == (is_broken != (part in broken))
        (broken.add if is_broken else broken.discard)(part)
        assert faults.any == bool(broken)
        assert Faults(faults.bits).any == faults.any


# -- the real firmware ----------------------------------------------------------


def motor_runs(badge: LockstepBadge) -> bool:
    return any(s.words == ("pin", str(board.MOTOR), "1") for s in badge.said)


def test_an_alert_goes_on_over_brown_outs_with_a_fault_and_a_rest(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000, after_ms=500)
        badge.run(5_000)
        frames, rests = [], []
        for _ in range(12):
            badge.said.clear()
            badge.restart(brown_out=True)
            badge.run(40_000)  # the longest rest, and a frame after it
            frames += advertised(badge.said, ear)
            rests += [int(s.words[1]) for s in badge.said if s.words[0] == "deepsleep"]
            assert not motor_runs(badge)
            assert advertised(badge.said, ear), "silent"
        assert {(h.report.kind, h.report.phase) for h in frames} == {(KIND_SOS, PHASE_RAISED)}
        assert frames[-1].report.fault
        assert rests == [1_000 << at for at in range(6)] + [32_000] * (len(rests) - 6)
        assert all(a.counter <= b.counter for a, b in itertools.pairwise(frames))
        assert badge_files.read("log.1").decode().count("fault: power") == 1


def test_a_badge_that_stood_for_a_minute_is_well_again(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000, after_ms=500)
        badge.run(5_000)
        for _ in range(WEAK):
            badge.restart(brown_out=True)
            badge.run(2_000)
        assert advertised(badge.said, ear)[-1].report.fault
        badge.run(MINUTE_MS + 10_000)
        assert not advertised(badge.said, ear)[-1].report.fault
        badge.said.clear()
        badge.press(for_ms=2_000)
        badge.run(5_000)
        assert motor_runs(badge)


def test_a_press_ends_the_rest_of_a_badge_that_stumbles(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        for _ in range(12):
            badge.restart(brown_out=True)
            badge.run(1)
        badge.run(1_000)
        assert badge.said[-1].words[0] == "deepsleep"
        badge.said.clear()
        badge.press(for_ms=2_000)
        badge.run(1_600)
        assert advertised(badge.said, ear)[-1].report.kind == KIND_SOS


def test_ordinary_power_ons_are_no_stumbles(badge_files: BadgeFiles, ear: Ear) -> None:
    for _ in range(2 * WEAK):
        with LockstepBadge(badge_files) as badge:
            badge.run(10_000)  # it says its heartbeat, and sleeps
            assert not advertised(badge.said, ear)[-1].report.fault
    assert json.loads(badge_files.nvs.read_text())["tocsin"]["starts"] == 0


def test_no_counter_is_used_twice_when_the_rtcs_memory_outlives_a_crash(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.run(3 * MINUTE_MS)
        assert badge.said[-1].words[0] == "deepsleep"
        badge.press(for_ms=2_000)
        badge.run(3_000)  # awake, past the counters that were kept, and with more to tell
        badge.restart()
        badge.run(2_000)
        reports: dict[int, object] = {}
        for heard in advertised(badge.said, ear):
            assert reports.setdefault(heard.counter, heard) == heard
