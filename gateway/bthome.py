"""BTHome version 2 (bthome.io): what stands around the seal, and what bthome-ble reads in it.

bthome-ble keeps counters and packet ids of its own. Its check of counters is
blind below 100 and until the first good frame after a start, so it gets a
parser that knows nothing for each frame, and the rules are those of
gateway.buttons.
"""

from typing import NamedTuple

from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from habluetooth import BluetoothServiceInfoBleak

_UUID_BYTES = b"\xd2\xfc"
UUID = "0000fcd2-0000-1000-8000-00805f9b34fb"
VERSION = 2
#: A press of a kind that bthome-ble has no name for.
UNKNOWN_PRESS = "unknown"
_ENCRYPTED, _WITH_ADDRESS = 0x01, 0x02
_ADDRESS = slice(1, 7)
_COUNTER = slice(-8, -4)
_TAG_LENGTH = 4
_BUTTON, _NAMED_TO, _NAMED_HELD = 0x3A, 0x06, (0x80, 0x81)
_SHORTEST = 1 + 2 + 4 + 4  # flags, one object, counter, tag


class Said(NamedTuple):
    """What one frame said. presses: bthome-ble's names; packet: 0-255; battery: percent."""

    presses: tuple[str, ...]
    packet: int | None
    battery: int | None


def speaker_of(address: str, payload: bytes) -> str:
    """The address that a frame claims: the one inside it goes before the advertiser's."""
    if payload and payload[0] & _WITH_ADDRESS and len(payload) >= _ADDRESS.stop:
        return payload[_ADDRESS][::-1].hex(":").upper()
    return address.upper()


def refusal(payload: bytes) -> str | None:
    """Why these bytes are no encrypted frame of version 2: `malformed`, `plain`; None: they are."""
    if not payload or payload[0] >> 5 != VERSION:
        return "malformed"
    if not payload[0] & _ENCRYPTED:
        return "plain"
    address_length = 6 if payload[0] & _WITH_ADDRESS else 0
    return "malformed" if len(payload) < _SHORTEST + address_length else None


def counter_of(payload: bytes) -> int:
    """The encryption counter of a frame that is not refused, 0 to 2^32 - 1; not yet verified."""
    return int.from_bytes(payload[_COUNTER], "little")


def open_frame(address: str, key: bytes, payload: bytes) -> Said | None:
    """What a frame that is not refused says; None when its tag is wrong."""
    try:
        # Ours first: of each wrong tag, bthome-ble writes a line, and takes 25 times as long.
        objects = _plain(address, key, payload)
    except InvalidTag:
        return None
    parser = BTHomeBluetoothDeviceData(bindkey=key)
    update = parser.update(_advertisement(address, payload))
    if not parser.bindkey_verified:
        return None
    presses = tuple(
        str(event.event_type)
        for device, event in update.events.items()
        if device.key.startswith("button")
    )
    presses += (UNKNOWN_PRESS,) * _unknown_presses(objects)
    packet = None if parser.packet_id is None else int(parser.packet_id)
    levels = [
        value.native_value
        for device, value in update.entity_values.items()
        if device.key == "battery"
    ]
    level = levels[0] if levels else None
    battery = int(level) if isinstance(level, int | float) and 0 <= level <= 100 else None
    return Said(presses, packet, battery)


def _plain(address: str, key: bytes, payload: bytes) -> bytes:
    """What is inside a frame (bthome.io/encryption). Raises InvalidTag."""
    start = _ADDRESS.stop if payload[0] & _WITH_ADDRESS else 1
    counter, tag = payload[_COUNTER], payload[-_TAG_LENGTH:]
    nonce = bytes.fromhex(address.replace(":", "")) + _UUID_BYTES + payload[:1] + counter
    sealed = payload[start : _COUNTER.start] + tag
    return AESCCM(key, tag_length=_TAG_LENGTH).decrypt(nonce, sealed, None)


def _unknown_presses(objects: bytes) -> int:
    """How many presses there are of kinds that came after this bthome-ble, which leaves them out.

    Objects stand in the order of their ids, so those of buttons are the last.
    """
    unknown = 0
    while len(objects) >= 2 and objects[-2] == _BUTTON:
        kind = objects[-1]
        unknown += kind > _NAMED_TO and kind not in _NAMED_HELD
        objects = objects[:-2]
    return unknown


def _advertisement(address: str, payload: bytes) -> BluetoothServiceInfoBleak:
    return BluetoothServiceInfoBleak(
        name="",
        address=address,
        rssi=0,
        manufacturer_data={},
        service_data={UUID: payload},
        service_uuids=[],
        source="",
        device=BLEDevice(address, None, None),
        advertisement=None,
        connectable=False,
        time=0.0,
        tx_power=None,
    )
