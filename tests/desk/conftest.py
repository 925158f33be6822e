"""Reports as gateways make them, a desk's core and engine, and a broker's memory."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from desk.alert import Key
from desk.control import Control
from desk.core import Core, Setting
from desk.engine import Engine
from desk.lines import Told
from desk.links import DeskView
from desk.store import Store
from desk.turns import Kept, Notify, Reported, StopNotify
from gateway.contract.messages import (
    AlertRecord,
    CommandMessage,
    Kind,
    Phase,
    Position,
    Report,
    encode,
    rfc3339,
)
from gateway.contract.session import Received
from gateway.contract.topics import Topics

NOW_MS = 1_800_000_000_000


@pytest.fixture
def now_ms() -> int:
    return NOW_MS


@pytest.fixture
def topics() -> Topics:
    return Topics("demo")


@pytest.fixture
def report() -> Callable[..., Report]:
    """A raised sos of badge 1, event 2, heard 1 s ago, changed as told."""

    def make(heard_ms: int = NOW_MS - 1000, **changes: object) -> Report:
        fields: dict[str, object] = {
            "badge": 1,
            "event": 2,
            "kind": Kind.SOS,
            "phase": Phase.RAISED,
            "counter": 10,
            "gateway": "hub-1",
            "heard_at": rfc3339(heard_ms),
            "position": Position(latitude=53.5, longitude=-2.25, age_s=5, accuracy_m=8),
            "battery": 80,
        }
        return Report(**(fields | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def received(topics: Topics) -> Callable[..., Received]:
    """A report's message, as the broker delivers it."""

    def make(report: Report, *, retained: bool = False) -> Received:
        topic = topics.event(report.badge, report.event, report.gateway)
        return Received(topic, encode(report), retained, object())

    return make


class KilledError(Exception):
    """The process was killed here."""


class Fuse:
    """Blows at the n-th step; a step that is not reached never blows it."""

    def __init__(self, steps: int | None = None) -> None:
        self.left = steps
        self.steps = 0

    def burn(self) -> None:
        if self.left is not None and self.steps >= self.left:
            raise KilledError
        self.steps += 1


class World:
    """What outlives a killed desk, apart from its disk: the broker's memory and the gateways'."""

    def __init__(self, steps: int | None = None) -> None:
        self.fuse = Fuse(steps)
        self.records: dict[str, AlertRecord] = {}
        self.commands: list[CommandMessage] = []
        self.acknowledged: list[Received] = []
        self.cleared: list[Key] = []
        self.notified: list[Notify | StopNotify] = []
        self.log: list[str] = []

    def announce(self, record: AlertRecord) -> None:
        self.fuse.burn()
        self.log.append(f"announce {record.alert} {record.phase}")
        self.records[record.alert] = record

    def send(self, command: CommandMessage) -> None:
        self.fuse.burn()
        self.log.append(f"send {command.badge}-{command.event} {command.opcode}")
        self.commands.append(command)

    def clear(self, key: Key) -> None:
        self.fuse.burn()
        self.log.append(f"clear {key}")
        self.cleared.append(key)

    def notify(self, order: Notify | StopNotify) -> None:
        self.fuse.burn()
        who = order.contact if isinstance(order, Notify) else "nobody more"
        self.log.append(f"notify {order.alert} {who}")
        self.notified.append(order)

    def acknowledge(self, received: Received) -> None:
        self.fuse.burn()
        self.log.append("acknowledge")
        self.acknowledged.append(received)


class Ledger:
    """A ledger that says in the world's log when it committed; may die before and after."""

    def __init__(self, world: World, commit: Callable[[Sequence[Kept]], None]) -> None:
        self._world = world
        self._commit = commit

    def commit(self, kept: Sequence[Kept]) -> None:
        self._world.fuse.burn()
        self._commit(kept)
        self._world.log.append("commit")
        self._world.fuse.burn()


@pytest.fixture
def desk_toml(tmp_path: Path) -> Callable[[str], Path]:
    """A desk.toml with this text."""

    def write(text: str) -> Path:
        path = tmp_path / "desk.toml"
        path.write_text(text)
        return path

    return write


class Room(World):
    """A desk without a broker: core, database and control socket, and a clock set by hand."""

    def __init__(self, folder: Path, topics: Topics, setting: Setting | None = None) -> None:
        super().__init__()
        self.now_ms = NOW_MS
        self.holes: tuple[str, ...] = ()
        self.socket = folder / "desk.sock"
        self.watching: asyncio.Queue[int] = asyncio.Queue()
        self.store = Store(folder / "desk.db")
        core = Core(setting or Setting({1: "Asha N."}), self.store.load())
        self.engine = Engine(core, self.store, self, topics, lambda: self.now_ms)
        self.control = Control(
            self.socket,
            on_ask=self.engine.step,
            snapshot=self._snapshot,
            on_watchers=self.watching.put_nowait,
        )
        self._serving: asyncio.Task[None] | None = None

    def announce(self, record: AlertRecord) -> None:
        super().announce(record)
        self.control.tell(Told(alert=record))

    def refresh(self) -> None:
        """Tell those who watch what is not an alert."""
        self.control.tell(Told(desk=self._look()))

    def report(self, report: Report) -> None:
        self.engine.step(Reported(report))

    async def open(self) -> None:
        """Serve; returns once it can be connected to."""
        self._serving = asyncio.create_task(self.control.run())
        await self.control.ready.wait()

    async def close(self) -> None:
        """Stop serving."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait((self._serving,))
            self.control.ready.clear()

    def _snapshot(self) -> tuple[Told, ...]:
        return (*(Told(alert=record) for record in self.engine.records), Told(desk=self._look()))

    def _look(self) -> DeskView:
        watchers = self.control.watchers
        return self.engine.view(broker=True, reason="", supervisors=watchers, warnings=self.holes)


@pytest_asyncio.fixture
async def room(topics: Topics) -> AsyncIterator[Room]:
    # The path of a Unix socket is short; pytest's own folders need not be.
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), topics)
        await room.open()
        yield room
        await room.close()
        room.store.close()
