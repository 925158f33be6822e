"""The motor without a VM goes on and off exactly when badge.output.Player's does."""

import asyncio
import sys
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.signals import (
    BETWEEN_MS,
    FIND_ME,
    HEARD,
    LONGEST_MS,
    NONE,
    PENDING,
    RECOGNISED,
    RESOLVED,
    VIBRATION,
)
from simulator.lockstep.acts import Moves
from simulator.lockstep.core_player import CorePlayer
from simulator.virtual_time import run_in_virtual_time

Edges = list[tuple[int, bool]]

#: Pauses in ms, and patterns. Each time ends on another digit than all others and than what the
#: patterns take, so that nothing happens at the same time as anything else.
plays = st.lists(
    st.tuples(st.integers(0, 400), st.integers(NONE, len(VIBRATION) - 1)), min_size=1, max_size=9
).map(
    lambda drawn: [
        (10 * sum(pause for pause, _ in drawn[: at + 1]) + at, pattern)
        for at, (_, pattern) in enumerate(drawn)
    ]
)
LATEST_MS = 200_000


class Pin:
    """A motor's pin, and when it changed."""

    def __init__(self) -> None:
        self.edges: Edges = []
        self._on = False

    def off(self) -> None:
        self.value(0)

    def value(self, level: int) -> None:
        if bool(level) != self._on:
            self._on = bool(level)
            now_s = asyncio.get_running_loop().time()
            self.edges.append((round(now_s * 1000), self._on))


@pytest.fixture(scope="module")
def output() -> Iterator[ModuleType]:
    """badge.output under CPython: asyncio with MicroPython's sleep_ms, and no hardware."""

    async def sleep_ms(ms: int) -> None:
        await asyncio.sleep(ms / 1000)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep_ms", sleep_ms, raising=False)
        patch.setitem(sys.modules, "badge.parts", ModuleType("badge.parts"))
        patch.setattr("badge.parts", sys.modules["badge.parts"], raising=False)
        from badge import output

        yield output
    sys.modules.pop("badge.output", None)


async def played_by_the_badge(output: Any, plays: list[tuple[int, int]]) -> Edges:
    pin = Pin()
    player = output.Player(pin, VIBRATION)
    running = asyncio.create_task(player.run())
    now_ms = 0
    for at_ms, pattern in plays:
        await asyncio.sleep((at_ms - now_ms) / 1000)
        now_ms = at_ms
        player.play(pattern)
    await asyncio.sleep((LATEST_MS - now_ms) / 1000)
    assert not player.busy
    running.cancel()
    return pin.edges


def played_by_the_core(plays: list[tuple[int, int]]) -> Edges:
    player, edges, left = CorePlayer(), Edges(), deque(plays)
    while True:
        now_ms = min(left[0][0] if left else LATEST_MS, player.due_ms)
        if now_ms >= LATEST_MS:
            assert not player.busy
            return edges
        if left and left[0][0] == now_ms:
            player.play(*left.popleft())
            assert player.busy
        for act in player.run(int(now_ms)):
            assert isinstance(act, Moves)
            edges.append((int(now_ms), act.on))


@settings(max_examples=150)
@given(plays)
def test_whatever_is_played_when_the_motor_moves_alike(
    output: ModuleType, plays: list[tuple[int, int]]
) -> None:
    assert played_by_the_core(plays) == run_in_virtual_time(played_by_the_badge(output, plays))


def lengths(edges: Edges) -> tuple[int, ...]:
    return tuple(later - sooner for (sooner, _), (later, _) in pairwise(edges))


@pytest.mark.parametrize("pattern", range(RECOGNISED, len(VIBRATION)))
def test_a_pattern_alone_is_played_as_it_is_written(pattern: int) -> None:
    edges = played_by_the_core([(5, pattern)])
    assert [on for _, on in edges] == [at % 2 == 0 for at in range(len(edges))]
    written = VIBRATION[pattern]
    assert lengths(edges) == written[: len(edges) - 1]
    assert edges[0] == (5, True)


def test_of_what_waits_only_the_newest_is_played_and_after_a_pause() -> None:
    edges = played_by_the_core([(0, RECOGNISED), (10, HEARD), (20, RESOLVED)])
    begins_ms = VIBRATION[RECOGNISED][0] + BETWEEN_MS
    assert edges[2] == (begins_ms, True)
    assert lengths(edges[2:]) == VIBRATION[RESOLVED]


def test_a_long_pattern_is_broken_off_and_a_warning_gives_way_at_once() -> None:
    for pattern, pause_ms in ((PENDING, 0), (FIND_ME, BETWEEN_MS)):
        assert sum(VIBRATION[pattern]) > LONGEST_MS
        edges = played_by_the_core([(0, pattern), (105, RESOLVED)])
        broken_ms = next(
            end for at in range(len(VIBRATION[pattern]))
            if (end := sum(VIBRATION[pattern][: at + 1])) >= 105
        )  # fmt: skip
        assert (
            lengths([edge for edge in edges if edge[0] >= broken_ms + pause_ms][-6:])
            == (VIBRATION[RESOLVED])
        )
        assert edges[-6][0] == broken_ms + pause_ms


def test_nothing_to_play_moves_nothing() -> None:
    assert played_by_the_core([(0, NONE)]) == []
