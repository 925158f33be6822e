"""The broker of a live run, which can die and come back with what it had, or with less."""

import shutil
from pathlib import Path
from typing import Literal, Protocol

from simulator.broker import EmbeddedBroker
from simulator.mosquitto import Mosquitto
from simulator.nats import Nats

Keeps = Literal["all", "saved", "nothing"]
KINDS = ("amqtt", "mosquitto", "nats")
_AUTOSAVE_S = 5  # as the configuration that the project ships


class LiveBroker(Protocol):
    """A broker on this machine. url: where it listens."""

    @property
    def url(self) -> str: ...

    async def start(self) -> None:
        """Returns when it listens; does nothing when it does."""

    async def die(self, keeps: Keeps) -> None:
        """Ends so that it comes back with this."""


class Amqtt:
    """In this process, with everything in memory: whatever should be kept, it comes back empty."""

    def __init__(self) -> None:
        self._broker = EmbeddedBroker()

    @property
    def url(self) -> str:
        return self._broker.url

    async def start(self) -> None:
        await self._broker.start()

    async def die(self, _keeps: Keeps) -> None:
        await self._broker.stop()


class OwnProcess:
    """Mosquitto or NATS in a process of its own. kept: where it keeps what it saves."""

    def __init__(self, broker: Mosquitto | Nats, kept: Path) -> None:
        self._broker = broker
        self._kept = kept

    @property
    def url(self) -> str:
        return self._broker.url

    async def start(self) -> None:
        if not self._broker.running:
            await self._broker.start()

    async def die(self, keeps: Keeps) -> None:
        if keeps == "all":
            await self._broker.quit()
        else:
            await self._broker.stop()
        if keeps == "nothing":
            shutil.rmtree(self._kept, ignore_errors=True)
            self._kept.mkdir()


def make_broker(kind: str, folder: Path) -> LiveBroker:
    """One of KINDS, its files in a folder. Raises SimulatorError when it is not installed."""
    kept = folder / "kept"
    kept.mkdir()
    if kind == "mosquitto":
        settings = (
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {kept}/",
            f"autosave_interval {_AUTOSAVE_S}",
            "max_queued_messages 100000",
        )
        return OwnProcess(Mosquitto(folder, *settings), kept)
    if kind == "nats":
        return OwnProcess(Nats(folder), folder / "nats")
    return Amqtt()
