"""Bluetooth, central side. The interrupt only copies into what was allocated before."""

from array import array

import bluetooth

from dongle import writes
from dongle.clock import ticks_ms
from wire.command import COMMAND_MAX_LENGTH, COMMAND_UUID, REPLY_UUID, SERVICE_UUID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    from dongle.hearing import Hearing

    class Controller(Protocol):
        """bluetooth.BLE as it is: the stubs take handles for memory."""

        def active(self, active: bool) -> object: ...

        def config(self, *, mtu: int) -> object: ...

        def irq(self, handler: object) -> object: ...

        def gap_scan(
            self, duration_ms: "int | None", interval_us: int = 0, window_us: int = 0
        ) -> None: ...

        def gap_connect(
            self,
            addr_type: "int | None",
            addr: bytes = b"",
            scan_duration_ms: int = 0,
            min_conn_interval_us: int = 0,
            max_conn_interval_us: int = 0,
        ) -> None: ...

        def gap_disconnect(self, conn_handle: int) -> bool: ...

        def gattc_exchange_mtu(self, conn_handle: int) -> None: ...

        def gattc_discover_services(self, conn_handle: int, uuid: "bluetooth.UUID") -> None: ...

        def gattc_discover_characteristics(
            self, conn_handle: int, start_handle: int, end_handle: int
        ) -> None: ...

        def gattc_write(
            self, conn_handle: int, value_handle: int, data: bytes, mode: int
        ) -> None: ...


# Without pause: the whole interval is window.
SCAN_US = 30_000
INTERVAL_MIN_US = 7_500  # the shortest there is: a write takes about ten of them
INTERVAL_MAX_US = 15_000
MTU = 128  # a command of 64 bytes goes in one write

_SCAN_RESULT = 5
_SCAN_DONE = 6
_PERIPHERAL_CONNECT = 7
_PERIPHERAL_DISCONNECT = 8
_SERVICE_RESULT = 9
_SERVICE_DONE = 10
_CHARACTERISTIC_RESULT = 11
_CHARACTERISTIC_DONE = 12
_WRITE_DONE = 17
_NOTIFY = 18
_MTU_EXCHANGED = 21

_WITH_RESPONSE = 1
_NOTES = 32
_WORDS = 4  # signal, connection, first, second


