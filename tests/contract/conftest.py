"""Real brokers that can be taken away and brought back, and clients that keep a record."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio

from gateway.contract.session import BrokerOptions, Received, Session
from simulator.broker import EmbeddedBroker

WAIT_S = 20


class Broker(Protocol):
    url: str

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Mosquitto:
    """Mosquitto in a process of its own, without persistence: a restart forgets everything."""

    def __init__(self, folder: Path, *settings: str) -> None:
        binary = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
        assert binary, "mosquitto is needed: apt-get install mosquitto"
        self._binary = binary
        self._file = folder / "mosquitto.conf"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        lines = (f"listener {self._port} 127.0.0.1", *(settings or ("allow_anonymous true",)))
        self._file.write_text("\n".join(lines) + "\n")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self._port}"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            self._binary, "-v", "-c", self._file, stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            if b"running" in line:
                return
        raise AssertionError("mosquitto does not start")

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.communicate()


class Client:
    """A session, and in queues what it was told."""

    def __init__(self, url: str, name: str, **options: Any) -> None:
        self.links: asyncio.Queue[tuple[bool, str]] = asyncio.Queue()
        self.messages: asyncio.Queue[Received] = asyncio.Queue()
        self.pubacks: asyncio.Queue[int] = asyncio.Queue()
        arguments: dict[str, Any] = {
            "will": None,
            "subscriptions": (),
            "on_message": self.messages.put_nowait,
            "on_link": lambda up, reason: self.links.put_nowait((up, reason)),
            "on_puback": self.pubacks.put_nowait,
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

    async def end(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running


@pytest_asyncio.fixture(params=["mosquitto", "embedded"])
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Mosquitto(tmp_path) if request.param == "mosquitto" else EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def strict_broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker that wants a password, and knows none."""
    broker = Mosquitto(tmp_path, "allow_anonymous false")
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
