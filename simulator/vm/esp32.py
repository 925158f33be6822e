"""Stand-in for `esp32`: the key-value store in flash, as one file of the simulator."""

import json

_path = None


def sim_open(path: str) -> None:
    global _path
    _path = path


class NVS:
    def __init__(self, namespace: str) -> None:
        with open(_path) as file:
            self._values = json.load(file)[namespace]

    def get_i32(self, key: str) -> int:
        if key not in self._values:
            raise OSError(-0x1102)  # ESP_ERR_NVS_NOT_FOUND
        return self._values[key]

    def get_blob(self, key: str, buffer) -> int:
        if key not in self._values:
            raise OSError(-0x1102)
        value = bytes.fromhex(self._values[key])
        buffer[: len(value)] = value
        return len(value)
