"""Virtual badges on their bench, in this process: real firmware, radio and USB ports."""

import asyncio
import json
import os
import pty
import random
import tempfile
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bumble.device import Device
from bumble.hci import Address, AddressType
from bumble.host import Host
from bumble.transport.common import PacketParser

from gateway.contract.messages import Kind
from provision.board import Program
from provision.release import build, find_source
from simulator.air import Air
from simulator.badges.bench import Bench, BenchOptions, until
from simulator.badges.bluez import HostRadio
from simulator.badges.hands import Hands
from simulator.badges.home import Home
from simulator.badges.worn import Worn
from simulator.errors import SimulatorError
from simulator.flashed import flash_files
from simulator.usb_badge import BOARD

WAIT_S = 60.0


class AtTheBench:
    """Somebody at the bench, and what they were told."""

    def __init__(self, home: Home, options: BenchOptions) -> None:
        self.told: list[str] = []
        self.bench = Bench(home, options, tell=lambda text, _style: self.told.append(text))
        self._hands = Hands(self.bench)

    async def say(self, *lines: str) -> None:
        for line in lines:
            answer = await self._hands.do(line)
            assert not answer.failed, answer.shown

    async def refused(self, line: str) -> str:
        answer = await self._hands.do(line)
        assert answer.failed
        return str(answer.shown)

    def badge(self, number: int = 1) -> Worn:
        return self.bench.worn[number]

    async def sees(
        self, condition: Callable[[Worn], object], number: int = 1, within_s: float = WAIT_S
    ) -> None:
        """Waits until a badge is so."""
        worn = self.badge(number)
        assert await until(worn, lambda: bool(condition(worn)), within_s)

    async def is_told(self, words: str, number: int = 1) -> None:
        await self.sees(lambda _: any(words in line for line in self.told), number)


