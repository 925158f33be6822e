"""A fall, from the accelerometer's registers to the air, in the real firmware."""

import itertools
import struct
from collections.abc import Iterable

from badge.boards import esp32_generic as board
from simulator.badge_files import BadgeFiles
from simulator.daily_living import walk
from simulator.ear import Ear
from simulator.falls import fall_forward, stay_down
from simulator.lockstep.single import LockstepBadge
from simulator.motion import PERIOD_MS, Placement, Sample, Wearer
from simulator.vm_process import HEAP_BYTES
from tests.badge.vm_badge import advertised
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from wire.frame import (
    KIND_MAN_DOWN,
    KIND_SOS,
    PHASE_CANCELLED,
    PHASE_PENDING,
    PHASE_RAISED,
)

CHUNK = 100
QUEUE_BYTES = 64 * 1024  # what the stand-in for the accelerometer keeps; a board has it in silicon
WALK_S = 40.0
DOWN_S = 40.0


def worn(files: BadgeFiles) -> LockstepBadge:
    """A badge that watches for falls, on somebody who has walked and then fell."""
    files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, man_down=True)
    badge = LockstepBadge(files, heap=HEAP_BYTES + QUEUE_BYTES)
    badge.send(f"i2c {board.ACCELEROMETER_ADDRESS:02x} lis2dw12")
    wearer = Wearer(Placement.LANYARD, 1)
    feel(
        badge,
        itertools.chain(walk(wearer, WALK_S), fall_forward(wearer), stay_down(wearer, DOWN_S)),
    )
    return badge


def feel(badge: LockstepBadge, samples: Iterable[Sample]) -> None:
    felt = list(samples)
    for at in range(0, len(felt), CHUNK):
        chunk = felt[at : at + CHUNK]
        words = b"".join(struct.pack("<3h", sample.x, sample.y, sample.z) for sample in chunk)
        badge.send(f"accels {words.hex()}", after_ms=1_000 + at * PERIOD_MS)


def test_a_fall_is_pending_and_rings_after_thirty_seconds(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with worn(badge_files) as badge:
        heard = advertised(badge.run(int(1000 * (WALK_S + DOWN_S)) + 60_000), ear)
        told = [h.report.phase for h in heard if h.report.kind == KIND_MAN_DOWN]
        assert told[0] == PHASE_PENDING
        assert told[-1] == PHASE_RAISED
        assert any(h.report.moving for h in heard)


def test_a_press_cancels_and_a_hold_calls_all_the_same(badge_files: BadgeFiles, ear: Ear) -> None:
    with worn(badge_files) as badge:
        while not any(h.report.phase == PHASE_PENDING for h in advertised(badge.run(5_000), ear)):
            assert badge.now_ms < 200_000, "the fall was not found"
        badge.press()
        assert advertised(badge.run(2_000), ear)[-1].report.phase == PHASE_CANCELLED
        badge.press(for_ms=2_000)
        report = advertised(badge.run(5_000), ear)[-1].report
        assert (report.kind, report.phase) == (KIND_SOS, PHASE_RAISED)


def test_a_missing_accelerometer_is_a_fault_and_the_button_works(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    badge_files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, man_down=True)
    with LockstepBadge(badge_files) as badge:
        badge.run(3_000)
        badge.press(for_ms=2_000)
        report = advertised(badge.run(3_000), ear)[-1].report
        assert (report.kind, report.fault) == (KIND_SOS, True)


def test_a_badge_that_lies_still_sleeps_and_a_movement_wakes_it(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    badge_files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, man_down=True)
    with LockstepBadge(badge_files) as badge:
        badge.send(f"i2c {board.ACCELEROMETER_ADDRESS:02x} lis2dw12")
        badge.run(5 * 60_000)
        assert badge.said[-1].words[0] == "deepsleep"
        boots = badge.boots
        wearer = Wearer(Placement.LANYARD, 2)
        fall = itertools.chain(
            walk(wearer, WALK_S), fall_forward(wearer), stay_down(wearer, DOWN_S)
        )
        feel(badge, fall)
        heard = advertised(badge.run(int(1000 * (WALK_S + DOWN_S)) + 60_000), ear)
        assert badge.boots > boots
        assert heard[-1].report.kind == KIND_MAN_DOWN


def test_an_accelerometer_that_breaks_while_the_badge_rests_starves_nothing(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    badge_files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, man_down=True)
    with LockstepBadge(badge_files) as badge:
        badge.send(f"i2c {board.ACCELEROMETER_ADDRESS:02x} lis2dw12")
        badge.run(5 * 60_000)
        assert badge.said[-1].words[0] == "deepsleep"
        badge.send(f"i2c {board.ACCELEROMETER_ADDRESS:02x} -")
        badge.run(3 * 60_000)
        badge.press(for_ms=2_000)
        said = badge.run(5_000)
        report = advertised(said, ear)[-1].report
        assert (report.kind, report.fault) == (KIND_SOS, True)
        assert ("pin", str(board.MOTOR), "1") in [s.words for s in said]
