"""The radio through bleak: over the virtual air, and over scanners that fail."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakError
from bumble import hci
from bumble.device import Device
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from gateway.errors import RadioError
from gateway.radio import Advert
from gateway.radio.bleak import BleakRadio
from simulator.air import Air
from simulator.bleak_backend import backends
from simulator.controller import VirtualController
from simulator.peripheral import Peripheral
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID
from wire.frame import COMPANY_TESTS, to_advertisement

WAIT_S = 20
ADDRESS = "C0:00:00:00:00:01"
WRITE, NOTIFY = 0x08, 0x10
FRAME = bytes(range(24))


class Scanner(BaseBleakScanner):
    """A scanner that hears nothing; outcomes: an error to raise, or None, for each start."""

    outcomes: list[Exception | None]
    started: asyncio.Event

    def __init__(self, callback, service_uuids, _mode, **_) -> None:
        super().__init__(callback, service_uuids)

    async def start(self) -> None:
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.started.set()
        if outcome is not None:
            raise outcome

    async def stop(self) -> None:
        pass


def scanner(*outcomes: Exception | None) -> type[Scanner]:
    return type("Made", (Scanner,), {"outcomes": [*outcomes], "started": asyncio.Event()})


class Hub:
    """A radio that scans the virtual air, and a badge that repeats what is written to it."""

    def __init__(self, radio: BleakRadio, badge: Peripheral) -> None:
        self.radio, self.badge = radio, badge
        self.heard: asyncio.Queue[Advert] = asyncio.Queue()
        self.scanning = asyncio.ensure_future(radio.run(self.heard.put_nowait))

    async def hears(self) -> Advert:
        async with asyncio.timeout(WAIT_S):
            return await self.heard.get()


@pytest_asyncio.fixture
async def hub() -> AsyncIterator[Hub]:
    air = Air(0.0, random.Random(1))
    controller = VirtualController(air, "hub-1")
    host = Host(controller, AsyncPipeSink(controller))
    device = Device(name="hub-1", address=hci.Address.ANY_RANDOM, host=host)
    await device.power_on()
    badge = Peripheral(
        air,
        "badge",
        ADDRESS,
        on_connect=lambda *_: None,
        on_disconnect=lambda *_: None,
        on_write=lambda connection, _, value: badge.notify(connection, reply, value[::-1]),
    )
    ((_, reply),) = badge.serve([(SERVICE_UUID, [(COMMAND_UUID, WRITE), (REPLY_UUID, NOTIFY)])])
    badge.advertise(20_000, to_advertisement(FRAME))
    hub = Hub(BleakRadio(COMPANY_TESTS, *backends(device)), badge)
    yield hub
    hub.scanning.cancel()
    with suppress(asyncio.CancelledError):
        await hub.scanning
    badge.close()


async def test_a_frame_is_heard_as_it_was_sent(hub):
    advert = await hub.hears()
    assert (advert.address, advert.frame) == (ADDRESS, FRAME)
    assert advert.rssi < 0


async def test_advertisements_of_other_companies_are_not_ours(hub):
    await hub.hears()
    hub.badge.advertise(20_000, to_advertisement(bytes(24), company=0x004C))
    hub.badge.advertise(20_000, to_advertisement(bytes(reversed(FRAME))))
    frames = {FRAME}
    while FRAME[::-1] not in frames:
        frames.add((await hub.hears()).frame)
    assert frames == {FRAME, FRAME[::-1]}


async def test_a_command_is_written_and_its_reply_heard(hub):
    replies: asyncio.Queue[bytes] = asyncio.Queue()
    await hub.hears()
    connection = await hub.radio.connect(ADDRESS, replies.put_nowait)
    for command in (b"first", bytes(64)):
        await connection.write(command)
        async with asyncio.timeout(WAIT_S):
            assert await replies.get() == command[::-1]
    assert connection.connected
    await connection.close()
    assert not connection.connected
    await connection.close()
    with pytest.raises(RadioError, match=f"write to {ADDRESS}"):
        await connection.write(b"late")


async def test_a_host_without_bluetooth_is_told_so_with_the_remedy():
    radio = BleakRadio(COMPANY_TESTS, scanner(BleakError("no adapter")))
    with pytest.raises(RadioError, match="no adapter; check that an adapter is there"):
        await radio.run(lambda _: None)


async def test_a_silent_scanner_is_started_again_also_when_that_fails_at_first():
    made = scanner(None, None, BleakError("busy"), None)
    radio = BleakRadio(COMPANY_TESTS, made, silence_s=0.01)
    scanning = asyncio.ensure_future(radio.run(lambda _: None))
    async with asyncio.timeout(WAIT_S):
        await made.started.wait()
    scanning.cancel()
    await asyncio.wait((scanning,))
