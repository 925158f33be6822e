"""Real brokers that can be taken away and brought back, and clients that keep a record."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Protocol

import pytest
import pytest_asyncio

from gateway.contract.broker import BrokerOptions
from gateway.contract.session import Received, Session
from simulator.broker import EmbeddedBroker
from simulator.mosquitto import Mosquitto

WAIT_S = 20


class Broker(Protocol):
    @property
    def url(self) -> str: ...
    @property
    def port(self) -> int: ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Client:
    """A session, and in queues what it was told."""

    def __init__(self, url: str, name: str, **options: Any) -> None:
        self.links: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()
        self.messages: asyncio.Queue[Received] = asyncio.Queue()
        self.pubacks: asyncio.Queue[int] = asyncio.Queue()
        self.refusals: asyncio.Queue[tuple[int | None, str]] = asyncio.Queue()
        arguments: dict[str, Any] = {
            "will": None,
            "subscriptions": (),
            "on_message": self.messages.put_nowait,
            "on_link": lambda up, reason: self.links.put_nowait((up, reason)),
            "on_puback": self.pubacks.put_nowait,
            "on_refused": lambda parcel, reason: self.refusals.put_nowait((parcel.token, reason)),
        }
        broker = options.pop("broker", BrokerOptions(url=url))
        self.session = Session(broker, name, **{**arguments, **options})
        self.running = asyncio.ensure_future(self.session.run())

    async def up(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while not (await self.links.get())[0]:
                pass

    async def down(self) -> str:
        async with asyncio.timeout(WAIT_S):
            while True:
                up, reason = await self.links.get()
                if not up:
                    return reason

    async def message(self) -> Received:
        async with asyncio.timeout(WAIT_S):
            return await self.messages.get()

    async def puback(self) -> int:
        async with asyncio.timeout(WAIT_S):
            return await self.pubacks.get()

    async def refusal(self) -> tuple[int | None, str]:
        async with asyncio.timeout(WAIT_S):
            return await self.refusals.get()

    async def end(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running


@pytest_asyncio.fixture(params=["mosquitto", "nats", "embedded"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    if request.param == "embedded":
        broker: Broker = EmbeddedBroker()
    else:
        broker = request.getfixturevalue(request.param)()
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def strict_broker(mosquitto: Callable[..., Mosquitto]) -> AsyncIterator[Broker]:
    """A broker that wants a password, and knows none."""
    broker = mosquitto("allow_anonymous false")
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Callable[..., Client]]:
    clients: list[Client] = []

    def make(url: str, name: str, **options: Any) -> Client:
        clients.append(Client(url, name, **options))
        return clients[-1]

    yield make
    for one in clients:
        if not one.running.done():
            await one.end()
