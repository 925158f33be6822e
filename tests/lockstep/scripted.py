"""A badge whose electronics do what a test says, and note what happens to them."""

import heapq
from collections.abc import Callable
from itertools import count

from simulator.ear import Ear
from simulator.lockstep.acts import Act, Advertises, Boots, Said, Told
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.badge import Badge
from simulator.lockstep.drain import Drain
from simulator.lockstep.log import Log
from wire.frame import KIND_STATUS, PHASE_IDLE, Report

HEAD = bytes.fromhex("020106 1bffffff")
FRAME_LENGTH = 24


class ScriptedBody:
    """See simulator.lockstep.acts.Body. told: when, and what."""

    def __init__(self) -> None:
        self.told: list[tuple[int, str, object]] = []
        self._order = count()
        self._coming: list[tuple[int, int, Act]] = []

    def does(self, at_ms: int, act: Act) -> None:
        heapq.heappush(self._coming, (at_ms, next(self._order), act))

    @property
    def due_ms(self) -> float:
        return self._coming[0][0] if self._coming else float("inf")

    def run(self, now_ms: int) -> list[Act]:
        acts = []
        while self._coming and self._coming[0][0] <= now_ms:
            acts.append(heapq.heappop(self._coming)[2])
        return acts

    def of(self, what: str) -> list[tuple[int, object]]:
        """When, and with what, it was told this."""
        return [(at_ms, fact) for at_ms, name, fact in self.told if name == what]

    def press(self, now_ms: int, *, down: bool) -> None:
        self.told.append((now_ms, "press", down))

    def cell(self, now_ms: int, millivolts: int) -> None:
        self.told.append((now_ms, "cell", millivolts))

    def connect(self, now_ms: int, connection: int) -> None:
        self.told.append((now_ms, "connect", connection))

    def disconnect(self, now_ms: int, connection: int) -> None:
        self.told.append((now_ms, "disconnect", connection))

    def write(self, now_ms: int, connection: int, sealed: bytes) -> None:
        self.told.append((now_ms, "write", sealed))

    def receive(self, now_ms: int, told: Told | None) -> None:
        self.told.append((now_ms, "receive", told))

    def fall(self, now_ms: int) -> None:
        self.told.append((now_ms, "fall", None))

    def crash(self, now_ms: int) -> None:
        self.told.append((now_ms, "crash", None))

    def fill_memory(self, now_ms: int, free: int) -> None:
        self.told.append((now_ms, "fill_memory", free))

    def wear_out(self, now_ms: int, *, worn: bool) -> None:
        self.told.append((now_ms, "wear_out", worn))

    def power_off(self, now_ms: int) -> None:
        self.told.append((now_ms, "power_off", None))

    def power_on(self, now_ms: int) -> None:
        self.told.append((now_ms, "power_on", None))

    def reset(self, now_ms: int, *, brown_out: bool) -> None:
        self.told.append((now_ms, "reset", brown_out))

    def cut_at(self, writes: int) -> None:
        self.told.append((0, "cut_at", writes))

    def close(self) -> None:
        self.told.append((0, "close", None))


def make_badge(
    number: int,
    agenda: Agenda,
    log: Log,
    *,
    on_air: Callable[[Badge], None] = lambda _: None,
    on_felt: Callable[[Badge, tuple[str, ...]], None] = lambda *_: None,
) -> tuple[Badge, ScriptedBody]:
    """A badge that has booted."""
    body = ScriptedBody()
    badge = Badge(
        number, agenda, log, body, Ear(bytes(16), bytes(16)), Drain(100.0),
        on_air=on_air, on_felt=on_felt, on_listen=lambda *_: None, on_stop=lambda *_: None,
    )  # fmt: skip
    body.does(0, Boots())
    badge.plan()
    return badge, body


def says(frame: int, interval_ms: int, *, connectable: bool = False) -> Advertises:
    """An advertisement with a frame of this number."""
    payload = HEAD + frame.to_bytes(FRAME_LENGTH, "little")
    return Advertises(
        interval_ms, connectable, payload, Said(frame, Report(KIND_STATUS, PHASE_IDLE, 0))
    )
