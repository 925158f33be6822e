"""Programs of the chain as processes that can be killed and started again."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from simulator.nursery import Forked, Nursery


class Program:
    """One Python program, its output in a log file. arguments: after the interpreter's name.

    leashed: its stdin is a pipe, which ends when this process does, however that happens;
    nursery: what it is forked from, when its arguments are those of `python -m`.
    """

    def __init__(
        self,
        name: str,
        log: Path,
        arguments: list[str],
        *,
        leashed: bool = False,
        nursery: Nursery | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._leashed = leashed
        self._arguments = arguments
        self._nursery = nursery
        self._process: asyncio.subprocess.Process | Forked | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Does nothing when it runs."""
        if self.running:
            return
        if self._nursery is not None and self._arguments[0] == "-m":
            self._process = self._nursery.start(self._arguments[1], self._arguments[2:], self.log)
            return
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                stdin=asyncio.subprocess.PIPE if self._leashed else asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONWARNINGS": "default"},
            )

    async def kill(self) -> None:
        """kill -9; does nothing when it does not run."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Asks it to end, and waits until it has."""
        await self._end(signal.SIGTERM)

    def last_words(self) -> str:
        """The last line of its log, for error messages."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return lines[-1] if lines else "it said nothing"

    async def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(number)
            await process.wait()
