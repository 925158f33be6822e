"""Dongles on serial ports: the firmware itself on the virtual air, and ports of others."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import RadioError
from gateway.radio import Advert, Radio
from gateway.radio.advertisement import for_gateway
from gateway.radio.dongle import Dongle, DongleConnection
from gateway.radio.serial import Dongles, Port, ports_at
from simulator.dongle import VirtualDongle
from tests.gateway.on_air import (
    ADDRESS,
    FRAME,
    STRANGER,
    WAIT_S,
    Ear,
    EchoingBadge,
    quiet_air,
    stopped,
)
from wire import link
from wire.frame import COMPANY_TESTS, to_advertisement

COMPANY = 0x1234
FIRST, SECOND = bytes(24), bytes(range(24))
LOOK_S = 0.02


@pytest_asyncio.fixture
async def badge() -> AsyncIterator[EchoingBadge]:
    badge = EchoingBadge(quiet_air(), payload=to_advertisement(FRAME, company=COMPANY))
    yield badge
    badge.close()


@pytest_asyncio.fixture
async def plugged(badge: EchoingBadge, tmp_path: Path) -> AsyncIterator[VirtualDongle]:
    dongle = VirtualDongle(badge.air, tmp_path / "dongle", "dongle")
    await dongle.power_on()
    yield dongle
    dongle.close()


@pytest_asyncio.fixture
async def ear() -> Ear:
    return Ear()


@pytest_asyncio.fixture
async def running(ear: Ear) -> AsyncIterator[Callable[[Radio], None]]:
    """Lets a radio run until the test is over."""
    begun: list[asyncio.Future] = []
    yield lambda radio: begun.append(asyncio.ensure_future(radio.run(ear)))
    await stopped(*begun)


def dongles(*paths: Path, ours: bool = True, **options) -> Dongles:
    def find() -> tuple[Port, ...]:
        return tuple(Port(str(path), str(path), ours) for path in paths if path.exists())

    return Dongles(COMPANY, find, look_s=LOOK_S, **options)


async def written(
    radio: Dongles, command: bytes, on_reply: Callable[[bytes], None]
) -> DongleConnection:
    """Again and again, as the gateway does: a busy machine is too slow for the dongle."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with suppress(RadioError):
                connection = await radio.connect(ADDRESS, on_reply)
                await connection.write(command)
                return connection


@pytest.mark.parametrize("ours", [True, False])
async def test_a_dongle_is_found_by_what_it_says_and_told_whose_badges_to_relay(
    plugged, ear, running, ours
):
    running(dongles(plugged.port, ours=ours))
    name, reason = await ear.is_told("scanning")
    advert = await ear.hears()
    assert advert == Advert(ADDRESS, advert.rssi, FRAME, b"", name)
    assert advert.rssi < 0
    assert (name[:7], reason) == ("dongle-", "")


async def test_strangers_are_proof_that_a_dongle_hears(plugged, badge, ear, running):
    badge.say(STRANGER)
    running(dongles(plugged.port))
    name, _ = await ear.is_told("scanning")
    assert await ear.hears_a_stranger() == name


async def test_a_command_is_written_through_a_dongle_and_its_reply_heard(plugged, ear, running):
    radio = dongles(plugged.port)
    running(radio)
    replies: asyncio.Queue[bytes] = asyncio.Queue()
    await ear.hears()
    for command in (b"first", b"second"):
        connection = await written(radio, command, replies.put_nowait)
        assert replies.get_nowait() == command[::-1]
    assert connection.connected
    await connection.close()
    with pytest.raises(RadioError, match="closed"):
        await connection.write(b"late")


async def test_a_badge_that_is_not_reached_is_an_error_and_the_connection_is_over(
    plugged, badge, ear, running
):
    radio = dongles(plugged.port)
    running(radio)
    await ear.hears()
    badge.close()
    connection = await radio.connect(ADDRESS, print)
    with pytest.raises(RadioError, match=f"{ADDRESS} by dongle-.*: not reached"):
        await connection.write(b"command")
    assert not connection.connected