class Radio:
    """One BLE controller. on_news is called, in the interrupt, when there is something to take."""

    def __init__(
        self, ble: "Controller", hearing: "Hearing", on_news: "Callable[[], None]"
    ) -> None:
        self._ble = ble
        self._hearing = hearing
        self._on_news = on_news
        self._service = bluetooth.UUID(SERVICE_UUID)
        self._command = bluetooth.UUID(COMMAND_UUID)
        self._reply = bluetooth.UUID(REPLY_UUID)
        self._notes = array("H", [0] * (_NOTES * _WORDS))
        self._noted = 0
        self._taken = 0
        self._replied = bytearray(COMMAND_MAX_LENGTH)
        self._replied_length = 0
        self._scanning = False
        self._effects: "dict[int, Callable[..., object]]" = {
            writes.CONNECT: self._connect,
            writes.CANCEL: self._cancel,
            writes.EXCHANGE_MTU: ble.gattc_exchange_mtu,
            writes.FIND_SERVICE: self._find_service,
            writes.FIND_CHARACTERISTICS: ble.gattc_discover_characteristics,
            writes.WRITE: self._write,
            writes.DISCONNECT: ble.gap_disconnect,
        }
        ble.active(True)
        ble.config(mtu=MTU)
        ble.irq(self._irq)

    def listen(self) -> None:
        """Scans from now on; does nothing when it does. Raises OSError when it cannot yet."""
        if not self._scanning:
            self._scanning = True  # first: the interrupt may take it back at once
            try:
                self._ble.gap_scan(0, SCAN_US, SCAN_US)
            except OSError:
                self._scanning = False
                raise

    def deafen(self) -> None:
        """Stops scanning."""
        self._ble.gap_scan(None)
        self._scanning = False

    def perform(self, effect: "tuple[Any, ...]") -> None:
        """One effect of dongle.writes. Raises OSError when the controller refuses."""
        self._effects[effect[0]](*effect[1:])

    def news(self) -> "list[Sequence[int]]":
        """The signals for Writes.step up to now, each with its numbers.

        A peer that notifies without end is heard out at the next turn.
        """
        found: "list[Sequence[int]]" = []
        end = self._noted
        while self._taken != end:
            at = self._taken * _WORDS
            found.append(tuple(self._notes[at : at + _WORDS]))
            self._taken = (self._taken + 1) % _NOTES
        return found

    def reply(self) -> bytes:
        """What the latest REPLY brought."""
        return bytes(memoryview(self._replied)[: self._replied_length])

    def _connect(self, address_type: int, address: bytes) -> None:
        self.deafen()  # NimBLE does not connect while it scans
        self._ble.gap_connect(
            address_type, address, writes.CONNECT_MS, INTERVAL_MIN_US, INTERVAL_MAX_US
        )

    def _cancel(self) -> None:
        self._ble.gap_connect(None)

    def _find_service(self, connection: int) -> None:
        self._ble.gattc_discover_services(connection, self._service)

    def _write(self, connection: int, handle: int, command: bytes) -> None:
        # Not subscribed to the reply: gatts_notify of a badge sends it all the same.
        self._ble.gattc_write(connection, handle, command, _WITH_RESPONSE)

    # -- in the interrupt ---------------------------------------------------

    def _irq(self, event: int, told: "Any") -> None:
        if event == _SCAN_RESULT:
            if self._hearing.heard(ticks_ms(), told[0], told[1], told[3], told[4]):
                self._on_news()
        elif event == _SCAN_DONE:
            self._scanning = False
            self._on_news()
        elif event == _PERIPHERAL_CONNECT:
            self._note(writes.CONNECTED, told[0], 0, 0)
        elif event == _PERIPHERAL_DISCONNECT:
            self._note(writes.DISCONNECTED, told[0], 0, 0)
        else:
            self._answered(event, told)

    def _answered(self, event: int, told: "Any") -> None:
        """The answers to procedures of GATT."""
        if event == _MTU_EXCHANGED:
            self._note(writes.SIZED, told[0], told[1], 0)
        elif event == _SERVICE_RESULT:
            self._note(writes.SERVICE, told[0], told[1], told[2])
        elif event == _SERVICE_DONE:
            self._note(writes.SERVICES_DONE, told[0], told[1], 0)
        elif event == _CHARACTERISTIC_RESULT:
            if told[4] == self._command:
                self._note(writes.COMMAND_FOUND, told[0], told[2], 0)
        elif event == _CHARACTERISTIC_DONE:
            self._note(writes.CHARACTERISTICS_DONE, told[0], told[1], 0)
        elif event == _WRITE_DONE:
            self._note(writes.WRITTEN, told[0], told[2], 0)
        elif event == _NOTIFY:
            self._notified(told)

    def _notified(self, told: "Any") -> None:
        reply = told[2]
        length = min(len(reply), COMMAND_MAX_LENGTH)
        for at in range(length):
            self._replied[at] = reply[at]
        self._replied_length = length
        self._note(writes.REPLY, told[0], 0, 0)

    def _note(self, signal: int, connection: int, first: int, second: int) -> None:
        following = (self._noted + 1) % _NOTES
        if following == self._taken:
            return  # far more than one write can say; its deadlines see to the rest
        at = self._noted * _WORDS
        notes = self._notes
        notes[at] = signal
        notes[at + 1] = connection
        notes[at + 2] = first & 0xFFFF
        notes[at + 3] = second & 0xFFFF
        self._noted = following
        self._on_news()
