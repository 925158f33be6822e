"""The dongle's firmware in its virtual machine, between a pty and the virtual air."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

from bumble import hci, ll

from gateway.keys import block_cipher, command_key
from simulator.air import Air
from simulator.badge import VirtualBadge
from simulator.controller import VirtualController
from simulator.dongle import VirtualDongle
from simulator.ear import Ear
from simulator.lockstep.dongle import LockstepDongle
from tests.conftest import BADGE_KEY
from tests.dongle.conftest import PATIENCE_S, Hub
from wire.command import OP_HEARD, OP_TIME, REPLY_BIT, Command, open_command, seal_command
from wire.frame import KIND_SOS, to_advertisement
from wire.framing import encode
from wire.link import (
    BUSY,
    LINK_VERSION,
    NO_REPLY,
    NOT_CONNECTED,
    REPLIED,
    Advert,
    Health,
    Hello,
    Stop,
    Write,
    WriteResult,
)

PlugIn = Callable[[VirtualDongle], Awaitable[Hub]]
COMMAND = block_cipher(command_key(BADGE_KEY))
FOREIGN = bytes.fromhex("020106 1bff 4c00") + bytes(24)
BURST = 20
ENOUGH = 10_000


def sealed(ear: Ear, advert: Advert, opcode: int, arguments: bytes = b"") -> bytes:
    """A command that the badge obeys, in answer to what it said."""
    heard = ear.hear(advert.payload)
    command = Command(heard.counter, heard.report.event, opcode, arguments)
    return seal_command(COMMAND, 0, os.urandom(13), command)


def forged(number: int) -> tuple[int, bytes]:
    """An advertisement as a badge's looks to those without keys, and never the same."""
    return number, to_advertisement(random.Random(number).randbytes(24))


class Shouter:
    """A transmitter without manners. payload: what it says the n-th time, and from where."""

    def __init__(self, air: Air, payload: Callable[[int], tuple[int, bytes]]) -> None:
        self.sent = 0
        self.enough = asyncio.Event()
        self._air = air
        self._controller = VirtualController(air, "shouter")
        self._payload = payload
        self._task = asyncio.create_task(self._shout())

    async def _shout(self) -> None:
        while True:
            for _ in range(BURST):
                number, payload = self._payload(self.sent)
                address = hci.Address(number.to_bytes(5, "little") + b"\xc0")
                pdu = ll.AdvNonConnInd(address, payload)
                self._air.send_advertising_pdu(self._controller, pdu)
                self.sent += 1
            if self.sent >= ENOUGH:
                self.enough.set()
            await asyncio.sleep(0)

    def stop(self) -> None:
        self._task.cancel()
        self._controller.power_off()


async def alert(badge: VirtualBadge, hub: Hub, ear: Ear) -> Advert:
    """A press, until the dongle has relayed it."""
    badge.hold()
    found: list[Advert] = []

    def raised() -> bool:
        of_badges = (advert for advert in hub.all(Advert) if is_badge(advert))
        found[:] = [a for a in of_badges if ear.hear(a.payload).report.kind == KIND_SOS]
        return bool(found)

    await hub.until(raised)
    return found[-1]


def is_badge(advert: Advert) -> bool:
    """Badges have resolvable addresses, shouters others."""
    return advert.address[0] >> 6 == 1


async def test_it_says_hello_and_answers_one(dongle: VirtualDongle, plug_in: PlugIn) -> None:
    hub = await plug_in(dongle)
    hello = hub.messages[0]
    assert isinstance(hello, Hello)
    assert (hello.version, hello.company) == (LINK_VERSION, 0xFFFF)
    await hub.send(Hello(LINK_VERSION, 0x1234, "hub").frame())
    assert (await hub.next(Hello)).company == 0x1234


async def test_the_tool_gets_its_line_by_a_message_and_by_no_damaged_one(
    dongle: VirtualDongle, plug_in: PlugIn
) -> None:
    ended = asyncio.Event()
    dongle.on_said = lambda words: ended.set() if words == ("ended",) else None
    hub = await plug_in(dongle)
    await hub.send(encode(Stop.KIND, b"") + Stop().frame()[1:] + b"\r\x03\r\x01")
    await hub.send(b"\0" + Hello(LINK_VERSION, 0xFFFF, "hub").frame())
    await hub.next(Hello)
    assert not ended.is_set()
    await hub.send(Stop().frame())
    async with asyncio.timeout(PATIENCE_S):
        await ended.wait()


