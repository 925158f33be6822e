"""Thirty days of a badge's life (`make soak`): it neither forgets, nor grows, nor falls silent."""

import random
from itertools import pairwise

import pytest

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear, Heard
from simulator.lockstep.single import LockstepBadge
from simulator.vm_process import heap_bytes
from tests.badge.vm_badge import advertised, command
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from wire.command import OP_ACKNOWLEDGED, OP_DELIVERED, OP_RESOLVED
from wire.frame import KIND_STATUS

DAYS = 30
HOUR_MS = 3_600_000
HEARTBEAT_MS = 60_000
CALM_MS = 400  # between presses: quicker ones wake the badge with a call for help

pytestmark = pytest.mark.soak


def visit(badge: LockstepBadge, ear: Ear, rng: random.Random) -> None:
    """Check in, and out again within half an hour; the desk answers both."""
    for stays_ms in (rng.randrange(60_000, HOUR_MS // 2), 0):
        press(badge, 2)
        command(badge, ear, OP_DELIVERED)
        badge.run(5_000 + stays_ms)


def answered_press(badge: LockstepBadge, ear: Ear, presses: int) -> None:
    """One press tests, three call for help; the desk answers, and somebody ends the alert."""
    press(badge, presses)
    for opcode in (OP_DELIVERED, OP_ACKNOWLEDGED, OP_RESOLVED)[:presses]:
        command(badge, ear, opcode, b"\x05" if opcode == OP_ACKNOWLEDGED else b"")
        badge.run(5_000)


def press(badge: LockstepBadge, times: int) -> None:
    for at in range(times):
        badge.press(for_ms=100, after_ms=CALM_MS * at)
    badge.run(5_000)


def live(badge: LockstepBadge, ear: Ear, rng: random.Random, hours: int) -> list[tuple[int, Heard]]:
    """Hours with a test, a visit or an alert in some of them; (time, what was heard)."""
    first = len(badge.said)
    for _ in range(hours):
        badge.run(rng.randrange(1, HOUR_MS // 4))
        if rng.random() < 0.2:
            presses = rng.choice((1, 2, 3))
            if presses == 2:
                visit(badge, ear, rng)
            else:
                answered_press(badge, ear, presses)
        badge.run(HOUR_MS - badge.now_ms % HOUR_MS)
    said = badge.said[first:]
    spoken = [s for s in said if s.words[0] == "adv" and s.words[1] != "0"]
    return [(s.at_ms, h) for s, h in zip(spoken, advertised(spoken, ear), strict=True)]


def check(heard: list[tuple[int, Heard]], most_apart_ms: int) -> None:
    assert all(b - a <= most_apart_ms for (a, _), (b, _) in pairwise(heard))
    reports = {}
    for _, one in heard:
        assert reports.setdefault(one.counter, one) == one


def test_a_badge_that_stays_awake_for_thirty_days_does_not_grow(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    badge_files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, sleep=False)
    rng = random.Random(1)
    in_use = []
    with LockstepBadge(badge_files, heap=heap_bytes(96)) as badge:
        for _ in range(DAYS):
            check(live(badge, ear, rng, 24), HEARTBEAT_MS + 1_000)
            badge.send("memory")
            badge.run(1_000)
            in_use += [int(s.words[1]) for s in badge.said if s.words[0] == "memory"]
            badge.said.clear()
        assert badge.stopped == ""
        assert badge.boots == 1
    assert max(in_use) - min(in_use) < 4096, in_use


def test_a_badge_that_sleeps_for_days_misses_no_heartbeat(
    badge_files: BadgeFiles, ear: Ear
) -> None:
    rng = random.Random(2)
    with LockstepBadge(badge_files) as badge:
        heard = live(badge, ear, rng, 24 * 5)
        check(heard, HEARTBEAT_MS + 1_000)
        assert badge.boots > 24 * 5 * 50
        assert sum(h.report.kind == KIND_STATUS for _, h in heard) > 24 * 5 * 50
