"""A badge's Bluetooth chip on the virtual air, in the words of simulator/vm/bluetooth.py."""

from __future__ import annotations

import random
from collections.abc import Callable

from bumble import hci

from simulator.air import Air
from simulator.peripheral import Peripheral

Words = tuple[str, ...]

_ADDRESS_RESOLVABLE = "2"


class BadgeRadio:
    """Off the air until `start`.

    name: on the air; tell: takes the lines for the badge's process: `connect`, `disconnect`
    and `write`.
    """

    def __init__(
        self, air: Air, name: str, tell: Callable[[str], None], rng: random.Random
    ) -> None:
        self._air = air
        self._name = name
        self._tell = tell
        self._rng = rng
        self._peripheral: Peripheral | None = None
        self._handles: dict[str, int] = {}  # the firmware's value handles -> the radio's
        self._peers: dict[int, int] = {}  # the radio's connections -> the firmware's
        self._does: dict[str, Callable[[Peripheral, Words], None]] = {
            "adv": self._advertise,
            "bleconfig": self._configure,
            "service": self._serve,
            "notify": self._notify,
            "disconnect": self._disconnect,
        }

    def start(self) -> None:
        """On, under a new address; what it did before is over."""
        self.stop()
        self._peripheral = Peripheral(
            self._air,
            self._name,
            self._new_address(),
            on_connect=self._connected,
            on_disconnect=self._disconnected,
            on_write=self._written,
        )

    def stop(self) -> None:
        """Silent at once; peers notice by their supervision timeout."""
        if self._peripheral is not None:
            self._peripheral.close()
            self._peripheral = None
        self._peers.clear()

    def take(self, words: Words) -> None:
        """A line of the badge's process; those that are not for the radio do nothing."""
        if self._peripheral is not None and words[0] in self._does:
            self._does[words[0]](self._peripheral, words)

    def _advertise(self, radio: Peripheral, words: Words) -> None:
        if words[1] == "0":
            radio.advertise(0, None, connectable=False)
        else:
            payload = bytes.fromhex(words[3])
            radio.advertise(int(words[1]), payload, connectable=words[2] == "1")

    def _configure(self, radio: Peripheral, words: Words) -> None:
        if words[1:] == ("addr_mode", _ADDRESS_RESOLVABLE):
            radio.set_address(self._new_address())

    def _serve(self, radio: Peripheral, words: Words) -> None:
        uuid, rest = words[1], words[2:]
        handles, uuids, flags = rest[::3], rest[1::3], rest[2::3]
        characteristics = list(zip(uuids, map(int, flags), strict=True))
        ((*values,),) = radio.serve([(uuid, characteristics)])
        self._handles = dict(zip(handles, values, strict=True))

    def _notify(self, radio: Peripheral, words: Words) -> None:
        for theirs, ours in self._peers.items():
            if ours == int(words[1]):
                radio.notify(theirs, self._handles[words[2]], bytes.fromhex(words[3]))

    def _disconnect(self, radio: Peripheral, words: Words) -> None:
        for theirs, ours in self._peers.items():
            if ours == int(words[1]):
                radio.disconnect(theirs)

    def _connected(self, connection: int, peer: hci.Address) -> None:
        ours = next(n for n in range(len(self._peers) + 1) if n not in self._peers.values())
        self._peers[connection] = ours
        self._tell(f"connect {ours} {bytes(peer).hex()}")

    def _disconnected(self, connection: int, peer: hci.Address) -> None:
        ours = self._peers.pop(connection, None)
        if ours is not None:
            self._tell(f"disconnect {ours} {bytes(peer).hex()}")

    def _written(self, connection: int, value_handle: int, value: bytes) -> None:
        for firmware_handle, handle in self._handles.items():
            if handle == value_handle and connection in self._peers:
                self._tell(f"write {self._peers[connection]} {firmware_handle} {value.hex()}")

    def _new_address(self) -> str:
        """A resolvable private address: its two highest bits are 01 (Core Vol 6 Part B 1.3.2.2)."""
        octets = [self._rng.randrange(256) for _ in range(6)]
        octets[0] = octets[0] & 0x3F | 0x40
        return ":".join(f"{octet:02X}" for octet in octets)