async def test_a_badge_is_relayed_byte_for_byte_at_a_third_of_packets_lost(
    air: Air, dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    on_air: set[bytes] = set()
    air.on_heard = lambda _sender, receiver, payload: (
        on_air.add(payload) if receiver == "dongle" else None
    )
    hub = await plug_in(dongle)
    badge.power_on()
    await alert(badge, hub, ear)
    await hub.until(lambda: len(hub.all(Advert)) >= 20)
    adverts = hub.all(Advert)
    assert {advert.payload for advert in adverts} <= on_air
    assert {advert.rssi for advert in adverts} == {-60}
    assert {(a.address_type, is_badge(a)) for a in adverts} == {(1, True)}
    assert max(advert.age_ms for advert in adverts) < 1000
    assert hub.receiver.damaged == 0


async def test_commands_reach_the_badge_and_its_replies_the_hub(
    dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    hub = await plug_in(dongle)
    badge.power_on()
    advert = await alert(badge, hub, ear)
    for request, opcode, arguments in ((5, OP_HEARD, b""), (6, OP_TIME, bytes(4))):
        command = sealed(ear, advert, opcode, arguments)
        await hub.send(Write(advert.address, advert.address_type, request, command).frame())
        result = await hub.next(WriteResult)
        assert (result.request, result.status) == (request, REPLIED)
        assert open_command(COMMAND, result.reply).opcode == REPLY_BIT | opcode


async def test_it_hears_on_while_it_is_connected(
    dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    hub = await plug_in(dongle)
    badge.power_on()
    advert = await alert(badge, hub, ear)
    # A command that proves nothing: the badge keeps silent, and the connection stays.
    await hub.send(Write(advert.address, advert.address_type, 1, bytes(33)).frame())
    before = len(hub.all(Advert))
    result = await hub.next(WriteResult)
    assert result.status == NO_REPLY
    assert len(hub.all(Advert)) > before


async def test_a_badge_that_is_not_there_is_told_and_the_scan_goes_on(
    dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    hub = await plug_in(dongle)
    badge.power_on()
    await alert(badge, hub, ear)
    nobody = bytes.fromhex("c0ffee000001")
    await hub.send(b"".join(Write(nobody, 1, n, bytes(33)).frame() for n in range(6)))
    await hub.until(lambda: len(hub.all(WriteResult)) == 6)
    results = {result.request: result.status for result in hub.all(WriteResult)}
    assert results == {n: BUSY if n > 3 else NOT_CONNECTED for n in range(6)}
    await hub.next(Advert)


def test_garbage_on_the_line_is_counted_and_survived(tmp_path: Path) -> None:
    garbage = random.Random(3).randbytes(5_000) + b"\r\x03\x04rst:0x1 (POWERON_RESET)\r\n\0"
    with LockstepDongle(tmp_path) as dongle:
        dongle.send(garbage + Hello(LINK_VERSION, 0x1234, "hub").frame())
        dongle.run(5_000)
    first, answer, health = dongle.messages
    assert isinstance(first, Hello)
    assert isinstance(answer, Hello)
    assert isinstance(health, Health)
    assert answer.company == 0x1234
    assert health.damaged > 5
    assert dongle.receiver.damaged == 0


async def test_it_outlives_a_pulled_plug_and_tells_news_after_it(
    air: Air, dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    hub = await plug_in(dongle)
    dongle.unplug()
    await hub.gone.wait()
    # What the dongle cannot pass on is more than all buffers hold.
    shouter = Shouter(air, forged)
    await shouter.enough.wait()
    shouter.stop()
    badge.power_on()
    badge.hold()
    dongle.plug()
    hub = Hub(dongle.port)
    await hub.send(b"\0" + Hello(LINK_VERSION, 0xFFFF, "hub").frame())
    await hub.next(Hello)
    await hub.until(lambda: any(map(is_badge, hub.all(Advert))))
    assert (await hub.next(Health)).dropped > 100
    assert hub.receiver.damaged <= 1  # cut in two by the plug
    hub.close()


async def test_a_flood_of_strangers_takes_nothing_from_a_badge(
    air: Air, dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    hub = await plug_in(dongle)
    shouter = Shouter(air, lambda n: (n, FOREIGN))
    badge.power_on()
    await alert(badge, hub, ear)
    health = await hub.next(Health)
    shouter.stop()
    assert health.foreign > 1_000
    assert health.dropped == 0
    assert FOREIGN not in {advert.payload for advert in hub.all(Advert)}


async def test_a_flood_of_forged_frames_does_not_keep_a_badge_from_being_heard(
    air: Air, dongle: VirtualDongle, badge: VirtualBadge, plug_in: PlugIn, ear: Ear
) -> None:
    hub = await plug_in(dongle)
    shouter = Shouter(air, forged)
    badge.power_on()
    await hub.next(Health)
    await alert(badge, hub, ear)
    assert (await hub.next(Health)).dropped > 100
    shouter.stop()


async def test_one_that_repeats_itself_without_end_is_relayed_ten_times_a_second(
    air: Air, dongle: VirtualDongle, plug_in: PlugIn
) -> None:
    hub = await plug_in(dongle)
    payload = to_advertisement(bytes(24))
    shouter = Shouter(air, lambda _n: (1, payload))
    first = await hub.next(Health)
    count = len(hub.all(Advert))
    second = await hub.next(Health)
    shouter.stop()
    assert second.adverts > 300
    # By the dongle's own clock: on a busy machine its five seconds are more of everybody's.
    relayed, seconds = len(hub.all(Advert)) - count, second.uptime_s - first.uptime_s
    assert 5 * seconds <= relayed <= 10 * (seconds + 1)
    assert second.dropped == first.dropped == 0


def test_health_comes_every_5_s_and_silence_restarts_the_scan(tmp_path: Path) -> None:
    with LockstepDongle(tmp_path) as dongle:
        dongle.run(15_000)
    told = [message for message in dongle.messages if isinstance(message, Health)]
    assert [health.uptime_s for health in told] == [5, 10, 15]
    assert {(health.adverts, health.foreign, health.damaged) for health in told} == {(0, 0, 0)}
    assert min(health.free_memory for health in told) > 20_000
    scans = [words[1] for words in dongle.said if words[0] == "scan"]
    assert scans == ["30000", "0", "30000"]
