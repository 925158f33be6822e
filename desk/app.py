"""The desk as a process: broker, database, control socket, and the core between them."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Literal

from desk.alert import Key
from desk.bridges import Bridges, Post
from desk.chain import holes
from desk.config import DeskConfig
from desk.control import Control
from desk.core import Core
from desk.engine import Engine
from desk.lines import Told
from desk.links import DeskView
from desk.night import seconds_to_night
from desk.notify import Notifier
from desk.store import Store
from desk.turns import Cleared, Connected, Notify, StopNotify, Tick
from gateway.contract.messages import (
    AlertRecord,
    CommandMessage,
    DeskState,
    encode,
    rfc3339,
    unix_ms,
)
from gateway.contract.session import Received, Session
from gateway.contract.topics import Topics, client_id

TICK_S = 1.0
VERSION = "0.1.0"


def unix_now_ms() -> int:
    """The host's time in unix ms."""
    return time.time_ns() // 1_000_000


def since_boot_ms() -> int:
    """Milliseconds since the host was started, its sleep included; nobody sets this clock."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class Desk:
    """Wires the parts; decides nothing. clock: unix ms; steady: see desk.engine.Engine.

    Raises StoreError for a database and ContractError for a broker address or
    password file that cannot be used.
    """

    def __init__(
        self,
        config: DeskConfig,
        clock: Callable[[], int] = unix_now_ms,
        steady: Callable[[], int] | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._topics = Topics(config.fleet)
        self._state: Literal["online", "offline"] = "online"
        self._store = Store(config.database)
        core = Core(config.setting, self._store.load())
        self._engine = Engine(core, self._store, self, self._topics, clock, steady)
        self._notifier = Notifier(config.urls_files, post=self._engine.step)
        self._holes: tuple[str, ...] = ()
        self._session = Session(
            config.broker,
            client_id(config.fleet, config.name),
            will=(self._topics.desk_state(), encode(self._presence("offline"))),
            subscriptions=self._topics.for_desk(),
            on_message=self._arrive,
            on_link=self._link,
            on_puback=self._hand_over,
            on_refused=lambda parcel, reason: self._engine.refused(parcel.topic, reason),
        )
        self._bridges = Bridges(
            self._topics, config.wearers, config.homeassistant, config.owntracks, VERSION
        )
        self._control = Control(
            config.control,
            on_ask=self._engine.step,
            snapshot=self._snapshot,
            on_watchers=lambda _: self._watched(),
        )
        self._arrived: asyncio.Queue[Received] = asyncio.Queue()
        self._reason = "not connected yet"
        self._view: DeskView | None = None
        self._clearing: dict[int, Key] = {}
        self._tokens = itertools.count(1)

    async def run(self) -> None:
        """Serve until cancelled. Raises DeskError when it cannot go on."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._control.run())
                # Whoever has the socket is the one desk; another would take its MQTT session.
                await self._control.ready.wait()
                parts = (self._session.run, self._ingest, self._tick, self._notifier.run)
                for part in (*parts, self._survey):
                    tasks.create_task(part())
                await self._until_stopped()
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            self._store.close()

    def announce(self, record: AlertRecord) -> None:
        """Show a record to broker and supervisors."""
        topic = self._topics.alert(record.badge, record.event)
        self._session.publish(topic, encode(record), retain=True)
        self._control.tell(Told(alert=record))
        self._post(self._bridges.changed(self._clock(), record))

    def send(self, command: CommandMessage) -> None:
        """Publish a command; when the broker is away, the chain heals later."""
        topic = self._topics.command(command.badge)
        left_s = max(1, (unix_ms(command.expires_at) - self._clock()) // 1000)
        self._session.publish(topic, encode(command), expiry_s=left_s)

    def clear(self, key: Key) -> None:
        """Take a record from the broker; archived once the broker says so."""
        token = next(self._tokens)
        if self._session.publish(self._topics.alert(*key), b"", token=token, retain=True):
            self._clearing[token] = key

    def notify(self, order: Notify | StopNotify) -> None:
        """Call a contact, or stop; the outcome comes back by itself."""
        self._notifier.order(order)

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that a message need not come again."""
        self._session.acknowledge(received)

    async def _ingest(self) -> None:
        while True:
            batch = [await self._arrived.get()]
            while not self._arrived.empty():
                batch.append(self._arrived.get_nowait())
            self._engine.take(batch)

    async def _tick(self) -> None:
        while True:
            self._engine.step(Tick())
            self._refresh()
            await asyncio.sleep(TICK_S)

    async def _survey(self) -> None:
        """Look at the start and every night whether everybody can be called."""
        while True:
            self._holes = holes(self._config.escalation, self._config.urls_files)
            self._publish_state()
            self._refresh()
            await asyncio.sleep(seconds_to_night(self._clock()))

    async def _until_stopped(self) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            # A clean end triggers no will, so the desk itself says that it goes.
            self._state = "offline"
            self._publish_state()

    def _arrive(self, received: Received) -> None:
        self._arrived.put_nowait(received)

    def _link(self, up: bool, reason: str) -> None:
        self._reason = reason
        self._clearing.clear()
        if up:
            self._publish_state()
            self._post(self._bridges.connected(self._clock(), self._engine.records))
            self._engine.step(Connected())
        self._refresh()

    def _hand_over(self, token: int) -> None:
        key = self._clearing.pop(token, None)
        if key is not None:
            self._control.tell(Told(gone=str(key)))
            self._engine.step(Cleared(key))  # shows it again, should it ring again

    def _watched(self) -> None:
        self._publish_state()
        self._refresh()

    def _snapshot(self) -> tuple[Told, ...]:
        alerts = tuple(Told(alert=record) for record in self._engine.records)
        return (*alerts, Told(desk=self._look()))

    def _refresh(self) -> None:
        view = self._look()
        if view != self._view:
            self._view = view
            self._control.tell(Told(desk=view))
        if view.broker:
            self._post(self._bridges.met(gateway.gateway for gateway in view.gateways))

    def _post(self, posts: Iterable[Post]) -> None:
        for post in posts:
            self._session.publish(post.topic, post.payload, retain=post.retained)

    def _look(self) -> DeskView:
        return self._engine.view(
            broker=self._session.connected,
            reason=self._reason,
            supervisors=self._control.watchers,
            warnings=self._holes,
        )

    def _publish_state(self) -> None:
        message = encode(self._presence(self._state, self._control.watchers))
        self._session.publish(self._topics.desk_state(), message, retain=True)

    def _presence(self, state: Literal["online", "offline"], watchers: int = 0) -> DeskState:
        at = rfc3339(self._clock())
        warnings = tuple(hole[:200] for hole in self._holes)
        return DeskState(
            state=state, at=at, supervisors=watchers, version=VERSION, warnings=warnings
        )
