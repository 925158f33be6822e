"""Motor, light and buzzer: play the patterns of signals, each on a pin of its own."""

import asyncio

from badge import parts
from badge.signals import BETWEEN_MS, LIGHT, LONGEST_MS, NONE, PENDING, SOUND, VIBRATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from machine import Pin, Signal


class Player:
    """One pin and its patterns. play() says what comes, run() plays it."""

    def __init__(self, pin: "Pin | Signal", patterns: "tuple[tuple[int, ...], ...]") -> None:
        self._pin = pin
        self._pin.off()
        self._patterns = patterns
        self._next = NONE
        self._wake = asyncio.Event()
        self._playing = False

    @property
    def busy(self) -> bool:
        return self._playing or self._wake.is_set()

    def play(self, pattern: int) -> None:
        """Plays a pattern after the one under way; it takes the place of one that waits.

        The newest stage says all that the ones before it would have. A long pattern
        (pending, siren) is broken off for it.
        """
        self._next = pattern
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._playing = False
            await self._wake.wait()
            self._playing = True
            self._wake.clear()
            pattern, self._next = self._next, NONE
            await self._play(self._patterns[pattern])
            if not self._wake.is_set() or pattern != PENDING:
                await asyncio.sleep_ms(BETWEEN_MS)

    async def _play(self, durations_ms: "tuple[int, ...]") -> None:
        long = sum(durations_ms) > LONGEST_MS
        on = True
        try:
            for duration_ms in durations_ms:
                if long and self._wake.is_set():
                    return
                self._pin.value(1 if on else 0)
                await asyncio.sleep_ms(duration_ms)
                on = not on
        finally:
            self._pin.off()


def players(board: "ModuleType", covert: bool) -> "list[Player]":
    """The motor; light and sound only where the badge has them and need not be covert."""
    found = [Player(parts.output(board.MOTOR), VIBRATION)]
    light = None if covert else parts.light(board)
    if light is not None:
        found.append(Player(light, LIGHT))
    if board.BUZZER is not None and not covert:
        found.append(Player(parts.output(board.BUZZER), SOUND))
    return found
