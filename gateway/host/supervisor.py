"""What systemd is told (sd_notify(3)): ready, alive, how it goes, stopping.

The protocol is one datagram to a Unix socket, and the libraries for it are
unmaintained or need a compiler; hence `_send`.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

import structlog

UNWATCHED_EVERY_S = 10.0
FIRST_LOOK_S = 0.1
_US_PER_S = 1_000_000


class Supervisor:
    """The way to the service manager; without one nothing is sent and nothing fails.

    ailing: "" while the process does its work, otherwise why it should be started
    anew; the watchdog is fed only in the first case. status: one line for people.
    """

    def __init__(
        self,
        ailing: Callable[[], str],
        status: Callable[[], str],
        *,
        log: structlog.typing.FilteringBoundLogger,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._ailing = ailing
        self._status = status
        self._log = log
        self._socket = environ.get("NOTIFY_SOCKET", "")
        self._every_s = feeding_interval_s(environ, os.getpid()) or UNWATCHED_EVERY_S

    async def run(self) -> None:
        """Ready once the process does its work; then a sign of life, until cancelled."""
        ready = False
        while True:
            ailing = self._ailing()
            if not ready and not ailing:
                ready = True
                self._send("READY=1")
            if ready:
                self._tell(ailing)
            await asyncio.sleep(self._every_s if ready else FIRST_LOOK_S)

    def stopping(self) -> None:
        """Say that this is an end that was asked for."""
        self._send("STOPPING=1")

    def _tell(self, ailing: str) -> None:
        if ailing:
            self._log.error("supervisor.not_alive", reason=ailing)
            self._send(f"STATUS=not alive: {ailing}")
        else:
            self._send(f"WATCHDOG=1\nSTATUS={self._status()}")

    def _send(self, words: str) -> None:
        if not self._socket:
            return
        # A leading @ stands for the zero byte of an abstract address.
        address = "\0" + self._socket[1:] if self._socket.startswith("@") else self._socket
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(words.encode(), address)
        except OSError as error:
            self._log.warning("supervisor.silent", socket=self._socket, error=str(error))


def feeding_interval_s(environ: Mapping[str, str], pid: int) -> float | None:
    """A third of the time after which systemd loses patience; None when it does not watch us.

    As sd_watchdog_enabled(3), which asks for half of it or less.
    """
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    patience = environ.get("WATCHDOG_USEC", "")
    if not patience.isdecimal() or not int(patience):
        return None
    return int(patience) / _US_PER_S / 3
