"""The serial port of a board on USB: a pty for the host, and a plug that can be pulled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tty
from pathlib import Path

_CHUNK = 4096
_BUFFER = 2048  # what a driver holds for a host that does not read


class SerialPort:
    """A stable path on the host's side, one end of a socket on the board's.

    path: a symbolic link to the pty while the port is plugged in, as in /dev/serial/by-id.
    board: what the board's process takes as its stdin and stdout.
    While it is unplugged nothing is read from the board, whose buffer so fills up.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ours, self.board = socket.socketpair()
        for end in (self._ours, self.board):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        self._pty: tuple[int, int] | None = None
        self._ways: tuple[_Way, _Way] | None = None

    def plug(self) -> None:
        """The host sees a new port; what the board said to nobody is lost."""
        if self._pty is not None:
            return
        self._discard()
        host, held = os.openpty()
        tty.setraw(held)
        os.set_blocking(host, False)
        self._pty = (host, held)  # both: a host that closes the port does not hang it up
        self.path.symlink_to(os.ttyname(held))
        ours = self._ours.fileno()
        self._ways = (_Way(ours, host), _Way(host, ours))

    def unplug(self) -> None:
        """The port goes away under whoever has it open."""
        if self._pty is None or self._ways is None:
            return
        for way in self._ways:
            way.close()
        for descriptor in self._pty:
            os.close(descriptor)
        self._ways = self._pty = None
        self.path.unlink()

    def close(self) -> None:
        """Gone for good."""
        self.unplug()
        self._ours.close()
        self.board.close()

    def _discard(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._ours.recv(_CHUNK):
                pass


class _Way:
    """Carries bytes from one descriptor to another; reads no more before they are taken."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._held = b""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(source, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._sink)

    def _read(self) -> None:
        self._held = os.read(self._source, _CHUNK)
        self._loop.remove_reader(self._source)
        self._loop.add_writer(self._sink, self._write)
        self._write()

    def _write(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._held = self._held[os.write(self._sink, self._held) :]
        if not self._held:
            self._loop.remove_writer(self._sink)
            self._loop.add_reader(self._source, self._read)
