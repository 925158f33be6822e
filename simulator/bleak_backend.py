"""Bleak over a Bumble host: the gateway's own Bluetooth code, on the virtual air."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar, Literal, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bleak.backends.service import BleakGATTServiceCollection
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_16
from bumble import hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Device
from bumble.transport import open_transport

from simulator import gatt_table
from simulator.bleak_adapter import Adapter, outcome
from simulator.hci_host import QuietHost

_T = TypeVar("_T")

PREFERRED_MTU = 247
_CLIENT_CONFIGURATION = normalize_uuid_16(0x2902)


@asynccontextmanager
async def open_host(transport: str, name: str = "host") -> AsyncIterator[Device]:
    """A powered-on Bumble host on a radio elsewhere, for as long as the block lasts.

    transport: the path of a socket made by `simulator.hci_socket`, or any Bumble
    transport such as `tcp-client:host:port`. Raises OSError when it cannot be opened.
    """
    if transport.startswith("/") or ":" not in transport:
        transport = f"unix-client:{transport}"
    async with await open_transport(transport) as (source, sink):
        device = Device(name, hci.Address.ANY_RANDOM, host=QuietHost(source, sink))
        await device.power_on()
        yield device


def backends(
    device: Device, *, interval_ms: float = 15.0
) -> tuple[type[BaseBleakScanner], type[BaseBleakClient]]:
    """The `backend=` classes for BleakScanner and BleakClient that use this device.

    interval_ms: connection interval, at least 7.5.
    """
    shared = Adapter(device, interval_ms)

    class Scanner(BumbleScanner):
        adapter = shared

    class Client(BumbleClient):
        adapter = shared

    return Scanner, Client


class BumbleScanner(BaseBleakScanner):
    """Reports every advertisement heard, without merging duplicates."""

    adapter: ClassVar[Adapter]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"],
        **_platform_arguments: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.seen_devices = {}
        await self.adapter.add_scanner(self._take, active=self._active)

    async def stop(self) -> None:
        await self.adapter.remove_scanner(self._take)

    def _take(self, address: str, advertisement: Advertisement) -> None:
        if advertisement.is_scan_response and not advertisement.data_bytes:
            return
        report = _advertisement_data(advertisement)
        if self.is_allowed_uuid(report.service_uuids):
            device = self.create_or_update_device(
                address, address, report.local_name, advertisement.address, report
            )
            self.call_detection_callbacks(device, report)


class BumbleClient(BaseBleakClient):
    """One connection. Times out with TimeoutError, as bleak on BlueZ does; else BleakError.

    What a peer offers is remembered by its address, as BlueZ does by default, so a
    second connection to it saves the discovery.
    """

    adapter: ClassVar[Adapter]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        services: set[str] | None = None,
        **_platform_arguments: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout
        )
        self._peer = self.adapter.address_of(self.address)
        self._wanted = frozenset(services or ())
        self._connection: Connection | None = None

    @property
    def name(self) -> str:
        return self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return self._connected().att_mtu

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    def _connected(self) -> Connection:
        if self._connection is None:
            raise BleakError(f"{self.address} is not connected; connect first")
        return self._connection

    async def connect(self, pair: bool, **_: Any) -> None:
        """Connect and discover; raises TimeoutError after the client's timeout."""
        if pair:
            raise BleakError("the simulated radio does not pair; connect with pair=False")
        if self.is_connected:
            raise BleakError(f"{self.address} is connected already")
        async with asyncio.timeout(self._timeout):
            connection = await self.adapter.connect(self._peer)
            connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
            self._connection = connection
            try:
                await self._ask(connection.gatt_client.request_mtu(PREFERRED_MTU))
                self.services = await self._table(connection)
            except BaseException:
                await self.disconnect()
                raise

    async def _table(self, connection: Connection) -> BleakGATTServiceCollection:
        key = (self._peer, self._wanted)
        if key not in self.adapter.tables:
            discovery = gatt_table.discover(connection.gatt_client, self._wanted)
            self.adapter.tables[key] = await self._ask(discovery)
        return self.adapter.tables[key]

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection is not None:
            # Gone meanwhile is as good.
            with suppress(BleakError):
                await self._ask(self._connection.disconnect())

    async def pair(self, *_arguments: Any, **_options: Any) -> None:
        raise BleakError("the simulated radio does not pair")

    async def unpair(self) -> None:
        raise BleakError("the simulated radio does not pair")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        client = self._connected().gatt_client
        return bytearray(await self._ask(client.read_value(characteristic.handle)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        client = self._connected().gatt_client
        return bytearray(await self._ask(client.read_value(descriptor.handle)))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        await self._write(characteristic.handle, data, response)

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._write(descriptor.handle, data, True)

    async def _write(self, handle: int, value: SizedBuffer, response: bool) -> None:
        client = self._connected().gatt_client
        await self._ask(client.write_value(handle, bytes(value), with_response=response))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        subscribers = self._connected().gatt_client.notification_subscribers
        subscribers[characteristic.handle] = {lambda value: callback(bytearray(value))}
        await self._configure(characteristic, b"\x01\x00")

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await self._configure(characteristic, b"\x00\x00")
        self._connected().gatt_client.notification_subscribers.pop(characteristic.handle, None)

    async def _configure(self, characteristic: BleakGATTCharacteristic, bits: bytes) -> None:
        descriptor = characteristic.get_descriptor(_CLIENT_CONFIGURATION)
        if descriptor is None:
            raise BleakError(f"characteristic {characteristic.uuid} does not notify")
        await self._write(descriptor.handle, bits, True)

    async def _ask(self, request: Coroutine[Any, Any, _T]) -> _T:
        """Wait for an answer; Bumble cancels its own task on disconnection, which is no cancel."""
        task = asyncio.ensure_future(request)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
        return outcome(task, f"{self.address}")


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    fields = advertisement.data
    makers = fields.get_all(AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA, raw=True)
    name = fields.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME, raw=True)
    return AdvertisementData(
        local_name=name.decode(errors="replace") if name else None,
        manufacturer_data={int.from_bytes(maker[:2], "little"): maker[2:] for maker in makers},
        service_data={
            normalize_uuid_16(int.from_bytes(service[:2], "little")): service[2:]
            for service in fields.get_all(AdvertisingData.Type.SERVICE_DATA_16_BIT_UUID, raw=True)
        },
        service_uuids=[],
        tx_power=None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )
