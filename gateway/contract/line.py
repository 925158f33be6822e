"""A way to reach somebody, in a thread of its own: one that hangs holds up nobody else."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from gateway.contract.words import Words


class Recipient(Protocol):
    """Where notifications go: see gateway.contract.targets.Target."""

    line: int
    scheme: str

    def send(self, words: Words) -> bool:
        """Send, and wait; in a thread."""


class Line:
    """A target with its thread. An attempt that takes longer than attempt_s has failed."""

    def __init__(self, target: Recipient, attempt_s: float) -> None:
        self.target = target
        self._attempt_s = attempt_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"notify-{target.line}")

    def __repr__(self) -> str:
        return f"<Line {self.target.line} ({self.target.scheme})>"

    async def send(self, words: Words) -> bool:
        """Whether the target took it in time."""
        try:
            async with asyncio.timeout(self._attempt_s):
                sending = asyncio.get_running_loop().run_in_executor(
                    self._thread, self.target.send, words
                )
                return await sending
        except TimeoutError:
            return False

    def close(self) -> None:
        """Start nothing more; what is being sent goes on in its thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
