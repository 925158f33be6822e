"""A real Mosquitto in a process of its own."""

import asyncio
import os
import shutil
import socket
from pathlib import Path

from simulator.errors import SimulatorError

_POLL_S = 0.02
_TRIES = 500


class Mosquitto:
    """Mosquitto on 127.0.0.1; stop() kills it, and what it did not save is gone.

    directory: for its configuration, log and database; settings: lines of
    mosquitto.conf in place of `allow_anonymous true`. Raises SimulatorError when it
    is not installed.
    """

    def __init__(self, directory: Path, *settings: str) -> None:
        self._binary = _binary()
        self._directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        lines = (
            f"listener {self._port} 127.0.0.1",
            "set_tcp_nodelay true",
            *(settings or ("allow_anonymous true",)),
        )
        (directory / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        return self._process is not None

    async def start(self) -> None:
        """Returns when it listens. Raises SimulatorError when it does not."""
        with (self._directory / "mosquitto.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._binary,
                "-c",
                str(self._directory / "mosquitto.conf"),
                stdout=log,
                stderr=log,
                cwd=self._directory,
            )
        for _ in range(_TRIES):
            if await self._listens():
                return
            await asyncio.sleep(_POLL_S)
        log_file = self._directory / "mosquitto.log"
        raise SimulatorError(f"mosquitto does not start: see {log_file}")

    async def stop(self) -> None:
        """Kills it; does nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


def _binary() -> str:
    # Debian keeps it where only root looks.
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        raise SimulatorError("mosquitto is not installed: apt-get install mosquitto")
    return found
