"""What a GATT server offers, discovered over a Bumble connection, in bleak's terms."""

from __future__ import annotations

from collections.abc import Iterable

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID
from bumble.gatt_client import CharacteristicProxy, Client, DescriptorProxy, ServiceProxy

_WRITE_HEADER_LENGTH = 3


async def discover(client: Client, wanted: Iterable[str] = ()) -> BleakGATTServiceCollection:
    """Discover the wanted services (UUIDs; all when none is named) with all they contain."""
    table = BleakGATTServiceCollection()
    for service in await _services(client, tuple(wanted)):
        shown = BleakGATTService(None, service.handle, _text(service.uuid))
        table.add_service(shown)
        for characteristic in await client.discover_characteristics((), service):
            descriptors = await client.discover_descriptors(characteristic)
            _add(table, shown, characteristic, descriptors, client)
    return table


async def _services(client: Client, wanted: tuple[str, ...]) -> list[ServiceProxy]:
    if not wanted:
        return await client.discover_services()
    return [found for uuid in wanted for found in await client.discover_service(UUID(uuid))]


def _add(
    table: BleakGATTServiceCollection,
    service: BleakGATTService,
    characteristic: CharacteristicProxy[bytes],
    descriptors: list[DescriptorProxy],
    client: Client,
) -> None:
    shown = BleakGATTCharacteristic(
        None,
        characteristic.handle,
        _text(characteristic.uuid),
        sorted(gatt_char_props_to_strs(int(characteristic.properties))),
        lambda: client.mtu - _WRITE_HEADER_LENGTH,
        service,
    )
    table.add_characteristic(shown)
    for descriptor in descriptors:
        table.add_descriptor(
            BleakGATTDescriptor(None, descriptor.handle, _text(descriptor.type), shown)
        )


def _text(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
