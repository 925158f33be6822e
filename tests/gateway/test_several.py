"""Several radios as one: any may die, the press arrives by another."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import RadioError
from gateway.radio import Advert, Listener, RadioCondition
from gateway.radio.bleak import BleakRadio
from gateway.radio.ears import Ears
from gateway.radio.loudness import Loudness
from gateway.radio.serial import Dongles, ports_at
from gateway.radio.several import Several
from simulator.bleak_backend import backends
from simulator.dongle import VirtualDongle
from tests.gateway.on_air import (
    ADDRESS,
    FRAME,
    WAIT_S,
    Ear,
    EchoingBadge,
    adapter_on,
    quiet_air,
    stopped,
)
from wire.frame import COMPANY_TESTS, to_advertisement

PRESS = bytes(reversed(FRAME))


class PlainRadio:
    """Says what it is told to have heard, and connects, fails or hangs as told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fails = self.hangs = False
        self.asked: list[str] = []
        self._listener: Listener | None = None

    async def run(self, listener: Listener) -> None:
        self._listener = listener
        listener.condition(self.name, RadioCondition("scanning"))
        await asyncio.Event().wait()

    def hears(self, rssi: int, address: str = ADDRESS) -> None:
        assert self._listener is not None
        self._listener.advert(Advert(address, rssi, FRAME, radio=self.name))

    def hears_a_stranger(self) -> None:
        assert self._listener is not None
        self._listener.ambient(self.name)

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> str:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise RadioError(f"{self.name} fails")
        return self.name

    async def rescan(self, radio: str) -> None:
        self.asked.append(f"rescan {radio}")

    async def reset(self, radio: str) -> None:
        self.asked.append(f"reset {radio}")


class Pair:
    """Two radios as one, a clock, and a listener."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.left, self.right = PlainRadio("left"), PlainRadio("right")
        self.both = Several((self.left, self.right), attempt_s=0.01, clock_ms=lambda: self.now_ms)
        self.ear = Ear()
        self.running = asyncio.ensure_future(self.both.run(self.ear))

    async def connects(self) -> str:
        return await self.both.connect(ADDRESS, print)


@pytest.fixture
async def pair():
    pair = Pair()
    await pair.ear.is_told("scanning")
    await pair.ear.is_told("scanning")
    yield pair
    await stopped(pair.running)


async def test_what_either_hears_is_heard_under_its_name(pair):
    pair.left.hears(-70)
    pair.right.hears(-60)
    pair.right.hears_a_stranger()
    assert [(await pair.ear.hears()).radio for _ in range(2)] == ["left", "right"]
    assert await pair.ear.hears_a_stranger() == "right"


async def test_the_one_that_hears_a_badge_loudest_connects(pair):
    pair.left.hears(-70)
    pair.right.hears(-60)
    assert await pair.connects() == "right"
    pair.left.hears(-50)
    assert await pair.connects() == "left"


async def test_what_was_heard_long_ago_counts_less_than_what_is_heard_now(pair):
    pair.left.hears(-40)
    pair.now_ms += 10_001
    pair.right.hears(-90)
    assert await pair.connects() == "right"


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_when_one_does_not_connect_the_next_does(pair, how):
    pair.left.hears(-50)
    pair.right.hears(-60)
    setattr(pair.left, how, True)
    assert await pair.connects() == "right"


async def test_when_none_connects_the_error_is_the_radios_own(pair):
    pair.left.hears(-50)
    pair.left.fails = True
    with pytest.raises(RadioError, match="left fails"):
        await pair.connects()


async def test_without_any_radio_there_is_no_connection_and_no_crash():
    with pytest.raises(RadioError, match="no radio"):
        await Several(()).connect(ADDRESS, print)


async def test_remedies_reach_the_radio_they_are_for(pair):
    await pair.both.rescan("left")
    await pair.both.reset("right")
    assert pair.left.asked == pair.right.asked == ["rescan left", "reset right"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2000), st.integers(-128, 127))))
def test_the_ranking_has_everybody_that_heard_and_the_loudest_first(heard):
    loudness = Loudness[int]()
    for ear, number, rssi in heard:
        loudness.note(0, str(number), ear, rssi)
    for _, number, _ in heard:
        latest = {ear: rssi for ear, other, rssi in heard if other == number}
        signals = [latest[ear] for ear in loudness.ranking(0, str(number))]
        assert signals == sorted(latest.values(), reverse=True) or not signals


def test_addresses_that_rotate_without_end_take_no_memory_without_end():
    loudness = Loudness[int]()
    for number in range(3000):
        loudness.note(0, str(number), 1, -50)
    assert loudness.ranking(0, "0") == ()
    assert loudness.ranking(0, "2999") == (1,)


async def test_with_bluetooth_and_a_dongle_either_may_die_and_the_press_arrives(tmp_path):
    air = quiet_air()
    badge = EchoingBadge(air)
    dongle = VirtualDongle(air, tmp_path / "dongle", "dongle")
    await dongle.power_on()
    scanner, client = backends(await adapter_on(air))
    bluetooth = BleakRadio(COMPANY_TESTS, scanner, client, again_after_s=0.01)
    serial = Dongles(COMPANY_TESTS, ports_at((str(dongle.port),)), look_s=0.02)
    heard: asyncio.Queue[Advert] = asyncio.Queue()
    several = Several((bluetooth, serial))
    ears = Ears(several, heard.put_nowait)
    running = asyncio.ensure_future(ears.run())

    async def hears(frame: bytes, radio: str) -> None:
        async with asyncio.timeout(WAIT_S):
            while not ((advert := await heard.get()).frame == frame and radio in advert.radio):
                pass

    await hears(FRAME, "bluetooth")
    await hears(FRAME, "dongle")
    scanner.adapter.faults.missing = "the adapter is gone"
    await several.rescan("bluetooth")
    badge.say(to_advertisement(PRESS))
    await hears(PRESS, "dongle")
    scanner.adapter.faults.missing = ""
    dongle.unplug()
    badge.say(to_advertisement(FRAME))
    await hears(FRAME, "bluetooth")
    # The dongle, which heard it too, is gone: the adapter connects.
    replies: asyncio.Queue[bytes] = asyncio.Queue()
    connection = await several.connect(ADDRESS, replies.put_nowait)
    await connection.write(b"command")
    async with asyncio.timeout(WAIT_S):
        assert await replies.get() == b"dnammoc"
    await connection.close()
    assert ears.state == "online"
    await stopped(running)
    badge.close()
    dongle.close()
