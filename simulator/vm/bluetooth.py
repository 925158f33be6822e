"""Stand-in for `bluetooth`: controller, GATT server and GATT client live in the simulator."""

import errno

import _bus

FLAG_READ = 0x02
FLAG_WRITE_NO_RESPONSE = 0x04
FLAG_WRITE = 0x08
FLAG_NOTIFY = 0x10

_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3
_IRQ_SCAN_RESULT = 5
_IRQ_SCAN_DONE = 6
_IRQ_PERIPHERAL_CONNECT = 7
_IRQ_PERIPHERAL_DISCONNECT = 8
_IRQ_GATTC_SERVICE_RESULT = 9
_IRQ_GATTC_SERVICE_DONE = 10
_IRQ_GATTC_CHARACTERISTIC_RESULT = 11
_IRQ_GATTC_CHARACTERISTIC_DONE = 12
_IRQ_GATTC_WRITE_DONE = 17
_IRQ_GATTC_NOTIFY = 18
_IRQ_MTU_EXCHANGED = 21

_EBUSY = 16
_NO_CONNECTION = 0xFFFF  # of an attempt to connect that has failed

# The simulator's words for what happens to the central.
_CENTRAL_EVENTS = {
    "connected": _IRQ_PERIPHERAL_CONNECT,
    "disconnected": _IRQ_PERIPHERAL_DISCONNECT,
    "service": _IRQ_GATTC_SERVICE_RESULT,
    "services": _IRQ_GATTC_SERVICE_DONE,
    "characteristic": _IRQ_GATTC_CHARACTERISTIC_RESULT,
    "characteristics": _IRQ_GATTC_CHARACTERISTIC_DONE,
    "written": _IRQ_GATTC_WRITE_DONE,
    "notified": _IRQ_GATTC_NOTIFY,
    "mtu": _IRQ_MTU_EXCHANGED,
}


