"""The real firmware on flash that loses power, is damaged, worn, or full."""

import json
import shutil
from pathlib import Path

import pytest
from littlefs.errors import LittleFSError

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear, Heard
from simulator.lockstep.single import LockstepBadge
from tests.badge.vm_badge import advertised, command
from wire.command import (
    OP_ACKNOWLEDGED,
    OP_HEARD,
)
from wire.frame import (
    KIND_SOS,
    KIND_TEST,
    PHASE_ACKNOWLEDGED,
    PHASE_RAISED,
)

UNIX_S = 1_754_882_787


class Life:
    """One badge over many power-ons: what its neighbours heard and its wearer felt."""

    def __init__(self, files: BadgeFiles, ear: Ear) -> None:
        self.files = files
        self.ear = ear
        self.heard: list[Heard] = []

    def power_on(self, cut_at: int, script: str) -> str:
        """One power-on of a raise-to-acknowledge script; how it stopped."""
        with LockstepBadge(self.files, cut_at=cut_at) as badge:
            badge.run(500)
            if script == "sos":
                badge.press(for_ms=1_600)
                badge.run(2_000)
                if not badge.stopped:
                    command(badge, self.ear, OP_HEARD)
                    badge.run(1_000)
                if not badge.stopped:
                    command(badge, self.ear, OP_ACKNOWLEDGED, b"\xff")
                    badge.run(1_000)
            self.heard += advertised(badge.said, self.ear)
            return badge.stopped

    def check(self) -> None:
        reports: dict[int, Heard] = {}
        for heard in self.heard:
            known = reports.setdefault(heard.counter, heard)
            assert known == heard, f"counter {heard.counter} speaks twice"


def test_a_press_survives_a_power_cut_at_every_flash_write(
    badge_files: BadgeFiles, ear: Ear, tmp_path: Path
) -> None:
    cut_at = 0
    stopped = "cut"
    while stopped == "cut":
        cut_at += 1
        files = BadgeFiles(tmp_path / f"cut-{cut_at}")
        shutil.copytree(badge_files.directory, files.directory)
        life = Life(files, ear)
        stopped = life.power_on(cut_at, "sos")
        told = [h.report for h in life.heard if h.report.kind == KIND_SOS]
        life.power_on(0, "boot")
        life.check()
        after = life.heard[-1].report
        if told:
            # What was on the air once is never forgotten, nor is a stage taken back.
            assert after.event == told[-1].event
            assert PHASE_RAISED <= told[-1].phase <= after.phase <= PHASE_ACKNOWLEDGED
            assert after.kind == KIND_SOS
    assert stopped == ""
    assert cut_at > 5, "the script hardly writes: nothing was proved"


def test_counters_never_repeat_over_resets(badge_files: BadgeFiles, ear: Ear) -> None:
    life = Life(badge_files, ear)
    for _ in range(5):
        life.power_on(0, "boot")
        life.power_on(0, "sos")
    life.check()
    counters = [heard.counter for heard in life.heard]
    assert counters == sorted(counters)


def test_a_test_press_after_a_reset_has_a_number_of_its_own(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    events = []
    for _ in range(3):
        with LockstepBadge(badge_files) as badge:
            badge.press()
            badge.run(40_000)
            heard = advertised(badge.said, ear)
            events.append([h.report.event for h in heard if h.report.kind == KIND_TEST][-1])
    assert events == [1, 2, 3]


def forget_copy(files: BadgeFiles) -> None:
    """Takes the journal's copy out of NVS."""
    store = json.loads(files.nvs.read_text())
    del store["tocsin"]["journal"]
    files.nvs.write_text(json.dumps(store))


@pytest.mark.parametrize("damaged", [b"", b"\x54" * 16, bytes(7)])
def test_a_damaged_journal_slot_leaves_the_other(
    badge_files: BadgeFiles, ear: Ear, damaged: bytes
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(3_000)
        command(badge, ear, OP_HEARD)
        badge.run(1_000)
    slots = {name: badge_files.read(name) for name in ("journal.0", "journal.1")}
    newest = max(slots, key=lambda name: slots[name][9])  # the sequence number's low byte
    badge_files.write(newest, damaged)
    forget_copy(badge_files)
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        report = advertised(badge.said, ear)[-1].report
        assert (report.kind, report.event, report.phase) == (KIND_SOS, 1, PHASE_RAISED)


def test_a_formatted_file_system_forgets_neither_event_nor_counter(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(3_000)
        before = advertised(badge.said, ear)[-1]
    badge_files.image.write_bytes(bytes([0xFF]) * len(badge_files.image.read_bytes()))
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        after = advertised(badge.said, ear)[0]
        assert (after.report.event, after.report.phase) == (1, PHASE_RAISED)
        assert after.counter > before.counter


def test_a_worn_flash_still_raises_alerts_and_says_fault(badge_files: BadgeFiles, ear: Ear) -> None:
    with LockstepBadge(badge_files) as badge:
        badge.send("worn 1")
        badge.press(for_ms=2_000)
        badge.run(8_000)
        heard = advertised(badge.said, ear)
        assert (heard[-1].report.kind, heard[-1].report.fault) == (KIND_SOS, True)
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        after = advertised(badge.said, ear)[0]
        assert (after.report.event, after.report.phase) == (1, PHASE_RAISED)
        assert after.counter > heard[-1].counter


def test_a_full_file_system_still_raises_alerts(badge_files: BadgeFiles, ear: Ear) -> None:
    for at in range(1000):
        try:
            badge_files.write(f"filler.{at}", bytes(4096))
        except LittleFSError:
            break
    with LockstepBadge(badge_files) as badge:
        badge.press(for_ms=2_000)
        badge.run(8_000)
        assert advertised(badge.said, ear)[-1].report.kind == KIND_SOS
