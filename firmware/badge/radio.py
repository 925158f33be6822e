"""Bluetooth: advertises frames, takes commands. The IRQ only notes what happened."""

import asyncio
from errno import ENODEV

import bluetooth

from wire.command import COMMAND_MAX_LENGTH, COMMAND_UUID, REPLY_UUID, SERVICE_UUID
from wire.frame import to_advertisement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Controller(Protocol):
        """bluetooth.BLE as it is: the stubs take handles for memory, and forget a connection."""

        def active(self, active: "bool | None" = None) -> object: ...

        def config(self, *, addr_mode: int) -> object: ...

        def irq(self, handler: object) -> object: ...

        def gap_advertise(
            self,
            interval_us: "int | None",
            adv_data: "bytes | None" = None,
            *,
            connectable: bool = True,
        ) -> None: ...

        def gap_disconnect(self, conn_handle: int) -> bool: ...

        def gatts_register_services(self, services: object) -> "tuple[tuple[int, int], ...]": ...

        def gatts_set_buffer(self, value_handle: int, size: int) -> None: ...

        def gatts_read(self, value_handle: int) -> bytes: ...

        def gatts_notify(self, conn_handle: int, value_handle: int, data: bytes) -> None: ...


CONNECTED = 1  # _IRQ_CENTRAL_CONNECT
DISCONNECTED = 2  # _IRQ_CENTRAL_DISCONNECT
WRITTEN = 3  # _IRQ_GATTS_WRITE

_RING = 16
_SLOWER_MS = 100
_ADDRESS_RESOLVABLE = 2
_NOTES = (CONNECTED, DISCONNECTED, WRITTEN)


class Radio:
    """One BLE controller. wake is set whenever take() has something new.

    Raises OSError when it does not come up.
    """

    def __init__(self, ble: "Controller", company: int, wake: "asyncio.ThreadSafeFlag") -> None:
        self._ble = ble
        self._company = company
        self._wake = wake
        self._notes = bytearray(2 * _RING)  # event, connection
        self._written = 0
        self._taken = 0
        self.overflows = 0
        ble.active(True)
        if not ble.active():
            raise OSError(ENODEV)
        ble.config(addr_mode=_ADDRESS_RESOLVABLE)
        ble.irq(self._irq)
        command = (bluetooth.UUID(COMMAND_UUID), bluetooth.FLAG_WRITE)
        reply = (bluetooth.UUID(REPLY_UUID), bluetooth.FLAG_NOTIFY)
        service = (bluetooth.UUID(SERVICE_UUID), (command, reply))
        ((self._command, self._reply),) = ble.gatts_register_services((service,))
        ble.gatts_set_buffer(self._command, COMMAND_MAX_LENGTH)

    def advertise(self, frame: bytes, interval_ms: int, connectable: bool) -> None:
        """Raises OSError when the controller refuses."""
        advertisement = to_advertisement(frame, self._company)
        try:
            self._ble.gap_advertise(interval_ms * 1000, advertisement, connectable=connectable)
        except OSError:
            if connectable or interval_ms >= _SLOWER_MS:
                raise
            # Up to Bluetooth 4.2, as on the ESP32, what nobody can connect to is said no faster.
            self._ble.gap_advertise(_SLOWER_MS * 1000, advertisement, connectable=False)

    def quiet(self) -> None:
        self._ble.gap_advertise(None)

    def take(self) -> "tuple[int, int] | None":
        """The oldest noted event and its connection, or None."""
        if self._taken == self._written:
            return None
        at = 2 * (self._taken % _RING)
        self._taken += 1
        return self._notes[at], self._notes[at + 1]

    def command(self) -> bytes:
        """What was written last."""
        return self._ble.gatts_read(self._command)

    def reply(self, connection: int, sealed: bytes) -> None:
        """Raises OSError when the peer has gone."""
        self._ble.gatts_notify(connection, self._reply, sealed)

    def disconnect(self, connection: int) -> bool:
        """False: there is no such connection any more."""
        try:
            return self._ble.gap_disconnect(connection)
        except OSError:
            return True  # it is being ended

    def _irq(self, event: int, data: "tuple[int, ...]") -> None:
        if event not in _NOTES:
            return
        if self._written - self._taken >= _RING:
            self.overflows += 1
            return
        at = 2 * (self._written % _RING)
        self._notes[at] = event
        self._notes[at + 1] = data[0] & 0xFF
        self._written += 1
        self._wake.set()