class UUID:
    def __init__(self, value) -> None:
        self._value = value

    def __eq__(self, other) -> bool:
        return isinstance(other, UUID) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class BLE:
    def __init__(self) -> None:
        self._handler = None
        self._values = {}
        self._sizes = {}
        self._data = b""
        self._scanning = False
        self._connecting = False
        self._peers = []
        self._ending = []
        _bus.bus.on("heard", self._heard)
        _bus.bus.on("central", self._central)
        _bus.bus.on("connect", self._connect)
        _bus.bus.on("disconnect", self._disconnect)
        _bus.bus.on("write", self._write)

    def active(self, active=None):
        if active is None:
            return True
        _bus.bus.send("ble", 1 if active else 0)
        return None

    def config(self, *args, **kwargs):
        for name, value in kwargs.items():
            _bus.bus.send("bleconfig", name, value)

    def irq(self, handler) -> None:
        self._handler = handler

    def gap_advertise(
        self, interval_us, adv_data=None, *, resp_data=None, connectable=True
    ) -> None:
        if interval_us is None:
            _bus.bus.send("adv", 0)
            return
        if adv_data is not None:
            self._data = bytes(adv_data)
        # As the ESP32's controller, of Bluetooth 4.2.
        if len(self._data) > 31 or (interval_us < 100_000 and not connectable):
            raise OSError(-500)
        _bus.bus.stamp()
        _bus.bus.send("adv", interval_us, 1 if connectable else 0, self._data.hex())

    def gatts_register_services(self, services_definition):
        handle = 16
        handles = []
        for uuid, characteristics in services_definition:
            words = []
            values = []
            for characteristic in characteristics:
                values.append(handle)
                words += [handle, characteristic[0]._value, characteristic[1]]
                self._values[handle] = b""
                self._sizes[handle] = 20
                handle += 3
            _bus.bus.send("service", uuid._value, *words)
            handles.append(tuple(values))
        return tuple(handles)

    def gatts_set_buffer(self, value_handle, len, append=False) -> None:
        self._sizes[value_handle] = len

    def gatts_read(self, value_handle) -> bytes:
        return self._values[value_handle]

    def gatts_notify(self, conn_handle, value_handle, data=None) -> None:
        _bus.bus.send("notify", conn_handle, value_handle, bytes(data).hex())

    def gap_disconnect(self, conn_handle) -> bool:
        if conn_handle not in self._peers:
            return False
        if conn_handle in self._ending:
            raise OSError(errno.EALREADY)
        self._ending.append(conn_handle)
        _bus.bus.send("disconnect", conn_handle)
        return True

    # -- the central ---------------------------------------------------------

    def gap_scan(self, duration_ms, interval_us=1280000, window_us=11250, active=False) -> None:
        if duration_ms is None:
            if self._scanning:
                self._scanning = False
                _bus.bus.send("scan", 0)
                self._irq(_IRQ_SCAN_DONE, ())
            return
        if self._scanning:
            raise OSError(errno.EALREADY)
        if self._connecting:
            raise OSError(_EBUSY)  # NimBLE does one or the other
        self._scanning = True
        _bus.bus.send("scan", interval_us, window_us, 1 if active else 0)

    def gap_connect(
        self,
        addr_type,
        addr=None,
        scan_duration_ms=2000,
        min_conn_interval_us=None,
        max_conn_interval_us=None,
    ) -> None:
        if addr_type is None:
            _bus.bus.send("central", "cancel")
            return
        if self._connecting:
            raise OSError(errno.EALREADY)
        if self._scanning:
            raise OSError(_EBUSY)
        self._connecting = True
        interval_us = min_conn_interval_us or 30000
        words = (addr_type, bytes(addr).hex(), scan_duration_ms, interval_us)
        _bus.bus.send("central", "connect", *words)

    def gattc_exchange_mtu(self, conn_handle) -> None:
        _bus.bus.send("central", "mtu", conn_handle)

    def gattc_discover_services(self, conn_handle, uuid=None) -> None:
        _bus.bus.send("central", "services", conn_handle, uuid._value if uuid else "-")

    def gattc_discover_characteristics(
        self, conn_handle, start_handle, end_handle, uuid=None
    ) -> None:
        _bus.bus.send("central", "characteristics", conn_handle, start_handle, end_handle)

    def gattc_write(self, conn_handle, value_handle, data, mode=0) -> None:
        _bus.bus.send("central", "write", conn_handle, value_handle, mode, bytes(data).hex())

    def _heard(self, words) -> None:
        if self._scanning:
            address = memoryview(bytes.fromhex(words[2]))
            payload = memoryview(bytes.fromhex(words[5]))
            told = (int(words[1]), address, int(words[3]), int(words[4]), payload)
            self._irq(_IRQ_SCAN_RESULT, told)

    def _central(self, words) -> None:
        event = _CENTRAL_EVENTS[words[1]]
        told = [int(word) for word in words[2:-1]]
        last = words[-1]
        if event in (_IRQ_PERIPHERAL_CONNECT, _IRQ_PERIPHERAL_DISCONNECT):
            if event == _IRQ_PERIPHERAL_CONNECT or told[0] == _NO_CONNECTION:
                self._connecting = False
            told.append(memoryview(bytes.fromhex(last)))
        elif event == _IRQ_GATTC_NOTIFY:
            told.append(memoryview(bytes.fromhex(last)))
        elif event in (_IRQ_GATTC_SERVICE_RESULT, _IRQ_GATTC_CHARACTERISTIC_RESULT):
            told.append(UUID(last))
        else:
            told.append(int(last))
        self._irq(event, tuple(told))

    def _connect(self, words) -> None:
        self._peers.append(int(words[1]))
        self._irq(_IRQ_CENTRAL_CONNECT, (int(words[1]), 1, bytes.fromhex(words[2])))

    def _disconnect(self, words) -> None:
        for peers in (self._peers, self._ending):
            if int(words[1]) in peers:
                peers.remove(int(words[1]))
        self._irq(_IRQ_CENTRAL_DISCONNECT, (int(words[1]), 1, bytes.fromhex(words[2])))

    def _write(self, words) -> None:
        handle = int(words[2])
        # NimBLE cuts what does not fit the buffer.
        self._values[handle] = bytes.fromhex(words[3])[: self._sizes[handle]]
        self._irq(_IRQ_GATTS_WRITE, (int(words[1]), handle))

    def _irq(self, event: int, data) -> None:
        if self._handler is not None:
            self._handler(event, data)
