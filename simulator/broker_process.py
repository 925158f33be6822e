"""A real broker in a process of its own, which can be killed and started again."""

import asyncio
import os
import shutil
import signal
import socket
from pathlib import Path

from simulator.errors import SimulatorError

_POLL_S = 0.02
_TRIES = 500


class BrokerProcess:
    """A broker on 127.0.0.1; stop() kills it, and what it did not save is gone.

    name: of the program; arguments: what follows it; directory: where it runs, and
    logs. Raises SimulatorError when it is not installed.
    """

    scheme = "mqtt"

    def __init__(self, name: str, directory: Path, port: int, arguments: tuple[str, ...]) -> None:
        self._name = name
        self._command = (_program(name), *arguments)
        self._directory = directory
        self.port = port
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def log(self) -> Path:
        return self._directory / f"{self._name}.log"

    async def start(self) -> None:
        """Returns when it listens. Raises SimulatorError when it does not."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, cwd=self._directory
            )
        for _ in range(_TRIES):
            if self._process.returncode is not None:
                break
            if await self._listens():
                return
            await asyncio.sleep(_POLL_S)
        raise SimulatorError(f"{self._name} does not start: see {self.log}")

    async def stop(self) -> None:
        """Kills it; does nothing when it does not run."""
        await self._end(signal.SIGKILL)

    async def quit(self) -> None:
        """Asks it to end, and to save what it has; does nothing when it does not run."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(number)
            await process.wait()

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program(name: str) -> str:
    # Debian keeps some where only root looks.
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        raise SimulatorError(f"{name} is not installed: apt-get install {name}")
    return found
