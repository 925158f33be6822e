"""A lamp that flashes as the gateway is."""

import asyncio

from gateway.alarm.gpio import Output
from gateway.alarm.patterns import PATTERNS, State


class Lamp:
    """Shows one state; a new one at once."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._state: State | None = None
        self._changed = asyncio.Event()

    def show(self, state: State) -> None:
        """Show this state from now on."""
        if state != self._state:
            self._state = state
            self._changed.set()

    async def run(self) -> None:
        """Flash until cancelled; dark afterwards."""
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                while self._state is not None and not self._changed.is_set():
                    for flash in PATTERNS[self._state]:
                        await self._flash(flash.lit_s, flash.dark_s)
        finally:
            self._output.off()

    async def _flash(self, lit_s: float, dark_s: float) -> None:
        for switch, pause_s in ((self._output.on, lit_s), (self._output.off, dark_s)):
            if self._changed.is_set():
                return
            switch()
            try:
                async with asyncio.timeout(pause_s):
                    await self._changed.wait()
            except TimeoutError:
                continue
