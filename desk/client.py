"""The client of the control socket: stays connected, and tells when it is not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from desk.lines import MAX_TOLD, Ask, Told, line, read_told

RECONNECT_S = 1.0


class ControlClient:
    """A watcher's connection to the desk at `path`.

    on_told: each line of the desk. on_link: True when connected, with all that
    was known before void; False, with the reason, when the desk is away.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        on_told: Callable[[Told], None],
        on_link: Callable[[bool, str], None],
    ) -> None:
        self._path = Path(path)
        self._on_told = on_told
        self._on_link = on_link
        self._writer: asyncio.StreamWriter | None = None

    def ask(self, ask: Ask) -> bool:
        """Send a request; False when the desk is away, and then it is not sent later either."""
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(line(ask))
        return True

    async def run(self) -> None:
        """Keep connected until cancelled."""
        while True:
            try:
                await self._connection()
                reason = "the desk closed the connection"
            except OSError as error:
                reason = f"{self._path}: {error.strerror or error}"
            except (ValueError, msgspec.DecodeError):
                reason = f"{self._path}: what answers there is no desk of this version"
            self._on_link(False, reason)
            await asyncio.sleep(RECONNECT_S)

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=MAX_TOLD)
        self._writer = writer
        try:
            self._on_link(True, "connected")
            while text := await reader.readline():
                self._on_told(read_told(text))
        finally:
            self._writer = None
            writer.close()
