"""The yardstick of bench_intake: encrypted BTHome v2 button presses, and bthome-ble to read them.

The nearest thing in use: an advertisement of 4-byte tags under AES-CCM with a rising counter.
"""

from collections.abc import Callable

from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from habluetooth import BluetoothServiceInfoBleak

_UUID = "0000fcd2-0000-1000-8000-00805f9b34fb"
_HEAD = b"\x41"  # version 2, encrypted
_PRESS = b"\x3a\x01"
_KEY = bytes(range(16))


class Parsers:
    """One parser a button, as a hub has them."""

    def __init__(self) -> None:
        self._parsers: dict[str, BTHomeBluetoothDeviceData] = {}

    def parse(self, advertisement: BluetoothServiceInfoBleak) -> bool:
        """Whether the advertisement was a press."""
        parser = self._parsers.get(advertisement.address)
        if parser is None:
            parser = BTHomeBluetoothDeviceData(bindkey=_KEY)
            self._parsers[advertisement.address] = parser
        return bool(parser.update(advertisement).events)


def presses(buttons: int, each: int) -> list[BluetoothServiceInfoBleak]:
    """So many presses of each button in turn, no two alike."""
    makers = [_button(number) for number in range(buttons)]
    return [make(counter) for counter in range(1, each + 1) for make in makers]


def _button(number: int) -> Callable[[int], BluetoothServiceInfoBleak]:
    mac = b"\xc0\0\0" + number.to_bytes(3, "big")
    address, cipher = mac.hex(":").upper(), AESCCM(_KEY, tag_length=4)

    def press(counter: int) -> BluetoothServiceInfoBleak:
        count = counter.to_bytes(4, "little")
        plain = bytes((0, counter & 0xFF)) + _PRESS
        sealed = cipher.encrypt(mac + b"\xd2\xfc" + _HEAD + count, plain, None)
        return BluetoothServiceInfoBleak(
            name="button",
            address=address,
            rssi=-60,
            manufacturer_data={},
            service_data={_UUID: _HEAD + sealed[:-4] + count + sealed[-4:]},
            service_uuids=[],
            source="hci0",
            device=BLEDevice(address, "button", {}),
            advertisement=None,
            connectable=False,
            time=float(counter),
            tx_power=None,
        )

    return press
