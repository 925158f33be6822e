"""What a radio hears in a place, and a watchdog over it: second by second, in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from gateway.radio import RadioCondition
from gateway.radio.watchdog import FLOOR_MS, Remedy, Watchdog
from simulator.errors import SimulatorError

SECOND_MS, MINUTE_MS, HOUR_MS = 1000, 60_000, 3_600_000

Traffic = Callable[[], bool]
"""Whether anybody is heard in the next second."""


def nobody() -> bool:
    """Silence."""
    return False


def always() -> bool:
    """Somebody in every second."""
    return True


def now_and_then(rng: random.Random, mean_s: float) -> Traffic:
    """Somebody every so many seconds on average, each second by itself."""
    return lambda: rng.random() < 1 / mean_s


class RadioPlace:
    """A radio, its watchdog, and time.

    canary_s: how often a canary is heard; None: there is none. has_canary: whether the
    watchdog expects one. remedies: with the time of each. deaf_ms: how long no radio heard,
    by the watchdog's word.
    """

    RADIO = "hci0"

    def __init__(self, *, has_canary: bool = False, canary_s: int | None = None) -> None:
        self.now_ms = 0
        self.canary_s = canary_s
        self.watchdog = Watchdog(0, floor_ms=FLOOR_MS, has_canary=has_canary)
        self.remedies: list[tuple[int, Remedy]] = []
        self.deaf_ms = 0
        self.says("scanning")

    def says(
        self, state: Literal["scanning", "restarting", "failed", "gone"], reason: str = ""
    ) -> None:
        """The radio says how it is."""
        self.watchdog.condition(self.now_ms, self.RADIO, RadioCondition(state, reason))

    def hear(self) -> None:
        """The radio hears somebody."""
        self.watchdog.heard(self.now_ms, self.RADIO)

    def hear_canary(self) -> None:
        """The radio hears the canary."""
        self.hear()
        self.watchdog.canary(self.now_ms, self.RADIO)

    def tick(self) -> None:
        """The watchdog is asked."""
        self.remedies += [(self.now_ms, remedy) for remedy in self.watchdog.tick(self.now_ms)]

    def state(self) -> str:
        """How the radio is, by the watchdog's word."""
        return self.watchdog.radios(self.now_ms)[0].state

    def live(self, for_ms: int, traffic: Traffic = nobody) -> None:
        """Let time pass."""
        for _ in range(for_ms // SECOND_MS):
            self.now_ms += SECOND_MS
            if traffic():
                self.hear()
            if self.canary_s and self.now_ms // SECOND_MS % self.canary_s == 0:
                self.hear_canary()
            self.tick()
            self.deaf_ms += 0 if self.watchdog.hears(self.now_ms) else SECOND_MS

    def silence_until(self, state: str, most_ms: int) -> int:
        """Let silence last until the radio is said to be so; how long it took.

        Raises SimulatorError when it takes longer than that.
        """
        began_ms = self.now_ms
        while self.state() != state:
            if self.now_ms - began_ms >= most_ms:
                raise SimulatorError(f"{self.RADIO}: not {state} after {most_ms} ms of silence")
            self.live(SECOND_MS)
        return self.now_ms - began_ms
