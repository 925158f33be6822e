"""The central side of one board's radio, in the words of simulator/vm/bluetooth.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from bleak.exc import BleakError
from bumble import hci
from bumble.att import ATT_Error
from bumble.core import UUID, BaseBumbleError
from bumble.device import Advertisement, Connection, Device
from bumble.gatt import Characteristic
from bumble.gatt_client import CharacteristicProxy, ServiceProxy
from bumble.transport.common import AsyncPipeSink

from simulator.air import Air
from simulator.bleak_adapter import Adapter
from simulator.controller import VirtualController
from simulator.hci_host import QuietHost

Tell = Callable[[str], None]
Words = tuple[str, ...]

_NO_CONNECTION = 0xFFFF
_ADV_IND, _ADV_NONCONN_IND, _SCAN_RSP = 0, 3, 4
_OK, _UNLIKELY_ERROR = 0, 0x0E
_MTU = 247


class Central:
    """A Bluetooth stack that scans, connects and writes, on the air from `open` until `close`.

    tell takes the lines for the board's process: `heard ...` for an advertisement,
    `central ...` for the answer to what `do` asked.
    """

    def __init__(self, air: Air, name: str, tell: Tell) -> None:
        self._tell = tell
        self._controller = VirtualController(air, name)
        host = QuietHost(self._controller, AsyncPipeSink(self._controller))
        self._device = Device(name=name, address=hci.Address.ANY_RANDOM, host=host)
        self._adapter: Adapter | None = None
        self._connections: dict[int, Connection] = {}
        self._services: dict[tuple[int, int], ServiceProxy] = {}
        self._values: dict[tuple[int, int], CharacteristicProxy[bytes]] = {}
        self._attempt: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._scan_steps: asyncio.Queue[bool] = asyncio.Queue()
        self._does: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
            "mtu": self._exchange_mtu,
            "services": self._find_services,
            "characteristics": self._find_characteristics,
            "write": self._write,
        }

    async def open(self) -> None:
        """Power on."""
        await self._device.power_on()
        # Each connection brings its own interval; the shortest serves for all.
        self._adapter = Adapter(self._device, 7.5)
        self._start(self._scan_in_turn(self._adapter))

    def close(self) -> None:
        """Power off, at once."""
        self._controller.power_off()
        for task in tuple(self._tasks):
            task.cancel()

    def scan(self, words: Words) -> None:
        """`scan INTERVAL_US WINDOW_US ACTIVE`, or `scan 0` to stop."""
        self._scan_steps.put_nowait(words[1] != "0")

    def do(self, words: Words) -> None:
        """`central WHAT ...`: answered by lines, in time."""
        what, arguments = words[1], words[2:]
        if what == "connect":
            kind, address, for_ms, _interval_us = arguments
            self._attempt = self._start(
                self._connect(int(kind), bytes.fromhex(address), int(for_ms) / 1000)
            )
        elif what == "cancel":
            if self._attempt is not None:
                self._attempt.cancel()
        else:
            self._start(self._procedure(what, arguments))

    def disconnect(self, words: Words) -> None:
        """`disconnect CONNECTION`."""
        connection = self._connections.get(int(words[1]))
        if connection is not None:
            self._start(self._disconnect(connection))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- scanning -----------------------------------------------------------

    async def _scan_in_turn(self, adapter: Adapter) -> None:
        while True:
            if await self._scan_steps.get():
                await adapter.add_scanner(self._heard, active=False)
            else:
                await adapter.remove_scanner(self._heard)

    def _heard(self, _address: str, advertisement: Advertisement) -> None:
        address = advertisement.address
        kind = _ADV_IND if advertisement.is_connectable else _ADV_NONCONN_IND
        if advertisement.is_scan_response:
            kind = _SCAN_RSP
        self._tell(
            f"heard {int(not address.is_public)} {bytes(address)[::-1].hex()} {kind} "
            f"{advertisement.rssi} {advertisement.data_bytes.hex()}"
        )

    # -- connections --------------------------------------------------------

    async def _connect(self, kind: int, address: bytes, for_s: float) -> None:
        assert self._adapter is not None
        peer = hci.Address(address[::-1], hci.AddressType(kind))
        try:
            async with asyncio.timeout(for_s):
                connection = await self._adapter.connect(peer)
        except (TimeoutError, BleakError, asyncio.CancelledError):
            self._tell(f"central disconnected {_NO_CONNECTION} 255 {bytes(6).hex()}")
            return
        number = connection.handle
        self._connections[number] = connection
        connection.on(
            Connection.EVENT_DISCONNECTION, lambda _reason: self._gone(number, kind, address)
        )
        self._tell(f"central connected {number} {kind} {address.hex()}")

    def _gone(self, number: int, kind: int, address: bytes) -> None:
        self._connections.pop(number, None)
        self._tell(f"central disconnected {number} {kind} {address.hex()}")

    async def _disconnect(self, connection: Connection) -> None:
        # Gone meanwhile is as good.
        with suppress(BaseBumbleError, asyncio.CancelledError):
            await connection.disconnect()

    # -- procedures of GATT -------------------------------------------------

    async def _procedure(self, what: str, arguments: Words) -> None:
        connection = self._connections.get(int(arguments[0]))
        if connection is None:
            return
        # Bumble cancels what waits when the connection goes; the board hears of that by itself.
        with suppress(BaseBumbleError, TimeoutError):
            await self._does[what](connection, *arguments[1:])

    async def _exchange_mtu(self, connection: Connection) -> None:
        mtu = await connection.gatt_client.request_mtu(_MTU)
        self._tell(f"central mtu {connection.handle} {mtu}")

    async def _find_services(self, connection: Connection, uuid: str) -> None:
        client = connection.gatt_client
        found = await (
            client.discover_services() if uuid == "-" else client.discover_service(UUID(uuid))
        )
        for service in found:
            self._services[connection.handle, service.handle] = service
            self._tell(
                f"central service {connection.handle} {service.handle} "
                f"{service.end_group_handle} {_text(service.uuid)}"
            )
        self._tell(f"central services {connection.handle} {_OK}")

    async def _find_characteristics(self, connection: Connection, start: str, _end: str) -> None:
        client, number = connection.gatt_client, connection.handle
        service = self._services[number, int(start)]
        for found in await client.discover_characteristics((), service):
            self._values[number, found.handle] = found
            if found.properties & Characteristic.Properties.NOTIFY:
                self._hear_notifications(connection, found.handle)
            self._tell(
                f"central characteristic {number} {found.end_group_handle} {found.handle} "
                f"{int(found.properties)} {_text(found.uuid)}"
            )
        self._tell(f"central characteristics {number} {_OK}")

    def _hear_notifications(self, connection: Connection, handle: int) -> None:
        def notified(value: bytes) -> None:
            self._tell(f"central notified {connection.handle} {handle} {value.hex()}")

        connection.gatt_client.notification_subscribers[handle] = {notified}

    async def _write(self, connection: Connection, handle: str, mode: str, value: str) -> None:
        status = _OK
        try:
            await connection.gatt_client.write_value(
                int(handle), bytes.fromhex(value), with_response=mode == "1"
            )
        except ATT_Error as error:
            status = error.error_code or _UNLIKELY_ERROR
        self._tell(f"central written {connection.handle} {handle} {status}")


def _text(uuid: UUID) -> str:
    return uuid.to_hex_str("-").lower()
