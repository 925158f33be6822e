"""Notices that the registry file was changed, so that a new badge needs no restart."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway.errors import ConfigError
from gateway.registry import Registry, load_registry

POLL_S = 2.0


class RegistryFile:
    """Watches the file at `path`; hands every registry that can be used on to `take`."""

    def __init__(
        self,
        path: Path,
        take: Callable[[Registry], None],
        log: structlog.typing.FilteringBoundLogger,
        poll_s: float = POLL_S,
    ) -> None:
        self._path = path
        self._take = take
        self._log = log
        self._poll_s = poll_s
        self._seen = self._stamp()

    async def run(self) -> None:
        """Look every few seconds until cancelled; a broken file is logged, the old one stays."""
        while True:
            await asyncio.sleep(self._poll_s)
            stamp = self._stamp()
            if stamp not in (self._seen, None):
                self._seen = stamp
                await self._read()

    async def _read(self) -> None:
        try:
            # Thousands of keys take a while, in which presses must not wait.
            registry = await asyncio.to_thread(load_registry, self._path)
        except ConfigError as error:
            self._log.error("registry.refused", reason=str(error))
        else:
            self._take(registry)
            self._log.info("registry.taken", badges=len(registry.badges))

    def _stamp(self) -> tuple[int, int, int] | None:
        """What changes with each new version of the file; None while there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
