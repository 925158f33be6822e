"""Power cuts at every flash write of many lives (`make soak`): nothing told is ever untold."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear, Heard
from simulator.lockstep.single import LockstepBadge
from tests.badge.vm_badge import advertised, command
from wire.command import OP_ACKNOWLEDGED, OP_DELIVERED, OP_HEARD, OP_RESOLVED
from wire.frame import KIND_SOS, PHASE_ACKNOWLEDGED, PHASE_IDLE, PHASE_RAISED

CUTS = 2_000
STEPS = 4
BOOT_MS = 2_000


def step(badge: LockstepBadge, ear: Ear, rng: random.Random) -> None:
    """One thing in a life: a gesture, a command, or sleep."""
    what = rng.choice(("sos", "test", "visit", "command", "command", "sleep"))
    if what == "sos":
        badge.press(for_ms=1_700)
    elif what == "test":
        badge.press()
    elif what == "visit":
        badge.press()
        badge.press(after_ms=300)
    elif what == "command" and advertised(badge.said, ear):
        opcode = rng.choice((OP_HEARD, OP_DELIVERED, OP_ACKNOWLEDGED, OP_RESOLVED))
        command(badge, ear, opcode, b"\x05" if opcode == OP_ACKNOWLEDGED else b"")
    badge.run(rng.choice((500, 3_000, 70_000)))


def live(files: BadgeFiles, ear: Ear, seed: int, cut_at: int) -> tuple[str, list[Heard]]:
    """How the life stopped, and all that was heard of it."""
    rng = random.Random(seed)
    with LockstepBadge(files, cut_at=cut_at) as badge:
        badge.run(rng.choice((200, 5_000)))
        for _ in range(STEPS):
            if not badge.stopped:
                step(badge, ear, rng)
        return badge.stopped, advertised(badge.said, ear)


def check(before: list[Heard], after: list[Heard]) -> None:
    """before: all frames up to the cut; after: those of the next start."""
    reports: dict[int, Heard] = {}
    for heard in (*before, *after):
        assert reports.setdefault(heard.counter, heard) == heard, "a counter speaks twice"
    assert after, "the badge does not start"
    if not before:
        return
    last, first = before[-1].report, after[0].report
    assert first.event >= last.event
    if last.kind == KIND_SOS and PHASE_RAISED <= last.phase <= PHASE_ACKNOWLEDGED:
        assert first.event == last.event
        assert first.phase >= last.phase or first.phase == PHASE_IDLE


@pytest.mark.soak
def test_two_thousand_power_cuts_lose_nothing(
    badge_files: BadgeFiles,
    ear: Ear,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    cuts = seed = 0
    while cuts < CUTS:
        seed, cut_at, stopped = seed + 1, 0, "cut"
        while stopped == "cut":
            cut_at += 1
            files = BadgeFiles(tmp_path / "cut")
            shutil.copytree(badge_files.directory, files.directory)
            stopped, before = live(files, ear, seed, cut_at)
            with LockstepBadge(files) as badge:
                badge.run(BOOT_MS)
                check(before, advertised(badge.said, ear))
            shutil.rmtree(files.directory)
            cuts += stopped == "cut"
    record_testsuite_property("power cuts", cuts)
    record_testsuite_property("lives", seed)
