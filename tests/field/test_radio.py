"""Badges that a stranger silences, and radios whose interrupt dies."""

import asyncio
import random
from pathlib import Path

from bumble import hci
from bumble.device import Connection

from gateway.radio import Advert
from gateway.radio.bleak import BleakRadio
from simulator.air import Air
from simulator.badge import VirtualBadge
from simulator.badge_files import BadgeFiles
from simulator.bleak_backend import backends
from simulator.ear import Ear
from simulator.vm_script import run_script
from tests.gateway.on_air import ADDRESS, EchoingBadge, adapter_on, stopped
from tests.gateway.on_air import Ear as Hub
from wire.frame import KIND_SOS, to_advertisement

HERE = Path(__file__).parent
OURS = HERE.parent / "dongle" / "no_allocation.py"
FRAMES = 20


async def connection(air: Air, name: str, address: str) -> asyncio.Event:
    """Somebody connects and says nothing; set when the badge has thrown him out."""
    stranger, thrown_out = await adapter_on(air, name), asyncio.Event()
    peer = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
    connection = await stranger.connect_le(peer)
    connection.on(Connection.EVENT_DISCONNECTION, lambda _: thrown_out.set())
    return thrown_out


async def test_a_connection_silences_a_naive_badge_and_ours_goes_on_and_throws_it_out(
    badge_files: BadgeFiles, ear: Ear
):
    air, hub = Air(0.0, random.Random(1)), Hub()
    radio = BleakRadio(0xFFFF, *backends(await adapter_on(air, "hub")))
    scanning = asyncio.ensure_future(radio.run(hub))
    naive = EchoingBadge(air)
    assert (await hub.hears()).address == ADDRESS

    ours = VirtualBadge(air, badge_files, "ours", rng=random.Random(1))
    ours.power_on()
    ours.hold()
    while (advert := await hub.hears()).address == ADDRESS or not is_sos(ear, advert):
        pass
    free = await connection(air, "stranger", ADDRESS)
    thrown_out = await connection(air, "other stranger", advert.address)

    while not hub.heard.empty():
        hub.heard.get_nowait()
    adverts = [await hub.hears() for _ in range(FRAMES)]
    assert {one.address for one in adverts} == {advert.address}
    assert all(is_sos(ear, one) for one in adverts)
    async with asyncio.timeout(20):
        await thrown_out.wait()
    assert not free.is_set()
    assert (await hub.hears()).address == advert.address
    ours.close()
    naive.close()
    await stopped(scanning)


def is_sos(ear: Ear, advert: Advert) -> bool:
    return ear.hear(to_advertisement(advert.frame)).report.kind == KIND_SOS


def test_an_interrupt_that_allocates_dies_when_the_heap_is_full_and_ours_hears_on() -> None:
    assert run_script(HERE / "naive_interrupt.py") == "MemoryError"
    new, repeats, _, lost = map(int, run_script(OURS, "100").split())
    assert new > 0
    assert new + repeats + lost == 200
