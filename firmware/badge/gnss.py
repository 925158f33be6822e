"""The GNSS receiver: its power, and its sentences into fixes."""

import asyncio

from badge.nmea import Nmea

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machine import UART, Pin

_POLL_MS = 100  # a second of sentences at 9,600 baud is 960 bytes; the buffer holds more


class Gnss:
    """on_fix is called with the parser, which holds the new fix."""

    def __init__(self, uart: "UART", enable: "Pin", on_fix: "Callable[[Nmea], None]") -> None:
        self._uart = uart
        self._enable = enable
        self._nmea = Nmea(on_fix)
        self._buffer = bytearray(256)
        self._on = asyncio.Event()
        self.power(False)

    def power(self, on: bool) -> None:
        self._enable.value(1 if on else 0)
        if on:
            self._nmea.reset()
            self._on.set()
        else:
            self._on.clear()

    async def run(self) -> None:
        while True:
            await self._on.wait()
            while self._uart.any():
                length = self._uart.readinto(self._buffer)
                if length:
                    self._nmea.feed(self._buffer, length)
            await asyncio.sleep_ms(_POLL_MS)
