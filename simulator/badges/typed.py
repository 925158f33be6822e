"""Lines of a tester: from a prompt in a terminal, a pipe, or a script."""

from __future__ import annotations

import asyncio
import contextlib
import os
import readline
import sys
import termios
import threading
from collections.abc import AsyncIterator, Iterator

from simulator.badges.orders import VERBS
from simulator.badges.screen import PROMPT, Screen


def at_a_prompt() -> bool:
    """Whether there is somebody who can be asked: a terminal, and we are in its foreground."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


class Typed:
    """Lines of stdin, each asked for once the one before is done.

    A thread reads them, since neither a prompt nor a file can be waited for in the event loop;
    it ends with the process.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._asks = at_a_prompt()
        self._wanted = threading.Semaphore(0)
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    async def lines(self) -> AsyncIterator[str]:
        """Until there are no more: end of file, or Ctrl-D at the prompt."""
        threading.Thread(target=self._read, name="stdin", daemon=True).start()
        while True:
            self._wanted.release()
            line = await self._lines.get()
            if line is None:
                return
            yield line

    @property
    def asks(self) -> bool:
        """Whether this is a prompt, whose end is the end of everything."""
        return self._asks

    def _read(self) -> None:
        lines = self._prompted() if self._asks else iter(sys.stdin)
        with contextlib.suppress(OSError, ValueError):  # stdin is closed, or no text
            while self._wanted.acquire():
                self._hand_over(next(lines, None))

    def _hand_over(self, line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)

    def _prompted(self) -> Iterator[str]:
        readline.set_completer(_complete)
        readline.parse_and_bind("tab: complete")
        while True:
            self._screen.prompting = True
            try:
                line = input(PROMPT)
            except EOFError:
                return
            finally:
                self._screen.prompting = False
            yield line


@contextlib.contextmanager
def terminal_kept() -> Iterator[None]:
    """The terminal is afterwards as it was, whatever a prompt was doing with it."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _complete(text: str, at: int) -> str | None:
    found = [verb for verb in VERBS if verb.startswith(text)]
    return found[at] if at < len(found) else None
