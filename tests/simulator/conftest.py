"""Time that skips every wait, and the two ends of a radio link."""

import asyncio
import random
import selectors
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

T = TypeVar("T")
FRAME = bytes(range(24))
ADVERTISEMENT = bytes.fromhex("020106 1bff ffff") + FRAME


class _SkippingSelector(selectors.DefaultSelector):
    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everything waits and nothing is due")
            self.now_s += max(timeout, 0.0)
        return ready


class _VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = _SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now_s


@pytest.fixture
def in_virtual_time() -> Callable[[Coroutine[Any, Any, T]], T]:
    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        with asyncio.Runner(loop_factory=_VirtualTimeLoop) as runner:
            return runner.run(coroutine)

    return run


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
