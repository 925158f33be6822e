"""Time that skips every wait, and the two ends of a radio link."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from bumble import hci
from bumble.device import Device
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from simulator.air import Air
from simulator.controller import VirtualController
from simulator.peripheral import Peripheral
from simulator.virtual_time import run_in_virtual_time

T = TypeVar("T")
FRAME = bytes(range(24))
ADVERTISEMENT = bytes.fromhex("020106 1bff ffff") + FRAME


@pytest.fixture
def in_virtual_time() -> Callable[[Coroutine[Any, Any, T]], T]:
    return run_in_virtual_time


@pytest.fixture
def advertisement() -> bytes:
    return ADVERTISEMENT


class RecordingPeripheral:
    """A badge's radio and everything that it was told."""

    def __init__(self, air: Air, name: str, address: str) -> None:
        self.connected: asyncio.Queue[int] = asyncio.Queue()
        self.disconnected: asyncio.Queue[int] = asyncio.Queue()
        self.written: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        self.radio = Peripheral(
            air,
            name,
            address,
            on_connect=lambda connection, _peer: self.connected.put_nowait(connection),
            on_disconnect=lambda connection, _peer: self.disconnected.put_nowait(connection),
            on_write=lambda _, handle, value: self.written.put_nowait((handle, value)),
        )


@pytest.fixture
def badge() -> Callable[..., RecordingPeripheral]:
    def make(air: Air, number: int = 1) -> RecordingPeripheral:
        return RecordingPeripheral(air, f"badge-{number}", f"C0:00:00:00:00:{number:02X}")

    return make


@pytest.fixture
def host() -> Callable[..., Awaitable[Device]]:
    async def make(air: Air, name: str = "hub-1") -> Device:
        controller = VirtualController(air, name)
        bumble_host = Host(controller, AsyncPipeSink(controller))
        device = Device(name=name, address=hci.Address.ANY_RANDOM, host=bumble_host)
        await device.power_on()
        return device

    return make


@pytest_asyncio.fixture
async def clear_air() -> AsyncIterator[Air]:
    yield Air(0.0, random.Random(1))
