"""The radio through bleak: over the virtual air, and over scanners that fail."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_16
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import RadioError
from gateway.radio import Advert
from gateway.radio.bleak import BleakRadio
from simulator.bleak_backend import backends
from tests.gateway.on_air import (
    ADDRESS,
    FRAME,
    STRANGER,
    WAIT_S,
    Ear,
    EchoingBadge,
    adapter_on,
    quiet_air,
    stopped,
)
from wire.frame import COMPANY_TESTS, to_advertisement

BUTTON = bytes.fromhex("41a1b2c3d4e5f6")
BTHOME = normalize_uuid_16(0xFCD2)


class Scanner(BaseBleakScanner):
    """A scanner that can be made to fail; outcomes: an error to raise, or None, for each start.

    says: what it reports at each start that succeeds. asked: mode and arguments of each.
    """

    outcomes: list[Exception | None]
    says: list[AdvertisementData]
    asked: list[tuple[str, dict]]

    def __init__(self, callback, service_uuids, mode, *, bluez, **_) -> None:
        super().__init__(callback, service_uuids)
        self.asked.append((mode, bluez))

    async def start(self) -> None:
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        for advertisement in self.says:
            self.call_detection_callbacks(BLEDevice(ADDRESS, None, None), advertisement)

    async def stop(self) -> None:
        pass


def scanner(*outcomes: Exception | None, says: tuple[AdvertisementData, ...] = ()):
    return type("Made", (Scanner,), {"outcomes": [*outcomes], "says": [*says], "asked": []})


def advertisement(makers: dict[int, bytes], services: dict[str, bytes]) -> AdvertisementData:
    return AdvertisementData(None, makers, services, [], None, -70, ())


class Hub:
    """A radio that scans, somebody who listens to it, and a badge."""

    def __init__(self, radio: BleakRadio, badge: EchoingBadge) -> None:
        self.radio, self.badge = radio, badge
        self.ear = Ear()
        self.hears = self.ear.hears
        self.scanning = asyncio.ensure_future(radio.run(self.ear))


@pytest_asyncio.fixture
async def hub() -> AsyncIterator[Hub]:
    air = quiet_air()
    device = await adapter_on(air)
    badge = EchoingBadge(air)
    hub = Hub(BleakRadio(COMPANY_TESTS, *backends(device), adapter="hci1"), badge)
    yield hub
    await stopped(hub.scanning)
    badge.close()


async def told(radio: BleakRadio, state: str) -> tuple[str, str]:
    ear = Ear()
    scanning = asyncio.ensure_future(radio.run(ear))
    answer = await ear.is_told(state)
    await stopped(scanning)
    return answer


async def test_a_frame_is_heard_as_it_was_sent(hub):
    advert = await hub.hears()
    assert advert == Advert(ADDRESS, advert.rssi, FRAME, b"", "hci1")
    assert advert.rssi < 0


async def test_a_button_is_heard_as_it_was_sent(hub):
    service = b"\xd2\xfc" + BUTTON
    hub.badge.say(b"\x02\x01\x06" + bytes((len(service) + 1, 0x16)) + service)
    while not (advert := await hub.hears()).button:
        pass
    assert (advert.frame, advert.button) == (b"", BUTTON)


async def test_advertisements_of_others_are_proof_of_hearing_and_nothing_more(hub):
    await hub.hears()
    hub.badge.say(STRANGER)
    assert await hub.ear.hears_a_stranger() == "hci1"
    hub.badge.say(to_advertisement(bytes(reversed(FRAME))))
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


async def test_a_scan_that_is_started_again_hears_again(hub):
    await hub.ear.is_told("scanning")
    await hub.radio.rescan("hci0")
    await hub.radio.rescan("hci1")
    await hub.ear.is_told("restarting")
    await hub.ear.is_told("scanning")
    hub.badge.say(STRANGER)
    await hub.ear.hears_a_stranger()


async def test_a_host_without_bluetooth_is_a_condition_with_the_remedy():
    radio = BleakRadio(COMPANY_TESTS, scanner(BleakError("no adapter")))
    name, reason = await told(radio, "failed")
    assert name == "bluetooth"
    assert "no adapter; check that an adapter is there" in reason


async def test_an_adapter_that_comes_later_is_taken_without_anybodys_help():
    made = scanner(BleakError("no adapter"), OSError("no D-Bus"), TimeoutError(), EOFError())
    await told(BleakRadio(COMPANY_TESTS, made, again_after_s=0), "scanning")


async def test_a_radio_that_hangs_in_its_start_is_a_condition():
    class Hanging(Scanner):
        outcomes, says, asked = [], [], []

        async def start(self) -> None:
            await asyncio.Event().wait()

    radio = BleakRadio(COMPANY_TESTS, Hanging, start_s=0.01)
    _, reason = await told(radio, "failed")
    assert "no answer from the Bluetooth service" in reason


async def test_a_reset_switches_this_adapter_and_scans_again():
    switched: list[str | None] = []

    async def power_cycle(adapter: str | None) -> None:
        switched.append(adapter)

    radio = BleakRadio(COMPANY_TESTS, scanner(), adapter="hci1", power_cycle=power_cycle)
    ear = Ear()
    scanning = asyncio.ensure_future(radio.run(ear))
    await ear.is_told("scanning")
    await radio.reset("hci0")
    await radio.reset("hci1")
    await ear.is_told("restarting")
    await ear.is_told("scanning")
    assert switched == ["hci1"]
    await stopped(scanning)


async def test_passive_scanning_asks_bluez_for_badges_buttons_and_nearly_everybody():
    made = scanner()
    radio = BleakRadio(0x1234, made, adapter="hci1", mode="passive")
    await told(radio, "scanning")
    ((mode, args),) = made.asked
    patterns = {(start, int(kind), content) for start, kind, content in args["or_patterns"]}
    assert (mode, args["adapter"]) == ("passive", "hci1")
    assert {(0, 0xFF, b"\x34\x12"), (0, 0x16, b"\xd2\xfc"), (0, 0x01, b"\x06")} < patterns


async def test_a_host_that_refuses_passive_scanning_scans_actively():
    made = scanner(BleakError("passive scanning needs --experimental"))
    radio = BleakRadio(COMPANY_TESTS, made, mode="passive")
    await told(radio, "scanning")
    assert [mode for mode, _ in made.asked] == ["passive", "active"]


@given(
    st.dictionaries(st.sampled_from([COMPANY_TESTS, 0x004C]), st.binary(max_size=255)),
    st.dictionaries(st.sampled_from([BTHOME, "", "not a UUID"]), st.binary(max_size=255)),
)
def test_whatever_anybody_advertises_is_heard_as_it_is_or_proof_of_hearing(makers, services):
    async def listen() -> Ear:
        ear = Ear()
        radio = BleakRadio(COMPANY_TESTS, scanner(says=(advertisement(makers, services),)))
        scanning = asyncio.ensure_future(radio.run(ear))
        await ear.is_told("scanning")
        await stopped(scanning)
        return ear

    ear = asyncio.run(listen())
    frame, button = makers.get(COMPANY_TESTS, b""), services.get(BTHOME, b"")
    if frame or button:
        assert ear.heard.get_nowait() == Advert(ADDRESS, -70, frame, button, "bluetooth")
        assert ear.strangers.empty()
    else:
        assert ear.strangers.get_nowait() == "bluetooth"
        assert ear.heard.empty()
