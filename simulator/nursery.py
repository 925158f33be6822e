"""Programs in a fraction of their time: forked from a process that has imported theirs already.

A chain starts and kills some dozen programs, and most of a second of each start is imports.
What is forked is a process as any other: it has its own memory, descriptors and death.
"""

import asyncio
import contextlib
import importlib
import multiprocessing
import os
import sys
import warnings
from multiprocessing.context import ForkServerProcess
from pathlib import Path


class Nursery:
    """modules: what the programs import. All nurseries of a process are one: the first's counts."""

    def __init__(self, *modules: str) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(modules))

    def start(self, module: str, arguments: list[str], log: Path) -> "Forked":
        """main() of the module, or of its __main__, with these arguments of a command line."""
        process = self._context.Process(target=_run, args=(module, arguments, log), daemon=True)
        process.start()
        return Forked(process)


class Forked:
    """A process of the nursery, as asyncio has those that it starts."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.pid, number)

    async def wait(self) -> int:
        """Until it has ended; its exit code."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        return self._process.exitcode or 0


def _run(module: str, arguments: list[str], log: Path) -> None:
    """In the child: what `python -m module` does, with its output in the log."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    warnings.simplefilter("default")
    sys.argv = [module, *arguments]
    program = importlib.import_module(module)
    if hasattr(program, "__path__"):
        program = importlib.import_module(f"{module}.__main__")
    program.main()
