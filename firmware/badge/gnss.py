"""The GNSS receiver: its power, its set-up, and its sentences into fixes."""

import asyncio

from badge.nmea import Nmea
from badge.receiver import Dialogue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machine import UART

_POLL_MS = 100  # a second of sentences at 9,600 baud is 960 bytes; the buffer holds more
# Which receivers come with: u-blox and L76K, LC76G, some M10.
_BAUDS = (9600, 115_200, 38_400)
_PATIENCE_POLLS = 40  # without one whole sentence; then it must speak at another rate
_MUTE_POLLS = 300  # the same at every rate, twice
_READS = 4  # at a time: whatever chatters on the line, the others get their turn


class Gnss:
    """on_fix is called with the parser, which holds the new fix.

    switch: called with whether the receiver shall have power, such as a supply's gnss; it
    leaves the backup supply on. on_mute: with whether it has had power for half a minute and
    not said one sentence. baud: what the line was opened with.
    """

    def __init__(
        self,
        uart: "UART",
        switch: "Callable[[bool], object]",
        on_fix: "Callable[[Nmea], None]",
        on_mute: "Callable[[bool], None]",
        baud: int = 9600,
    ) -> None:
        self._uart = uart
        self._switch = switch
        self._nmea = Nmea(on_fix)
        self._on_mute = on_mute
        self._buffer = bytearray(256)
        self._on = asyncio.Event()
        self._baud = baud
        self._dialogue = Dialogue()
        self._sentences = 0
        self._polls = 0
        self._mute_polls = 0
        self.power(False)

    @property
    def kind(self) -> int:
        """Which receiver it is, of badge.receiver."""
        return self._dialogue.kind

    def power(self, on: bool) -> None:
        """Switches the receiver; asking for what it is anyway changes nothing."""
        self._switch(on)
        if on and not self._on.is_set():
            self._nmea.reset()
            self._mute_polls = 0
            self._begin()
            self._on.set()
        elif not on:
            self._on.clear()

    async def run(self) -> None:
        while True:
            await self._on.wait()
            self._listen()
            self._speak()
            await asyncio.sleep_ms(_POLL_MS)

    def _begin(self) -> None:
        self._dialogue = Dialogue(self._dialogue.kind)
        self._sentences = self._nmea.sentences.whole
        self._polls = 0

    def _listen(self) -> None:
        for _ in range(_READS):
            length = self._uart.readinto(self._buffer) if self._uart.any() else None
            if length:
                if not self._dialogue.done:
                    self._dialogue.hear(memoryview(self._buffer)[:length])
                self._nmea.feed(self._buffer, length)

    def _speak(self) -> None:
        if self._nmea.sentences.whole != self._sentences:
            self._on_mute(False)
        else:
            self._polls += 1
            self._mute_polls += 1
            if self._mute_polls == _MUTE_POLLS:
                self._on_mute(True)
            if self._polls >= _PATIENCE_POLLS:
                self._try_next_baud()
        message = self._dialogue.say()
        if message is not None:
            self._uart.write(message)

    def _try_next_baud(self) -> None:
        at = _BAUDS.index(self._baud) if self._baud in _BAUDS else -1
        self._baud = _BAUDS[(at + 1) % len(_BAUDS)]
        self._uart.init(baudrate=self._baud)
        self._switch(True)  # a power chip may not have heard it
        self._begin()
