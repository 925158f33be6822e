"""A serial port, held by nobody else: bytes in and out in the event loop."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

from serial import Serial, SerialException

from gateway.errors import RadioError

BAUD = 115_200
RESET_S = 0.1
_CHUNK = 4096
_BACKLOG = 4096


class Line:
    """An open port. Raises RadioError when it cannot be had."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._on_chunk: Callable[[bytes], None] = _unheard
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._out = b""
        try:
            self._port = Serial(path, BAUD, timeout=0, exclusive=True)
        except (SerialException, OSError, ValueError) as error:
            raise RadioError(
                f"{path}: {error}; check that nobody else uses the port, and that this user may"
                " (group dialout)"
            ) from None
        self._descriptor: int = self._port.fileno()

    def listen(self, on_chunk: Callable[[bytes], None]) -> None:
        """Have on_chunk take what comes from now on: any bytes at all."""
        self._on_chunk = on_chunk
        self._loop.add_reader(self._descriptor, self._read)

    def send(self, octets: bytes) -> None:
        """Send, as soon as the port takes it. Raises RadioError when it takes nothing at all."""
        if self._ended.done():
            raise RadioError(self._ended.result())
        if len(self._out) + len(octets) > _BACKLOG:
            raise RadioError(f"{self.path}: takes nothing any more")
        self._out += octets
        self._write()

    async def until(self, event: asyncio.Event) -> None:
        """Wait for an event. Raises RadioError when the port is lost before."""
        waiting = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((waiting, self._ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if not event.is_set():
            raise RadioError(self._ended.result())

    async def reset(self) -> None:
        """Reset the board by the port's control lines; without such, the port is closed."""
        try:
            self._port.dtr = False
            self._port.rts = True
            await asyncio.sleep(RESET_S)
            self._port.rts = False
        except (SerialException, OSError):
            self._end("closed, to be opened again")

    def close(self) -> None:
        """Give the port back."""
        self._end("closed")

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error.strerror or "lost")
            return
        if chunk:
            self._on_chunk(chunk)
        else:
            self._end("hung up")

    def _write(self) -> None:
        try:
            self._out = self._out[os.write(self._descriptor, self._out) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self._end(error.strerror or "lost")
            return
        if self._out:
            self._loop.add_writer(self._descriptor, self._write)
        else:
            self._loop.remove_writer(self._descriptor)

    def _end(self, reason: str) -> None:
        if self._ended.done():
            return
        self._ended.set_result(f"{self.path}: {reason}")
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        with suppress(SerialException, OSError):
            self._port.close()


def _unheard(_: bytes) -> None:
    """For a line that nobody listens to yet."""
