"""Stand-in for `bluetooth`: the controller and the GATT server live in the simulator."""

import _bus

FLAG_READ = 0x02
FLAG_WRITE_NO_RESPONSE = 0x04
FLAG_WRITE = 0x08
FLAG_NOTIFY = 0x10

_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3


class UUID:
    def __init__(self, value) -> None:
        self._value = value


class BLE:
    def __init__(self) -> None:
        self._handler = None
        self._values = {}
        self._sizes = {}
        self._data = b""
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
        if len(self._data) > 31:
            raise OSError(-500)
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
        _bus.bus.send("disconnect", conn_handle)
        return True

    def _connect(self, words) -> None:
        self._irq(_IRQ_CENTRAL_CONNECT, (int(words[1]), 1, bytes.fromhex(words[2])))

    def _disconnect(self, words) -> None:
        self._irq(_IRQ_CENTRAL_DISCONNECT, (int(words[1]), 1, bytes.fromhex(words[2])))

    def _write(self, words) -> None:
        handle = int(words[2])
        # NimBLE cuts what does not fit the buffer.
        self._values[handle] = bytes.fromhex(words[3])[: self._sizes[handle]]
        self._irq(_IRQ_GATTS_WRITE, (int(words[1]), handle))

    def _irq(self, event: int, data) -> None:
        if self._handler is not None:
            self._handler(event, data)
