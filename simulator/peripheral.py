"""The radio of one badge, with the operations of MicroPython's `bluetooth.BLE`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bumble import hci
from bumble.att import ATT_Error, Attribute, AttributeValue, ErrorCode
from bumble.core import UUID, BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.transport.common import AsyncPipeSink

from simulator.air import Air
from simulator.controller import VirtualController
from simulator.hci_host import QuietHost

logger = logging.getLogger(__name__)

Services = Sequence[tuple[str, Sequence[tuple[str, int]]]]
"""Services as (UUID, characteristics); a characteristic as (UUID, MicroPython's flags)."""

_WRITABLE = Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE


class Peripheral:
    """A badge's Bluetooth stack on the air from creation until `close`.

    Nothing that it serves is readable. Operations return at once and take effect in the
    order in which they were called, so a stream of commands from the badge's process can
    be fed in as it comes.
    Callbacks run in the event loop: `on_connect(connection, peer)` and
    `on_disconnect(connection, peer)` with the connection handle and the peer's address,
    `on_write(connection, value_handle, value)` before the write is answered.

    address: the random (static or resolvable) address, as `AA:BB:CC:DD:EE:FF`.
    """

    def __init__(
        self,
        air: Air,
        name: str,
        address: str,
        *,
        on_connect: Callable[[int, hci.Address], None],
        on_disconnect: Callable[[int, hci.Address], None],
        on_write: Callable[[int, int, bytes], None],
    ) -> None:
        self._on_connect = on_connect
        self._on_disconnect = on_disconnect
        self._on_write = on_write
        self._controller = VirtualController(air, name)
        host = QuietHost(self._controller, AsyncPipeSink(self._controller))
        self._device = Device(name=name, address=_random_address(address), host=host)
        self._device.on(Device.EVENT_CONNECTION, self._connected)
        self._builtin_attributes = len(self._device.gatt_server.attributes)
        self._builtin_services = len(self._device.gatt_server.services)
        self._on = True
        self._steps: asyncio.Queue[Coroutine[Any, Any, object]] = asyncio.Queue()
        self._steps.put_nowait(self._device.power_on())
        self._worker = asyncio.create_task(self._work())

    def advertise(
        self, interval_us: int, payload: bytes | None, *, connectable: bool = True
    ) -> None:
        """Advertise from now on, in place of whatever was advertised; None stops.

        A connection ends connectable advertising by itself; call again to go on.
        """
        if payload is None:
            self._steps.put_nowait(self._device.stop_advertising())
            return
        kind = AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
        self._steps.put_nowait(
            self._device.start_advertising(
                kind if connectable else AdvertisingType.UNDIRECTED,
                advertising_data=payload,
                scan_response_data=b"",
                advertising_interval_min=interval_us / 1000,
                advertising_interval_max=interval_us / 1000,
            )
        )

    def set_address(self, address: str) -> None:
        """Change the random address; connections keep the one that they were made with."""
        self._steps.put_nowait(self._change_address(_random_address(address)))

    def serve(self, services: Services) -> tuple[tuple[int, ...], ...]:
        """Offer these GATT services instead of any before; the value handles of each."""
        server = self._device.gatt_server
        del server.attributes[self._builtin_attributes :]
        del server.services[self._builtin_services :]
        server.attributes_by_handle.clear()
        built = [self._service(uuid, characteristics) for uuid, characteristics in services]
        server.add_services(built)
        return tuple(tuple(value.handle for value in item.characteristics) for item in built)

    def notify(self, connection: int, value_handle: int, value: bytes) -> None:
        """Notify a peer, subscribed or not; nothing happens when it is gone."""
        self._steps.put_nowait(self._notify(connection, value_handle, value))

    def disconnect(self, connection: int) -> None:
        """Close a connection; nothing happens when it is closed already."""
        self._steps.put_nowait(self._disconnect(connection))

    def close(self) -> None:
        """Cut the power: silence at once; peers notice by their supervision timeout."""
        self._on = False
        self._controller.power_off()
        self._worker.cancel()
        while not self._steps.empty():
            self._steps.get_nowait().close()

    async def settled(self) -> None:
        """Wait until every operation called so far has taken effect."""
        await self._steps.join()

    async def _work(self) -> None:
        while self._on:  # before Python 3.12, asyncio.wait_for may swallow a cancellation
            step = await self._steps.get()
            try:
                await step
            except BaseBumbleError as error:
                logger.error("%s: %s", self._controller.name, error)
            finally:
                self._steps.task_done()

    async def _change_address(self, address: hci.Address) -> None:
        await self._device.send_sync_command(
            hci.HCI_LE_Set_Random_Address_Command(random_address=address)
        )
        self._device.random_address = address

    async def _notify(self, handle: int, value_handle: int, value: bytes) -> None:
        connection = self._device.lookup_connection(handle)
        attribute = self._device.gatt_server.get_attribute(value_handle)
        if connection is not None and attribute is not None:
            await self._device.notify_subscriber(connection, attribute, value, force=True)

    async def _disconnect(self, handle: int) -> None:
        connection = self._device.lookup_connection(handle)
        if connection is not None:
            await connection.disconnect()

    def _connected(self, connection: Connection) -> None:
        handle, peer = connection.handle, connection.peer_address
        connection.on(
            Connection.EVENT_DISCONNECTION, lambda _reason: self._on_disconnect(handle, peer)
        )
        self._on_connect(handle, peer)

    def _service(self, uuid: str, characteristics: Sequence[tuple[str, int]]) -> Service:
        return Service(
            UUID(uuid), [self._characteristic(each, flags) for each, flags in characteristics]
        )

    def _characteristic(self, uuid: str, flags: int) -> Characteristic[bytes]:
        properties = Characteristic.Properties(flags)
        writable = bool(properties & _WRITABLE)

        def written(connection: Connection, value: bytes) -> None:
            if not writable:
                raise ATT_Error(ErrorCode.WRITE_NOT_PERMITTED)
            self._on_write(connection.handle, characteristic.handle, value)

        characteristic: Characteristic[bytes] = Characteristic(
            UUID(uuid),
            properties,
            # Bumble 0.0.236 does not check permissions; the two functions do.
            Attribute.WRITEABLE if writable else Attribute.Permissions(0),
            AttributeValue(read=_refuse_reading, write=written),
        )
        return characteristic


def _refuse_reading(_connection: Connection) -> bytes:
    raise ATT_Error(ErrorCode.READ_NOT_PERMITTED)


def _random_address(text: str) -> hci.Address:
    return hci.Address(text, hci.Address.RANDOM_DEVICE_ADDRESS)
