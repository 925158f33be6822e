"""The gateway's radio in another process, and what the badge sees when that process dies."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner

from simulator.air import Air
from simulator.bleak_backend import backends, open_host
from simulator.hci_socket import serve_controller
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID

SERVICES = [(SERVICE_UUID, [(COMMAND_UUID, 0x08), (REPLY_UUID, 0x10)])]

OTHER_PROCESS = """
import asyncio, sys
from bleak import BleakClient
from simulator.bleak_backend import backends, open_host

async def main(path, address):
    async with open_host(path) as device:
        client = BleakClient(address, backend=backends(device)[1])
        await client.connect()
        print("connected", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def air(tmp_path: Path) -> AsyncIterator[Air]:
    air = Air(0.3, random.Random(11))
    socket = await serve_controller(air, tmp_path / "hub.sock", "hub-1")
    yield air
    await socket.close()


async def test_the_whole_conversation_at_thirty_percent_loss(air, badge, advertisement, tmp_path):
    peer = badge(air)
    ((command, reply),) = peer.radio.serve(SERVICES)
    peer.radio.advertise(20_000, advertisement, connectable=True)
    async with open_host(str(tmp_path / "hub.sock")) as device:
        scanner_type, client_type = backends(device)
        async with BleakScanner(backend=scanner_type, scanning_mode="passive") as scanner:
            adverts = scanner.advertisement_data()
            found, heard = await anext(adverts)
            assert heard.manufacturer_data == {0xFFFF: advertisement[7:]}
            client = BleakClient(found, services=[SERVICE_UUID], backend=client_type)
            await client.connect()
            connection = await peer.connected.get()
            peer.radio.advertise(20_000, advertisement[:-1] + b"\xee", connectable=False)
            replies: asyncio.Queue[bytes] = asyncio.Queue()
            await client.start_notify(REPLY_UUID, lambda _, value: replies.put_nowait(bytes(value)))
            await client.write_gatt_char(COMMAND_UUID, bytes(range(64)), response=True)
            assert await peer.written.get() == (command, bytes(range(64)))
            peer.radio.notify(connection, reply, b"taken")
            assert await replies.get() == b"taken"
            while heard.manufacturer_data[0xFFFF] != advertisement[7:-1] + b"\xee":
                _, heard = await anext(adverts)
            await client.disconnect()
            assert await peer.disconnected.get() == connection
            await adverts.aclose()
    peer.radio.close()


async def test_a_killed_process_drops_its_connection(air, badge, advertisement, tmp_path):
    peer = badge(air)
    peer.radio.serve(SERVICES)
    peer.radio.advertise(20_000, advertisement, connectable=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OTHER_PROCESS,
        str(tmp_path / "hub.sock"),
        "C0:00:00:00:00:01",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"connected\n"
    connection = await peer.connected.get()
    process.kill()
    assert await peer.disconnected.get() == connection
    await process.wait()
    peer.radio.close()


async def test_a_radio_that_is_taken_away_is_replaced_by_a_fresh_one(
    air, badge, advertisement, tmp_path
):
    peer = badge(air)
    peer.radio.advertise(20_000, advertisement, connectable=True)
    for _ in range(3):
        async with open_host(str(tmp_path / "hub.sock")) as device:
            scanner_type, _ = backends(device)
            async with BleakScanner(backend=scanner_type, scanning_mode="passive") as scanner:
                adverts = scanner.advertisement_data()
                await anext(adverts)
                await adverts.aclose()
    peer.radio.close()


async def test_bytes_that_are_not_hci_cost_only_that_radio(air, badge, advertisement, tmp_path):
    reader, writer = await asyncio.open_unix_connection(tmp_path / "hub.sock")
    writer.write(b"\xffnot hci")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    async with open_host(str(tmp_path / "hub.sock")) as device:
        assert device.powered_on
