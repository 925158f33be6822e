"""Scans that pause, and states that say "online" while nobody hears anything."""

import asyncio
import random
from collections.abc import Callable

import pytest

from gateway.buttons import Buttons
from gateway.contract.messages import GatewayState
from gateway.intake import Accepted
from gateway.radio import Advert
from gateway.radio.bleak import BleakRadio
from gateway.registry import ButtonKey
from simulator.air import Air
from simulator.bleak_backend import backends
from simulator.bthome_button import BthomeButton, VirtualButton
from simulator.mosquitto import Mosquitto
from simulator.virtual_time import run_in_virtual_time
from tests.field import theengs
from tests.field.naive import Client
from tests.gateway.live_hub import Desk, Hub, online
from tests.gateway.on_air import EchoingBadge, adapter_on, quiet_air, stopped
from wire.frame import COMPANY_TESTS

ADDRESS = "C0:48:E6:8F:80:A5"
KEY = bytes(range(16))
PRESSES = 100
BURST_S = 3.0
INTERVAL_US = 100_000
LOSS = 0.3
FOREVER = 1_000_000


class Presses:
    """A listener that counts presses of the button."""

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self._rules = Buttons([ButtonKey(12, ADDRESS, KEY.hex(), "Interview room 2")])

    def advert(self, advert: Advert) -> None:
        now_ms = round(asyncio.get_running_loop().time() * 1000) + 1_790_000_000_000
        found = self._rules.hear(now_ms, advert.address, advert.button)
        if isinstance(found, Accepted):
            self.accepted.append(found)

    def ambient(self, radio: str) -> None:
        pass

    def condition(self, radio: str, condition: object) -> None:
        pass


async def press_again_and_again(air: Air, rng: random.Random) -> None:
    button = VirtualButton(air, "button", BthomeButton(ADDRESS, KEY), interval_us=INTERVAL_US)
    for _ in range(PRESSES):
        await asyncio.sleep(rng.uniform(10, 25))
        button.press()
        await asyncio.sleep(BURST_S)
        button.silent()
    button.close()


async def heard(patch: pytest.MonkeyPatch) -> tuple[int, int]:
    """How many of the presses Theengs Gateway hears as shipped, and how many ours."""
    rng = random.Random(1)
    air = Air(LOSS, rng)
    theirs, _ = backends(await adapter_on(air, "theirs"))
    theengs.scan_with(theirs, patch)
    peer = theengs.gateway({ADDRESS: KEY})
    peer.client = wire = theengs.Wire()
    ours, ear = BleakRadio(COMPANY_TESTS, *backends(await adapter_on(air, "ours"))), Presses()
    running = [asyncio.ensure_future(peer.ble_scan_loop()), asyncio.ensure_future(ours.run(ear))]
    await press_again_and_again(air, rng)
    await stopped(*running)
    told = [wire.published.get_nowait() for _ in range(wire.published.qsize())]
    return len({one["servicedata"] for one in told}), len(ear.accepted)


def test_a_scan_that_pauses_misses_presses_and_ours_misses_none(monkeypatch):
    theirs, ours = run_in_virtual_time(heard(monkeypatch))
    # Missed is what falls into a pause: (5 s - 3 s) of 12 s, which is 17 %. Four standard
    # deviations of a binomial of this size are 15 %.
    assert 0.02 < 1 - theirs / PRESSES < 0.32
    assert ours == PRESSES


async def test_online_by_will_stays_so_while_bluetooth_is_dead_and_ours_is_deaf(
    mosquitto: Callable[..., Mosquitto], monkeypatch, tmp_path, registry
):
    broker, air, reached = mosquitto(), quiet_air(), asyncio.Queue()
    await broker.start()
    badge = EchoingBadge(air)
    air.on_heard = lambda _, receiver, __: reached.put_nowait(receiver)

    async def pass_by(receiver: str) -> None:
        async with asyncio.timeout(20):
            while await reached.get() != receiver:
                pass

    scanner, _ = backends(await adapter_on(air, "theirs"))
    theengs.scan_with(scanner, monkeypatch)
    peer = theengs.gateway({}, host="127.0.0.1", port=broker.port)
    watcher = await Client(broker.port, "watcher", theengs.STATE_TOPIC).up()
    peer.connect_mqtt()
    peer.client.loop_start()
    assert (await watcher.message()).payload == b"online"
    scanning = asyncio.ensure_future(peer.ble_scan_loop())
    await pass_by("theirs")

    ours, client = backends(await adapter_on(air, "ours"))
    hub = Hub(tmp_path, registry, broker.url, BleakRadio(COMPANY_TESTS, ours, client))
    desk = Desk(broker.url)
    await online(desk)
    for _ in range(20):
        await pass_by("ours")
        hub.skipped_ms += 1000

    scanner.adapter.faults.deaf_scans = ours.adapter.faults.deaf_scans = FOREVER
    hub.skipped_ms += 60_000
    state = await desk.sees(GatewayState, "/state", lambda message: message.state == "deaf")
    assert state.radios[0].state == "deaf"
    await pass_by("theirs")
    assert watcher.messages.empty()
    late = await Client(broker.port, "late", theengs.STATE_TOPIC).up()
    assert (await late.message()).payload == b"online"

    peer.disconnect_mqtt()
    peer.client.loop_stop()
    await stopped(scanning, desk.running)
    await hub.stop()
    badge.close()
    for one in (watcher, late):
        one.end()
    await broker.stop()
