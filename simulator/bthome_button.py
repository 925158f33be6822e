"""A BTHome button on the virtual air; its frames are encrypted as bthome.io/encryption says."""

from typing import Literal

from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from simulator.air import Air
from simulator.peripheral import Peripheral

Press = Literal["single", "double", "triple", "long", "hold", "release", "newer"]

_PRESSES = {"single": 0x01, "double": 0x02, "triple": 0x03, "long": 0x04}
_PRESSES |= {"hold": 0x80, "release": 0x81, "newer": 0xFE}  # newer: than any library
_UUID = b"\xd2\xfc"
_VERSION_2, _ENCRYPTED, _EVENT_DRIVEN = 0x40, 0x01, 0x04
_PACKET_ID, _BATTERY, _BUTTON = 0x00, 0x01, 0x3A
_TAG_LENGTH = 4
_FLAGS_AD = bytes((2, 0x01, 0x06))
_SERVICE_DATA_AD = 0x16
PRESS_INTERVAL_US = 30_000


class BthomeButton:
    """Makes the service data of one button, with an encryption counter and a packet id that rise.

    address: as AA:BB:CC:DD:EE:FF; key: 16 bytes; counter: of the first frame;
    battery: percent, None leaves it out; packets: whether frames have a packet id.
    """

    def __init__(
        self,
        address: str,
        key: bytes,
        *,
        counter: int = 1,
        battery: int | None = 100,
        packets: bool = True,
    ) -> None:
        self.address = address
        self.key = key
        self.counter = counter
        self.battery = battery
        self._packets = packets
        self._packet = 0

    def press(self, kind: Press = "single", button: int = 1) -> bytes:
        """The frame of a press; button: 1 to 4, on a wall switch with several."""
        self._next_packet()
        return self._press(kind, button)

    def burst(self, frames: int, kind: Press = "single") -> list[bytes]:
        """One press in so many frames: one packet id, each with a counter of its own."""
        self._next_packet()
        return [self._press(kind, 1) for _ in range(frames)]

    def beacon(self) -> bytes:
        """The frame of a sign of life."""
        self._next_packet()
        return self.seal(self._head())

    def seal(self, objects: bytes, counter: int | None = None, flags: int = _EVENT_DRIVEN) -> bytes:
        """A frame around any objects, with the next counter or the one given."""
        if counter is None:
            counter, self.counter = self.counter, self.counter + 1
        head = bytes((_VERSION_2 | _ENCRYPTED | flags,))
        count = counter.to_bytes(4, "little")
        nonce = bytes.fromhex(self.address.replace(":", "")) + _UUID + head + count
        sealed = AESCCM(self.key, tag_length=_TAG_LENGTH).encrypt(nonce, objects, None)
        return head + sealed[:-_TAG_LENGTH] + count + sealed[-_TAG_LENGTH:]

    def _press(self, kind: Press, button: int) -> bytes:
        others = bytes((_BUTTON, 0)) * (button - 1)
        return self.seal(self._head() + others + bytes((_BUTTON, _PRESSES[kind])))

    def _head(self) -> bytes:
        packet = bytes((_PACKET_ID, self._packet)) if self._packets else b""
        battery = b"" if self.battery is None else bytes((_BATTERY, self.battery))
        return packet + battery

    def _next_packet(self) -> None:
        self._packet = (self._packet + 1) % 256


class VirtualButton:
    """A button on the air. Nobody can connect to it: it only speaks.

    It says its latest frame again and again until `silent`, as a real one does for a while.
    interval_us: so often.
    """

    def __init__(
        self,
        air: Air,
        name: str,
        frames: BthomeButton,
        *,
        interval_us: int = PRESS_INTERVAL_US,
    ) -> None:
        self.frames = frames
        self._interval_us = interval_us
        self._peripheral = Peripheral(
            air,
            name,
            frames.address,
            on_connect=lambda _connection, _peer: None,
            on_disconnect=lambda _connection, _peer: None,
            on_write=lambda _connection, _handle, _value: None,
        )

    def press(self, kind: Press = "single") -> None:
        """Somebody presses."""
        self.say(self.frames.press(kind))

    def beacon(self) -> None:
        """Say that it lives."""
        self.say(self.frames.beacon())

    def say(self, service_data: bytes) -> None:
        """Put any service data on the air."""
        advertisement = _FLAGS_AD + bytes((3 + len(service_data), _SERVICE_DATA_AD)) + _UUID
        self._peripheral.advertise(
            self._interval_us, advertisement + service_data, connectable=False
        )

    def silent(self) -> None:
        """Stop saying it."""
        self._peripheral.advertise(self._interval_us, None)

    def close(self) -> None:
        """Take it off the air."""
        self._peripheral.close()
