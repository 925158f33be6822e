"""Thirty days of a badge's life (`make soak`): it neither forgets, nor grows, nor falls silent."""

import random
from itertools import pairwise

import pytest

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear, Heard
from simulator.lockstep import LockstepBadge
from simulator.vm_process import heap_bytes
from tests.badge.vm_badge import advertised, command
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from wire.command import OP_ACKNOWLEDGED, OP_DELIVERED, OP_RESOLVED
from wire.frame import KIND_STATUS

DAYS = 30
HOUR_MS = 3_600_000
HEARTBEAT_MS = 60_000

pytestmark = pytest.mark.soak


def live(badge: LockstepBadge, ear: Ear, rng: random.Random, hours: int) -> list[tuple[int, Heard]]:
    """Hours with a test, a visit or an alert in some of them; (time, what was heard)."""
    first = len(badge.said)
    for _ in range(hours):
        badge.run(rng.randrange(1, HOUR_MS // 4))
        if rng.random() < 0.2:
            presses = rng.choice((1, 2, 3))
            for at in range(presses):
                badge.press(for_ms=100, after_ms=300 * at)
            badge.run(5_000)
            for opcode in (OP_DELIVERED, OP_ACKNOWLEDGED, OP_RESOLVED)[: 3 if presses > 2 else 1]:
                command(badge, ear, opcode, b"\x05" if opcode == OP_ACKNOWLEDGED else b"")
                badge.run(5_000)
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
