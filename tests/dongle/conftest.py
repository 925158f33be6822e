"""A hub at the end of the line, and a dongle on the air."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest_asyncio

from simulator.air import Air
from simulator.badge import VirtualBadge
from simulator.badge_files import BadgeFiles
from simulator.dongle import VirtualDongle
from wire.link import Message, Receiver

M = TypeVar("M", bound=Message)
PATIENCE_S = 30.0


class Hub:
    """Has the port open; `messages` is all that the dongle has said on it."""

    def __init__(self, port: Path) -> None:
        self.receiver = Receiver()
        self.messages: list[Message] = []
        self.gone = asyncio.Event()
        self._changed = asyncio.Event()
        self._port = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._port, self._read)

    def _read(self) -> None:
        try:
            chunk = os.read(self._port, 4096)
        except OSError:
            chunk = b""
        if not chunk:  # hung up, as when a USB plug is pulled
            self.gone.set()
            self.pause()
            return
        self.messages += self.receiver.feed(chunk)
        self._changed.set()

    def pause(self) -> None:
        """Reads no more."""
        asyncio.get_running_loop().remove_reader(self._port)

    async def send(self, octets: bytes) -> None:
        """All of them, however slowly the dongle takes them."""
        loop = asyncio.get_running_loop()
        while octets:
            room = asyncio.Event()
            loop.add_writer(self._port, room.set)
            await room.wait()
            loop.remove_writer(self._port)
            octets = octets[os.write(self._port, octets) :]

    def all(self, kind: type[M]) -> list[M]:
        return [message for message in self.messages if isinstance(message, kind)]

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits for messages until the condition holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def next(self, kind: type[M]) -> M:
        """The next message of this kind."""
        count = len(self.all(kind))
        await self.until(lambda: len(self.all(kind)) > count)
        return self.all(kind)[count]

    def close(self) -> None:
        self.pause()
        os.close(self._port)


@pytest_asyncio.fixture
async def air() -> AsyncIterator[Air]:
    """Three of ten packets are lost on it."""
    yield Air(0.3, random.Random(1))


@pytest_asyncio.fixture
async def dongle(air: Air, tmp_path: Path) -> AsyncIterator[VirtualDongle]:
    made = VirtualDongle(air, tmp_path / "dongle", "dongle")
    await made.power_on()
    yield made
    made.close()


@pytest_asyncio.fixture
async def plug_in() -> AsyncIterator[Callable[[VirtualDongle], Awaitable[Hub]]]:
    """Makes a hub that has the dongle's port open and has heard its hello."""
    hubs = []

    async def make(dongle: VirtualDongle) -> Hub:
        hub = Hub(dongle.port)
        hubs.append(hub)
        await hub.until(lambda: hub.messages)
        return hub

    yield make
    for hub in hubs:
        hub.close()


@pytest_asyncio.fixture
async def badge(air: Air, badge_files: BadgeFiles) -> AsyncIterator[VirtualBadge]:
    """Badge 7, not yet switched on."""
    made = VirtualBadge(air, badge_files, "badge-7", rng=random.Random(2))
    yield made
    made.close()
