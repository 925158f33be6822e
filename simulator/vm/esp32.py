"""Stand-in for `esp32`: the key-value store in flash, as one file of the simulator.

The file is JSON: namespaces, and in each of them integers as such and blobs in hexadecimal.
"""

import json

import _bus
import vfs

_HOST = "/host"  # where the host's files are, see _flash

_NOT_FOUND = -0x1102  # ESP_ERR_NVS_NOT_FOUND
_INVALID_LENGTH = -0x110C  # ESP_ERR_NVS_INVALID_LENGTH

_path = None


def sim_open(path: str) -> None:
    global _path
    _path = path


WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True


def wake_on_ext0(pin, level) -> None:
    _bus.bus.send("wakeon", pin._id, 1 if level else 0)


def wake_on_ext1(pins, level) -> None:
    for pin in pins:
        _bus.bus.send("wakeon", pin._id, 1 if level else 0)


def wake_on_gpio(pins, level) -> None:
    for pin in pins:
        _bus.bus.send("wakeon", pin._id, 1 if level else 0)


class NVS:
    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._values = _load().get(namespace, {})

    def get_i32(self, key: str) -> int:
        return self._get(key, int)

    def set_i32(self, key: str, value: int) -> None:
        if not -0x80000000 <= value <= 0x7FFFFFFF:
            raise OverflowError("overflow converting long int to machine word")
        self._values[key] = value

    def get_blob(self, key: str, buffer) -> int:
        value = bytes.fromhex(self._get(key, str))
        if len(value) > len(buffer):
            raise OSError(_INVALID_LENGTH)
        buffer[: len(value)] = value
        return len(value)

    def set_blob(self, key: str, value) -> None:
        self._values[key] = bytes(value).hex()

    def erase_key(self, key: str) -> None:
        if key not in self._values:
            raise OSError(_NOT_FOUND)
        del self._values[key]

    def commit(self) -> None:
        """On flash when this returns, wholly or not at all."""
        store = _load()
        store[self._namespace] = self._values
        with open(_path + ".new", "w") as file:
            json.dump(store, file)
        # Asked directly: one that is mounted with a root takes both names for the same file.
        host_path = _path[len(_HOST) :]
        vfs.VfsPosix().rename(host_path + ".new", host_path)

    def _get(self, key: str, kind):
        value = self._values.get(key)
        if not isinstance(value, kind):
            raise OSError(_NOT_FOUND)
        return value


def _load():
    with open(_path) as file:
        return json.load(file)
