"""The motor: plays the patterns of signals."""

import asyncio

from badge.signals import NONE, PATTERNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import Pin

BETWEEN_MS = 1_000  # longer than any pause within a pattern, so that a hand can tell them apart


class Motor:
    """Patterns come in by play(); run() plays them."""

    def __init__(self, pin: "Pin") -> None:
        self._pin = pin
        self._pin.off()
        self._next = NONE
        self._wake = asyncio.Event()

    def play(self, pattern: int) -> None:
        """Plays a pattern after the one under way; it takes the place of one that waits.

        The newest stage says all that the ones before it would have.
        """
        self._next = pattern
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            pattern, self._next = self._next, NONE
            await self._play(PATTERNS[pattern])
            await asyncio.sleep_ms(BETWEEN_MS)

    async def _play(self, pattern: "tuple[int, ...]") -> None:
        on = True
        try:
            for duration_ms in pattern:
                self._pin.value(1 if on else 0)
                await asyncio.sleep_ms(duration_ms)
                on = not on
        finally:
            self._pin.off()