@pytest_asyncio.fixture
async def sit() -> AsyncIterator[Callable[..., Any]]:
    """Sits somebody down at a bench with the given options; it ends with the test."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> AtTheBench:
            # pytest's own directories are too long for the sockets in them.
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-"))
            home = Home(Path(directory))
            stack.enter_context(home.held())
            chosen = BenchOptions(**{"count": 1, "seed": 1, "loss": 0.0, **options})
            tester = AtTheBench(home, chosen)
            await stack.enter_async_context(tester.bench)
            return tester

        yield make


def test_the_flash_of_a_badge_holds_what_the_tool_sends_to_a_board():
    release = build(find_source(), Program.BADGE, None, lambda _name: None)
    sent = {f"/fw/a/{name}": content for name, content in release.files.items()}
    sent |= {f"/{name}": content for name, content in release.starters.items()}
    assert flash_files() == sent | {"/fw/slot": b"a"}


async def test_a_badge_without_a_battery_is_silent_without_a_port_and_takes_no_orders(sit):
    tester = await sit(count=2)
    await tester.say("hold 1", "wait 1 raised", "off 1")
    heard: list[str] = []
    tester.bench.air.on_heard = lambda sender, _receiver, _payload: heard.append(sender)
    assert not tester.badge(1).badge.port.is_symlink()
    assert await tester.refused("hold 1-2") == (
        "badge 1: is off; its battery goes in with: on\nbadge 2: the button is held"
    )
    await tester.sees(lambda _: heard.count("badge-2") > 20, 2)
    assert "badge-1" not in heard
    await tester.say("on 1")
    # The open event went on in its flash.
    await tester.sees(lambda worn: worn.saying.kind is Kind.SOS)
    assert tester.badge(1).badge.port.is_symlink()


async def test_who_walks_away_is_not_heard(sit):
    tester = await sit(count=2)
    await tester.say("walk 1 away", "hold all", "wait all raised")
    heard: list[str] = []
    tester.bench.air.on_heard = lambda sender, _receiver, _payload: heard.append(sender)
    await tester.sees(lambda _: heard.count("badge-2") > 20, 2)
    assert "badge-1" not in heard


async def test_a_crash_starts_the_firmware_again_and_it_calls_all_the_same(sit):
    tester = await sit()
    await tester.say("break 1 crash")
    await tester.is_told("starts again")
    await tester.say("hold 1", "wait 1 raised")


async def test_a_button_that_sticks_calls_for_help_and_ends_when_it_is_mended(sit):
    tester = await sit()
    await tester.say("break 1 button-stuck", "wait 1 raised", "mend 1")
    assert tester.badge().broken == set()


async def test_a_hand_feels_what_the_motor_plays_and_nothing_of_a_broken_one(sit):
    tester = await sit(count=2)
    await tester.say("break 2 motor", "hold all", "wait all raised")
    await tester.is_told("(Asha Nair) feels: recognised")
    await tester.is_told("(Ben Okafor) felt nothing", 2)
    assert tester.badge(2).felt == ""


@pytest.mark.parametrize("part", ["flash", "accelerometer"])
async def test_a_broken_part_is_a_fault_on_the_air_of_that_badge_alone(sit, part):
    tester = await sit(count=2)
    await tester.say("off all", f"break 1 {part}", "on all", "hold all")
    await tester.sees(lambda worn: worn.report is not None and worn.report.fault)
    await tester.say("wait all raised")
    assert not tester.badge(2).report.fault


async def test_battery_and_charger_are_on_the_air_and_the_charger_switches_on(sit):
    tester = await sit()
    await tester.say("off 1", "battery 1 3.6", "charge 1 on")
    await tester.sees(lambda worn: worn.report is not None and worn.report.charging)
    assert tester.badge().report.battery < 10


async def test_a_sleeping_badge_is_woken_by_its_button_and_by_its_port(sit):
    tester = await sit()
    badge = tester.badge().badge
    await tester.say("off 1")
    badge.files.write("config.json", json.dumps({"board": BOARD}).encode())
    await tester.say("on 1")
    await tester.sees(lambda worn: worn.state == "asleep")
    port = os.open(badge.port, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(port, b"\x03")
        await tester.sees(lambda worn: worn.state == "on")
    finally:
        os.close(port)
    await tester.say("off 1", "on 1")
    await tester.sees(lambda worn: worn.state == "asleep")
    await tester.say("hold 1", "wait 1 raised")


async def test_a_badge_goes_on_where_it_was_when_the_bench_is_set_up_again():
    with tempfile.TemporaryDirectory(prefix="tocsin-") as directory:
        home = Home(Path(directory))
        for count, said in ((1, "hold 1"), (2, "wait 2 idle")):
            with home.held():
                tester = AtTheBench(home, BenchOptions(count=count, seed=count, loss=0.0))
                async with tester.bench:
                    await tester.say(said, "wait 1 raised")
        assert home.registry.read_text().count("[[badges]]") == 2


@pytest.mark.soak
async def test_a_fall_wakes_a_badge_that_lies_still_and_is_found(sit):
    tester = await sit()
    await tester.sees(lambda worn: worn.state == "asleep", within_s=3 * WAIT_S)
    await tester.say("fall 1", "wait 1 pending")


# -- BlueZ -------------------------------------------------------------------


class Kernel:
    """The other side of /dev/vhci, as Linux's hci_vhci has it, and a Bluetooth host over it."""

    def __init__(self, index: int) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        self.device = Path(os.ttyname(self._theirs))
        self._index = index
        self._parser = PacketParser()
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def host(self) -> Host:
        return Host(self, self)

    def set_packet_sink(self, sink: Any) -> None:
        self._parser.set_packet_sink(sink)

    def on_packet(self, packet: bytes) -> None:
        os.write(self._ours, packet)

    def _read(self) -> None:
        octets = os.read(self._ours, 4096)
        if octets == b"\xff\x00":
            os.write(self._ours, bytes((0xFF, 0, self._index, 0)))
        else:
            self._parser.feed_data(octets)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        os.close(self._theirs)


async def test_the_kernels_host_hears_a_badge_through_its_virtual_controller(badge):
    air = Air(0.0, random.Random(1))
    kernel = Kernel(index=7)
    radio = HostRadio(air, kernel.device)
    await radio.open()
    try:
        assert radio.name == "hci7"
        speaking = badge(air)
        speaking.radio.advertise(20_000, bytes.fromhex("020106"))
        device = Device(name="host", address=Address.ANY_RANDOM, host=kernel.host())
        heard: asyncio.Queue[Address] = asyncio.Queue()
        device.on(Device.EVENT_ADVERTISEMENT, lambda found: heard.put_nowait(found.address))
        await device.power_on()
        assert device.public_address.address_type == AddressType.PUBLIC_DEVICE
        assert bytes(device.public_address) != bytes(6)
        await device.start_scanning(active=False)
        async with asyncio.timeout(WAIT_S):
            assert str(await heard.get()).startswith("C0:00:00:00:00:01")
        speaking.radio.close()
    finally:
        await radio.close()
        kernel.close()


async def test_without_a_virtual_hci_it_is_said_what_to_do_and_the_bench_goes_on(sit, tmp_path):
    with pytest.raises(
        SimulatorError, match=r"vhci is not there: load it \(sudo modprobe hci_vhci\)"
    ):
        await HostRadio(Air(0.0, random.Random(1)), tmp_path / "vhci").open()
