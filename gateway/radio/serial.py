"""Dongles on serial ports: found by what they say, lost and found again while all goes on."""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog
from serial.tools import list_ports

from gateway.errors import RadioError
from gateway.host.clocks import steady_ms
from gateway.radio import Advert, Listener, RadioCondition
from gateway.radio.dongle import Dongle, DongleConnection
from gateway.radio.line import Line
from gateway.radio.loudness import Loudness

LOOK_S = 2.0
HEARD_S = 7.0  # a dongle says how it is every 5 s
SILENCE_S = 16.0  # three times that
REST_MS = 60_000
REST_MAX_MS = 600_000


class Port(NamedTuple):
    """A serial port. identity: what stays the same when it is plugged in again.

    ours: said so by the configuration, so it may be spoken to before it speaks.
    """

    path: str
    identity: str
    ours: bool = False

    @property
    def name(self) -> str:
        """The radio's name."""
        return f"dongle-{zlib.crc32(self.identity.encode()) & 0xFFFF:04x}"


def usb_ports() -> tuple[Port, ...]:
    """The serial ports on USB that are there now."""
    return tuple(
        Port(port.device, f"{port.serial_number or ''} {port.location or port.device}")
        for port in list_ports.comports()
        if port.vid is not None
    )


def ports_at(paths: Sequence[str]) -> Callable[[], tuple[Port, ...]]:
    """Those of certain ports that are there, whenever it is called."""
    return lambda: tuple(Port(path, path, ours=True) for path in paths if Path(path).exists())


class _Rest(NamedTuple):
    """A port where no dongle spoke is left alone until then; so_long: and was for so long."""

    until_ms: int
    so_long_ms: int


class Dongles:
    """All dongles of a hub. find: the ports that are there; it may block for a moment.

    A port whose owner is not known is listened to for 7 s, and nothing is written to it
    before a dongle spoke; if none does, it is left alone for a minute, then ever longer.
    """

    def __init__(
        self,
        company: int,
        find: Callable[[], Iterable[Port]] = usb_ports,
        *,
        look_s: float = LOOK_S,
        heard_s: float = HEARD_S,
        silence_s: float = SILENCE_S,
        clock_ms: Callable[[], int] = steady_ms,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self._company = company
        self._find = find
        self._look_s = look_s
        self._heard_s = heard_s
        self._silence_s = silence_s
        self._clock_ms = clock_ms
        self._log = log or structlog.get_logger()
        self._loudness = Loudness[str]()
        self._dongles: dict[str, tuple[Dongle, Line]] = {}
        self._visited: set[Port] = set()
        self._known: set[str] = set()
        self._resting: dict[Port, _Rest] = {}

    async def run(self, listener: Listener) -> None:
        """Find dongles and listen to them until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                ports = frozenset(await asyncio.to_thread(self._find))
                for gone in self._resting.keys() - ports:
                    del self._resting[gone]
                for port in sorted(ports - self._visited):
                    if self._may_try(port):
                        self._visited.add(port)
                        tasks.create_task(self._visit(port, listener))
                await asyncio.sleep(self._look_s)

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> DongleConnection:
        """Reach an address through the dongle that hears it loudest. Raises RadioError."""
        for name in self._loudness.ranking(self._clock_ms(), address):
            if name in self._dongles:
                return DongleConnection(self._dongles[name][0], address, on_reply)
        raise RadioError(f"connection to {address}: no dongle hears it")

    async def rescan(self, radio: str) -> None:
        """Ask a dongle for a word; it starts its own scan again after 10 s without anybody."""
        if radio in self._dongles:
            self._dongles[radio][0].greet()

    async def reset(self, radio: str) -> None:
        """Reset a dongle by its port's control lines; one that was left alone is tried again."""
        self._resting = {port: rest for port, rest in self._resting.items() if port.name != radio}
        if radio in self._dongles:
            await self._dongles[radio][1].reset()

    def _may_try(self, port: Port) -> bool:
        rest = self._resting.get(port)
        return rest is None or self._clock_ms() >= rest.until_ms

    async def _visit(self, port: Port, listener: Listener) -> None:
        """Listen to a port as long as a dongle is there."""
        try:
            line = Line(port.path)
            try:
                await self._serve(port, line, listener)
            finally:
                line.close()
        except RadioError as error:
            self._leave_alone(port, str(error), listener)
        finally:
            self._visited.discard(port)

    async def _serve(self, port: Port, line: Line, listener: Listener) -> None:
        dongle = Dongle(port.name, self._company, _Ear(self, listener), line.send)
        line.listen(dongle.take)
        await _introduce(port, line, dongle, self._heard_s)
        self._resting.pop(port, None)
        self._known.add(port.name)
        self._dongles[port.name] = (dongle, line)
        listener.condition(port.name, RadioCondition("scanning"))
        try:
            listener.condition(port.name, await _end(line, dongle, self._silence_s))
        finally:
            del self._dongles[port.name]

    def heard(self, advert: Advert) -> None:
        """One of the dongles heard something that may want an answer."""
        self._loudness.note(self._clock_ms(), advert.address, advert.radio, advert.rssi)

    def _leave_alone(self, port: Port, reason: str, listener: Listener) -> None:
        rest = self._resting.get(port)
        if rest is None:
            self._log.info("serial.left_alone", reason=reason)
        so_long_ms = min(2 * rest.so_long_ms, REST_MAX_MS) if rest else REST_MS
        self._resting[port] = _Rest(self._clock_ms() + so_long_ms, so_long_ms)
        if port.ours or port.name in self._known:
            listener.condition(port.name, RadioCondition("failed", reason))


class _Ear(NamedTuple):
    """Passes on what a dongle hears, and notes how loudly."""

    dongles: Dongles
    listener: Listener

    def advert(self, advert: Advert) -> None:
        self.dongles.heard(advert)
        self.listener.advert(advert)

    def ambient(self, radio: str) -> None:
        self.listener.ambient(radio)

    def condition(self, radio: str, condition: RadioCondition) -> None:
        self.listener.condition(radio, condition)


async def _introduce(port: Port, line: Line, dongle: Dongle, heard_s: float) -> None:
    """Raises RadioError when no dongle speaks."""
    try:
        async with asyncio.timeout(heard_s):
            if not port.ours:
                await line.until(dongle.spoke)
            dongle.greet()
            await line.until(dongle.greeted)
    except TimeoutError:
        raise RadioError(f"{port.path}: no dongle answers; is it one, and flashed?") from None


async def _end(line: Line, dongle: Dongle, silence_s: float) -> RadioCondition:
    """Wait until the dongle is lost or says nothing any more."""
    try:
        while True:
            dongle.alive.clear()
            async with asyncio.timeout(silence_s):
                await line.until(dongle.alive)
    except TimeoutError:
        await line.reset()
        return RadioCondition("failed", f"{line.path}: the dongle says nothing any more")
    except RadioError as error:
        return RadioCondition("gone", str(error))
