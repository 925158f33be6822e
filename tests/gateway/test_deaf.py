"""Radios that go deaf or away, with the real code on the virtual air: the press still comes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import structlog

from gateway.errors import RadioError
from gateway.radio import Advert
from gateway.radio.bleak import BleakRadio
from gateway.radio.ears import Ears
from gateway.radio.several import Several
from gateway.radio.watchdog import START_MS
from simulator.air import Air
from simulator.bleak_adapter import Faults
from simulator.bleak_backend import backends
from tests.gateway.on_air import WAIT_S, Ear, EchoingBadge, adapter_on, quiet_air, stopped
from wire.frame import COMPANY_TESTS, to_advertisement

PRESS = bytes(reversed(range(24)))
LIMIT_MS = 15_000
FOREVER = 1_000_000


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


class Hub:
    """Ears on one adapter of the virtual air, and a badge in range."""

    def __init__(self, air: Air, device) -> None:
        self.clock, self.air = Clock(), air
        scanner, client = backends(device)
        self.faults: Faults = scanner.adapter.faults
        self.heard: asyncio.Queue[Advert] = asyncio.Queue()
        self.said: asyncio.Queue[structlog.typing.EventDict] = asyncio.Queue()
        self.power_cycles = 0
        self.cure = lambda: None
        radio = BleakRadio(
            COMPANY_TESTS, scanner, client, power_cycle=self._power_cycle, again_after_s=0.01
        )
        self.log = structlog.wrap_logger(None, processors=[self._note])
        self.ears = Ears(radio, self.heard.put_nowait, clock_ms=self.clock, log=self.log)
        self.radio = radio

    async def _power_cycle(self, _: str | None) -> None:
        self.power_cycles += 1
        self.cure()

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.said.put_nowait(entry)
        raise structlog.DropEvent

    async def hears(self, frame: bytes | None = None) -> Advert:
        async with asyncio.timeout(WAIT_S):
            while True:
                advert = await self.heard.get()
                if frame in (None, advert.frame):
                    return advert

    async def says(self, event: str) -> structlog.typing.EventDict:
        async with asyncio.timeout(WAIT_S):
            while True:
                entry = await self.said.get()
                if entry["event"] == event:
                    return entry

    async def learns(self) -> None:
        """A place where somebody is heard every second."""
        for _ in range(20):
            await self.hears()
            self.clock.now_ms += 1000

    def is_silent(self) -> None:
        self.clock.now_ms += LIMIT_MS


@pytest_asyncio.fixture
async def badge() -> AsyncIterator[EchoingBadge]:
    badge = EchoingBadge(quiet_air())
    yield badge
    badge.close()


@pytest_asyncio.fixture
async def hub(badge: EchoingBadge) -> AsyncIterator[Hub]:
    made = Hub(badge.air, await adapter_on(badge.air))
    running = asyncio.ensure_future(made.ears.run())
    yield made
    await stopped(running)


async def test_a_scanner_that_goes_deaf_is_started_again_and_the_press_comes_through(hub, badge):
    await hub.learns()
    hub.faults.deaf_scans = 1
    badge.say(to_advertisement(PRESS))
    hub.is_silent()
    assert (await hub.says("radio.silent"))["remedy"] == "scan again"
    await hub.hears(PRESS)
    assert hub.ears.state == "online"
    assert hub.power_cycles == 0


async def test_without_the_watchdog_the_same_scanner_stays_deaf(badge):
    hub = Hub(badge.air, await adapter_on(badge.air))
    ear, packets = Ear(), asyncio.Semaphore(0)
    scanning = asyncio.ensure_future(hub.radio.run(ear))
    await ear.hears()
    hub.faults.deaf_scans = 1
    badge.say(to_advertisement(PRESS))
    badge.air.on_heard = lambda *_: packets.release()
    for _ in range(100):
        await packets.acquire()
    frames = {ear.heard.get_nowait().frame for _ in range(ear.heard.qsize())}
    assert PRESS not in frames
    await stopped(scanning)


async def test_an_adapter_that_a_new_scan_does_not_cure_is_switched_off_and_on(hub, badge):
    await hub.learns()
    hub.faults.deaf_scans = FOREVER
    hub.cure = lambda: setattr(hub.faults, "deaf_scans", 0)
    badge.say(to_advertisement(PRESS))
    for remedy in ("scan again", "reset the radio"):
        hub.is_silent()
        assert (await hub.says("radio.silent"))["remedy"] == remedy
    await hub.hears(PRESS)
    assert hub.power_cycles == 1


async def test_an_adapter_that_nothing_cures_is_told_to_be_deaf_and_recovers_by_itself(hub, badge):
    await hub.learns()
    hub.faults.deaf_scans = FOREVER
    for event in ("radio.silent", "radio.silent", "gateway.deaf"):
        hub.is_silent()
        await hub.says(event)
    assert hub.ears.state == "deaf"
    (radio,) = hub.ears.radios()
    assert (radio.name, radio.state) == ("bluetooth", "deaf")
    badge.say(to_advertisement(PRESS))
    hub.faults.deaf_scans = 0
    await hub.hears(PRESS)
    await hub.says("radio.scanning")
    assert hub.ears.state == "online"


async def test_no_adapter_at_the_start_is_a_state_and_one_that_comes_is_taken(badge):
    hub = Hub(badge.air, await adapter_on(badge.air))
    hub.faults.missing = "No Bluetooth adapters found."
    running = asyncio.ensure_future(hub.ears.run())
    said = await hub.says("radio.failed")
    assert "No Bluetooth adapters found." in said["reason"]
    hub.clock.now_ms += START_MS
    assert (await hub.says("gateway.deaf"))["radios"] == "bluetooth is failed"
    assert hub.ears.state == "deaf"
    hub.faults.missing = ""
    await hub.hears()
    assert hub.ears.state == "online"
    await stopped(running)


async def test_a_reset_that_is_refused_is_told_and_everything_goes_on(hub, badge):
    def refuse() -> None:
        raise RadioError("this user may not")

    await hub.learns()
    hub.faults.deaf_scans = FOREVER
    hub.cure = refuse
    hub.is_silent()
    await hub.says("radio.silent")
    hub.is_silent()
    assert (await hub.says("radio.not_reset"))["error"] == "this user may not"
    hub.faults.deaf_scans = 0
    badge.say(to_advertisement(PRESS))
    await hub.hears(PRESS)


async def test_a_hub_where_no_radio_is_found_says_so():
    hub = Hub(quiet_air(), await adapter_on(quiet_air()))
    hub.ears = Ears(Several(()), print, clock_ms=hub.clock, log=hub.log)
    running = asyncio.ensure_future(hub.ears.run())
    hub.clock.now_ms += START_MS
    assert (await hub.says("gateway.deaf"))["radios"] == "none was found"
    assert (hub.ears.state, hub.ears.radios()) == ("deaf", ())
    await stopped(running)


@pytest.mark.parametrize("renew_s", [None, 0.1])
async def test_a_host_that_pauses_scans_misses_nothing_of_one_that_is_begun_anew_in_time(
    badge, renew_s
):
    scanner, client = backends(await adapter_on(badge.air))
    radio = BleakRadio(COMPANY_TESTS, scanner, client, renew_s=renew_s)
    ear, packets = Ear(), asyncio.Semaphore(0)
    scanning = asyncio.ensure_future(radio.run(ear))
    await ear.hears()
    scanner.adapter.faults.pauses_after = 20  # a badge says as much in 0.4 s
    badge.air.on_heard = lambda *_: packets.release()
    for _ in range(40):
        await packets.acquire()
    badge.say(to_advertisement(PRESS))
    for _ in range(20):
        await packets.acquire()
    frames = {ear.heard.get_nowait().frame for _ in range(ear.heard.qsize())}
    assert (PRESS in frames) == (renew_s is not None)
    assert ear.conditions.qsize() == 1  # nobody need know of it
    await stopped(scanning)
