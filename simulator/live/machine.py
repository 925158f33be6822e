"""A hub or the desk of a live run: its process, its network, its clock, and a hub's radio."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from simulator.live.field import Field
from simulator.lockstep.log import Log
from simulator.processes import Program
from simulator.proxy import Mode, Proxy

Do = Callable[[Callable[[], Awaitable[object]]], None]
"""Does something that takes a while, in the order in which it was asked for."""


class Orders:
    """One queue of things that take a while, for all that must happen in order.

    `failed` holds the exception of what could not be done.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue()

    def __call__(self, order: Callable[[], Awaitable[object]]) -> None:
        self._queue.put_nowait(order)

    async def run(self) -> None:
        """Until cancelled. Raises what an order raises."""
        while True:
            await (await self._queue.get())()
            self._queue.task_done()

    async def done(self) -> None:
        """Waits until nothing is left to do."""
        await self._queue.join()


class Machine:
    """name: as in the log. set_clock: sets its clock off by so many ms."""

    def __init__(
        self,
        name: str,
        program: Program,
        proxy: Proxy,
        set_clock: Callable[[int], None],
        log: Log,
        do: Do,
    ) -> None:
        self.name = name
        self._program = program
        self._proxy = proxy
        self._set_clock = set_clock
        self._offset_ms = 0
        self._runs = program.running
        self._log = log
        self._do = do

    def start(self) -> None:
        """Its program is started, unless it runs."""
        self._do(self._start)

    def kill(self, *, power: bool = False) -> None:
        """kill -9; power: because the whole machine lost it."""
        self._do(lambda: self._kill(power=power))

    def network(self, mode: Mode) -> None:
        """What becomes of its network."""
        self._do(lambda: self._proxy.set(mode))

    def move_clock(self, by_ms: int) -> None:
        """Its clock is set, by so much."""
        self._offset_ms += by_ms
        self._set_clock(self._offset_ms)

    def look(self) -> None:
        """Sees whether its program has ended by itself."""
        if self._runs and not self._program.running:
            self._runs = False
            self._log.note(self.name, "killed", power=False)
            self._log.note(self.name, "failed", why=self._program.last_words())

    async def _start(self) -> None:
        if not self._program.running:
            self._log.note(self.name, "started")
            await self._program.start()
            self._runs = True

    async def _kill(self, *, power: bool) -> None:
        if self._program.running:
            self._runs = False
            await self._program.kill()
            self._log.note(self.name, "killed", power=power)


class HubMachine(Machine):
    """A hub, whose radio may grow deaf until its gateway does something about it."""

    def __init__(
        self,
        name: str,
        program: Program,
        proxy: Proxy,
        set_clock: Callable[[int], None],
        log: Log,
        do: Do,
        *,
        field: Field,
    ) -> None:
        super().__init__(name, program, proxy, set_clock, log, do)
        self._field = field
        self._until = ""
        self._gateway_log = GatewayLog(program.log)

    def grow_deaf(self, until: str) -> None:
        """Hears nobody and reaches nobody, until this remedy; "": until hear_again."""
        self._until = until
        self._field.deaf.add(self.name)

    def hear_again(self) -> None:
        """Nothing is wrong with its radio any more."""
        if self.name in self._field.deaf:
            self._field.deaf.discard(self.name)
            self._log.note(self.name, "hears again")

    def look(self) -> None:
        """Reads in its log how its link is, and what it has done about its silence, too."""
        super().look()
        for event, word in self._gateway_log.new():
            if event == "broker.link":
                self._log.note(self.name, "link", up=word == "True")
                continue
            self._log.note(self.name, "rescans" if word == "scan again" else "resets")
            if word == self._until:
                self.hear_again()


class GatewayLog:
    """What a gateway's log says of its link, and of what it does when it hears nothing."""

    _LINE = re.compile(
        r"event='(broker\.link)'.* up=(\w+)|event='(radio\.silent)'.*remedy='([^']+)'"
    )

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new(self) -> list[tuple[str, str]]:
        """Event and word of each such line since the last look."""
        if not self._path.exists() or self._path.stat().st_size == self._read:
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            *whole, _rest = file.read().split(b"\n")
        self._read += sum(len(line) + 1 for line in whole)
        found = (self._LINE.search(line.decode(errors="replace")) for line in whole)
        return [(match[1] or match[3], match[2] or match[4]) for match in found if match]
