"""Connections on the virtual air: late under loss, never out of order, and cut when cut."""

import asyncio
import random

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bumble import hci
from bumble.device import Connection, Device

from simulator.air import Air
from simulator.bleak_backend import backends
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID

WRITE, NOTIFY = 0x08, 0x10
SERVICES = [(SERVICE_UUID, [(COMMAND_UUID, WRITE), (REPLY_UUID, NOTIFY)])]
ADDRESS = "C0:00:00:00:00:01"


async def connected_client(device: Device, **options) -> BleakClient:
    _, client_type = backends(device)
    client = BleakClient(ADDRESS, services=[SERVICE_UUID], backend=client_type, **options)
    await client.connect()
    return client


def test_notifications_keep_their_order_at_half_of_all_packets_lost(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> tuple[list[bytes], int]:
        air = Air(0.5, random.Random(3))
        peer = badge(air)
        ((_, reply),) = peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        client = await connected_client(await host(air))
        received: asyncio.Queue[bytes] = asyncio.Queue()
        await client.start_notify(REPLY_UUID, lambda _, value: received.put_nowait(bytes(value)))
        connection = await peer.connected.get()
        for number in range(200):
            peer.radio.notify(connection, reply, number.to_bytes(2, "little"))
        return [await received.get() for _ in range(200)], air.counters.retransmissions

    received, retransmissions = in_virtual_time(scenario())
    assert received == [number.to_bytes(2, "little") for number in range(200)]
    assert retransmissions > 0


def test_a_packet_waits_for_a_connection_event_and_one_more_for_each_loss(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> list[float]:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        client = await connected_client(await host(air))
        air.loss = 0.3
        loop = asyncio.get_running_loop()
        delays: list[float] = []
        for number in range(400):
            begun = loop.time()
            await client.write_gatt_char(COMMAND_UUID, bytes([number % 256]), response=True)
            delays.append(loop.time() - begun)
        return delays

    delays = in_virtual_time(scenario())
    # There and back: two events, each tried 1 / 0.7 times on average, of 15 ms.
    assert sum(delays) / len(delays) == pytest.approx(2 / 0.7 * 0.015, rel=0.1)
    assert min(delays) == pytest.approx(0.030, abs=0.001)


def test_both_ends_notice_when_they_leave_each_others_range(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> tuple[float, int]:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        gone = asyncio.Event()
        client = await connected_client(await host(air), disconnected_callback=lambda _: gone.set())
        connection = await peer.connected.get()
        begun = asyncio.get_running_loop().time()
        air.signal = lambda _sender, _receiver: None
        await gone.wait()
        assert await peer.disconnected.get() == connection
        assert not client.is_connected
        return asyncio.get_running_loop().time() - begun, air.counters.lost

    waited_s, _ = in_virtual_time(scenario())
    assert 0.6 < waited_s < 1.0


def test_a_write_under_way_fails_when_the_badge_loses_power(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> None:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        client = await connected_client(await host(air))
        peer.radio.close()
        with pytest.raises(BleakError, match="lost"):
            await client.write_gatt_char(COMMAND_UUID, b"\x01", response=True)

    in_virtual_time(scenario())


def test_a_lost_connection_request_is_tried_again(in_virtual_time, badge, host, advertisement):
    async def scenario() -> Air:
        air = Air(0.9, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        device = await host(air)
        await device.connect_le(hci.Address(ADDRESS))
        await peer.connected.get()
        return air

    assert in_virtual_time(scenario()).counters.requests_lost > 0


def test_only_one_of_two_gateways_gets_the_connection_and_the_other_waits_its_turn(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> int:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        devices = [await host(air, name) for name in ("hub-1", "hub-2")]
        attempts = [
            asyncio.create_task(device.connect_le(hci.Address(ADDRESS))) for device in devices
        ]
        peer.radio.advertise(20_000, advertisement, connectable=True)
        first = await peer.connected.get()
        done, waiting = await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
        assert (len(done), len(waiting)) == (1, 1)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        second = await peer.connected.get()
        await waiting.pop()
        return len({first, second})

    assert in_virtual_time(scenario()) == 2


def test_a_connect_that_is_given_up_leaves_the_radio_free(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> bool:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        device = await host(air)
        with pytest.raises(TimeoutError):
            await connected_client(device, timeout=3)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        client = await connected_client(device, timeout=3)
        return client.is_connected

    assert in_virtual_time(scenario())


def test_a_disconnect_by_either_side_reaches_the_other(in_virtual_time, badge, host, advertisement):
    async def scenario() -> None:
        air = Air(0.3, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        device = await host(air)
        gone = asyncio.Event()
        for closes_first in ("badge", "gateway"):
            peer.radio.advertise(20_000, advertisement, connectable=True)
            client = await connected_client(device, disconnected_callback=lambda _: gone.set())
            connection = await peer.connected.get()
            if closes_first == "badge":
                peer.radio.disconnect(connection)
                await gone.wait()
            else:
                await client.disconnect()
            assert await peer.disconnected.get() == connection

    in_virtual_time(scenario())


def test_connectable_advertising_ends_with_a_connection_and_plain_goes_on(
    in_virtual_time, badge, host, advertisement
):
    async def scenario() -> bool:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        device = await host(air)
        client = await connected_client(device)
        await peer.connected.get()
        silent = air.counters.sent
        await asyncio.sleep(5)
        assert air.counters.sent == silent
        peer.radio.advertise(20_000, advertisement, connectable=False)
        scanner_type, _ = backends(device)
        async with BleakScanner(backend=scanner_type, scanning_mode="passive") as scanner:
            async for _, heard in scanner.advertisement_data():
                assert heard.manufacturer_data == {0xFFFF: advertisement[7:]}
                break
        return client.is_connected

    assert in_virtual_time(scenario())


def test_nothing_on_a_badge_is_readable(in_virtual_time, badge, host, advertisement):
    async def scenario() -> None:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        client = await connected_client(await host(air))
        for uuid in (COMMAND_UUID, REPLY_UUID):
            with pytest.raises(BleakError, match="Read Not Permitted"):
                await client.read_gatt_char(uuid)
        with pytest.raises(BleakError, match="Write Not Permitted"):
            await client.write_gatt_char(REPLY_UUID, b"\x01", response=True)

    in_virtual_time(scenario())


def test_services_can_be_replaced(in_virtual_time, badge, host, advertisement):
    async def scenario() -> list[str]:
        air = Air(0.0, random.Random(3))
        peer = badge(air)
        peer.radio.serve([("8f4b1e00-2c5d-4f0e-9a67-70c51a0000ff", [])])
        peer.radio.serve(SERVICES)
        peer.radio.advertise(20_000, advertisement, connectable=True)
        _, client_type = backends(await host(air))
        client = BleakClient(ADDRESS, backend=client_type)
        await client.connect()
        return [each.uuid for each in client.services if len(each.uuid.split("-")[0]) == 8]

    offered = in_virtual_time(scenario())
    assert SERVICE_UUID in offered
    assert not any(uuid.endswith("ff") for uuid in offered)


async def test_a_peer_is_told_why(clear_air, badge, host, advertisement):
    peer = badge(clear_air)
    peer.radio.advertise(20_000, advertisement, connectable=True)
    connection = await (await host(clear_air)).connect_le(hci.Address(ADDRESS))
    reasons: asyncio.Queue[int] = asyncio.Queue()
    connection.on(Connection.EVENT_DISCONNECTION, reasons.put_nowait)
    peer.radio.disconnect(await peer.connected.get())
    assert await reasons.get() == hci.HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR
    peer.radio.close()


def test_a_radio_without_power_leaves_nothing_behind_whenever_it_goes(
    in_virtual_time, badge, clear_air, advertisement
):
    async def scenario(turns: int) -> int:
        radio = badge(clear_air).radio
        radio.advertise(20_000, advertisement)
        radio.set_address("C0:00:00:00:00:02")
        radio.advertise(20_000, None)
        for _ in range(turns):
            await asyncio.sleep(0)
        radio.close()
        await asyncio.sleep(15)  # Bumble gives a command ten seconds
        return len(asyncio.all_tasks())

    assert {in_virtual_time(scenario(turns)) for turns in range(80)} == {1}