async def test_a_dongle_that_is_unplugged_is_gone_and_one_that_is_plugged_in_hears_again(
    plugged, badge, ear, running
):
    radio = dongles(plugged.port)
    running(radio)
    name, _ = await ear.is_told("scanning")
    plugged.unplug()
    assert (await ear.is_told("gone"))[0] == name
    with pytest.raises(RadioError, match="no dongle hears it"):
        await radio.connect(ADDRESS, print)
    badge.say(to_advertisement(SECOND, company=COMPANY))
    plugged.plug()
    assert (await ear.is_told("scanning"))[0] == name
    while (await ear.hears()).frame != SECOND:
        pass


async def test_a_dongle_that_starts_again_is_told_again_whose_badges_to_relay(
    plugged, badge, ear, running
):
    running(dongles(plugged.port))
    await ear.hears()
    plugged.power_off()
    await plugged.power_on()
    badge.say(to_advertisement(SECOND, company=COMPANY))
    while (await ear.hears()).frame != SECOND:
        pass


async def test_a_dongle_without_control_lines_is_reset_by_opening_its_port_again(
    plugged, ear, running
):
    radio = dongles(plugged.port)
    running(radio)
    name, _ = await ear.is_told("scanning")
    await radio.rescan("hci0")
    await radio.reset("hci0")
    await radio.rescan(name)
    await radio.reset(name)
    await ear.is_told("gone")
    await ear.is_told("scanning")


class StrangersPort:
    """A serial port of somebody else's device."""

    def __init__(self, folder: Path) -> None:
        self._device, held = os.openpty()
        tty.setraw(held)
        os.set_blocking(self._device, False)
        self.path = folder / "port"
        self.path.symlink_to(os.ttyname(held))

    def say(self, octets: bytes) -> None:
        os.write(self._device, octets)

    def was_told(self) -> bytes:
        try:
            return os.read(self._device, 4096)
        except BlockingIOError:
            return b""


class Clock:
    """Stands still until it is moved."""

    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


class Looks:
    """Ports as they are found, and how often one looked."""

    def __init__(self, *ports: Port) -> None:
        self.ports = ports
        self._looked = asyncio.Semaphore(0)
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> tuple[Port, ...]:
        self._loop.call_soon_threadsafe(self._looked.release)
        return self.ports

    async def some(self) -> None:
        for _ in range(10):
            async with asyncio.timeout(WAIT_S):
                await self._looked.acquire()


async def test_nothing_is_ever_written_to_a_port_where_no_dongle_speaks(tmp_path, ear, running):
    port, clock = StrangersPort(tmp_path), Clock()
    looks = Looks(Port(str(port.path), "stranger"))
    left_alone: asyncio.Queue[str] = asyncio.Queue()

    class Log:
        def info(self, _: str, reason: str) -> None:
            left_alone.put_nowait(reason)

    port.say(b"AT\r\n" + bytes(5) + b"rst:0x1 (POWERON_RESET)\r\n\0")
    running(Dongles(COMPANY, looks, look_s=LOOK_S, heard_s=0.2, clock_ms=clock, log=Log()))
    async with asyncio.timeout(WAIT_S):
        assert "no dongle answers" in await left_alone.get()
    await looks.some()
    assert port.was_told() == b""
    assert ear.conditions.empty()
    # And again later, without a word to the log.
    clock.now_ms += 60_000
    await looks.some()
    assert left_alone.empty()


async def test_a_port_that_is_named_and_where_nobody_answers_is_shown(tmp_path, ear, running):
    port = StrangersPort(tmp_path)
    running(dongles(port.path, heard_s=0.1))
    _, reason = await ear.is_told("failed")
    assert f"{port.path}: no dongle answers; is it one, and flashed?" in reason


async def test_a_named_port_that_cannot_be_opened_is_shown_with_the_remedy(tmp_path, ear, running):
    (tmp_path / "port").write_text("no terminal")
    running(dongles(tmp_path / "port"))
    _, reason = await ear.is_told("failed")
    assert "check that nobody else uses the port" in reason


async def test_a_port_that_another_gateway_holds_is_not_taken_from_it(plugged, ear, running):
    running(dongles(plugged.port))
    await ear.is_told("scanning")
    running(dongles(plugged.port))
    _, reason = await ear.is_told("failed")
    assert "Could not exclusively lock port" in reason


async def test_a_dongle_that_says_nothing_any_more_has_failed_and_is_tried_again(
    plugged, ear, running
):
    running(dongles(plugged.port, silence_s=0.05))
    await ear.is_told("scanning")
    _, reason = await ear.is_told("failed")
    assert "says nothing any more" in reason
    await ear.is_told("scanning")


def test_named_ports_are_those_that_are_there(tmp_path):
    there = tmp_path / "there"
    there.touch()
    find = ports_at((str(there), str(tmp_path / "elsewhere")))
    assert find() == (Port(str(there), str(there), ours=True),)


class Sent:
    """A dongle at the end of a line that is only written to."""

    def __init__(self) -> None:
        self.ear = Ear()
        self.receiver = link.Receiver()
        self.messages: list[link.Message] = []
        self.dongle = Dongle("dongle-1", COMPANY, self.ear, self._send)

    def _send(self, octets: bytes) -> None:
        self.messages += self.receiver.feed(octets)

    def hears(self) -> None:
        advert = link.Advert(
            bytes.fromhex("c00000000001"), 1, -70, 0, to_advertisement(FRAME, company=COMPANY)
        )
        self.dongle.take(advert.frame())


@pytest_asyncio.fixture
async def sent() -> Sent:
    return Sent()


@given(st.lists(st.binary(max_size=200)), st.lists(st.binary(max_size=60)))
def test_any_bytes_on_the_line_leave_a_dongle_that_hears(noise, bodies):
    async def survive() -> None:
        sent = Sent()
        for chunk in noise:
            sent.dongle.take(chunk)
        for kind, body in enumerate(bodies):
            sent.dongle.take(link.encode(kind % 7, body))
        sent.dongle.take(b"\0")
        sent.hears()
        while (await sent.ear.hears()).frame != FRAME:
            pass

    asyncio.run(survive())


async def test_damaged_frames_are_counted_and_told_with_the_radio(sent):
    sent.dongle.take(b"damaged\0and again\0" + link.Health(0, 0, 5, 1000, 3, 0).frame())
    _, reason = await sent.ear.is_told("scanning")
    assert reason == "damaged frames on the line: 2 from the dongle, 3 to it"
    sent.dongle.take(link.Health(0, 0, 10, 1000, 3, 0).frame())
    assert sent.ear.conditions.empty()
    assert sent.ear.strangers.empty()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(link.BUSY, "too many"), (link.REFUSED, "no badge"), (link.NO_REPLY, "no reply"), (99, "99")],
)
async def test_every_failure_of_a_write_is_told_by_its_reason(sent, status, reason):
    sent.hears()
    connection = DongleConnection(sent.dongle, ADDRESS, print)
    writing = asyncio.ensure_future(connection.write(b"command"))
    await asyncio.sleep(0)
    (write,) = sent.messages
    assert (write.address.hex(), write.address_type) == ("c00000000001", 1)
    sent.dongle.take(link.WriteResult(write.request + 1, link.REPLIED).frame())
    sent.dongle.take(link.WriteResult(write.request, status).frame() * 2)
    with pytest.raises(RadioError, match=reason):
        await writing


async def test_an_address_that_a_dongle_has_forgotten_is_an_error(sent):
    with pytest.raises(RadioError, match="not heard"):
        await sent.dongle.write(ADDRESS, b"command")


@given(st.binary(max_size=40))
def test_any_advertisement_is_taken_apart_or_not_ours(payload):
    frame, button = for_gateway(payload, COMPANY_TESTS)
    assert frame in payload
    assert button in payload


def test_what_stands_in_an_advertisement_is_found():
    button = bytes.fromhex("0516d2fc4101")
    assert for_gateway(to_advertisement(FRAME), COMPANY_TESTS) == (FRAME, b"")
    assert for_gateway(b"\x02\x01\x06" + button, COMPANY_TESTS) == (b"", b"\x41\x01")
    assert for_gateway(to_advertisement(FRAME), COMPANY) == (b"", b"")
    assert for_gateway(button[:-1], COMPANY_TESTS) == (b"", b"")
