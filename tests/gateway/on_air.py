"""Stations of the virtual air for tests of radios, and somebody who listens."""

import asyncio
import random

from bumble import hci
from bumble.device import Device
from bumble.transport.common import AsyncPipeSink

from gateway.radio import Advert, RadioCondition
from simulator.air import Air
from simulator.controller import VirtualController
from simulator.hci_host import QuietHost
from simulator.peripheral import Peripheral
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID
from wire.frame import to_advertisement

WAIT_S = 20
ADDRESS = "C0:00:00:00:00:01"
FRAME = bytes(range(24))
STRANGER = to_advertisement(bytes(24), company=0x004C)
_WRITE, _NOTIFY = 0x08, 0x10
_INTERVAL_US = 20_000


class Ear:
    """A listener; what it was told waits in queues."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Advert] = asyncio.Queue()
        self.strangers: asyncio.Queue[str] = asyncio.Queue()
        self.conditions: asyncio.Queue[tuple[str, RadioCondition]] = asyncio.Queue()

    def advert(self, advert: Advert) -> None:
        self.heard.put_nowait(advert)

    def ambient(self, radio: str) -> None:
        self.strangers.put_nowait(radio)

    def condition(self, radio: str, condition: RadioCondition) -> None:
        self.conditions.put_nowait((radio, condition))

    async def hears(self) -> Advert:
        async with asyncio.timeout(WAIT_S):
            return await self.heard.get()

    async def hears_a_stranger(self) -> str:
        async with asyncio.timeout(WAIT_S):
            return await self.strangers.get()

    async def is_told(self, state: str) -> tuple[str, str]:
        """The next condition of this state: the radio and the reason."""
        async with asyncio.timeout(WAIT_S):
            while True:
                radio, condition = await self.conditions.get()
                if condition.state == state:
                    return radio, condition.reason


class EchoingBadge:
    """Advertises a frame, and repeats what is written to it, backwards."""

    def __init__(self, air: Air, address: str = ADDRESS, payload: bytes | None = None) -> None:
        self.air = air
        self._station = Peripheral(
            air,
            f"badge {address}",
            address,
            on_connect=lambda *_: None,
            on_disconnect=lambda *_: None,
            on_write=lambda connection, _, value: self._station.notify(
                connection, reply, value[::-1]
            ),
        )
        characteristics = [(COMMAND_UUID, _WRITE), (REPLY_UUID, _NOTIFY)]
        ((_, reply),) = self._station.serve([(SERVICE_UUID, characteristics)])
        self.say(to_advertisement(FRAME) if payload is None else payload)

    def say(self, payload: bytes) -> None:
        self._station.advertise(_INTERVAL_US, payload)

    def close(self) -> None:
        self._station.close()


def quiet_air() -> Air:
    """Nothing is lost on it."""
    return Air(0.0, random.Random(1))


async def adapter_on(air: Air, name: str = "hub-1") -> Device:
    """A Bluetooth adapter that is switched on."""
    controller = VirtualController(air, name)
    host = QuietHost(controller, AsyncPipeSink(controller))
    device = Device(name=name, address=hci.Address.ANY_RANDOM, host=host)
    await device.power_on()
    return device


async def stopped(*running: asyncio.Future) -> None:
    """Cancel and wait; an error of theirs is an error."""
    for each in running:
        each.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if not isinstance(outcome, asyncio.CancelledError | None):
            raise outcome
