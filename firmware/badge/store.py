"""What the badge keeps: identity in NVS, journal and configuration on the file system."""

import json

from cryptolib import aes

from badge.errors import BadgeError
from badge.identity import KEY, decode_identity
from badge.identity import LENGTH as LENGTH_OF_IDENTITY
from badge.journal import LENGTH, Journal, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from esp32 import NVS

    from wire import BlockCipher

_ECB = 1
_COPY = "journal"
_SEQUENCE_HALF = 0x800000

DEFAULTS = {
    "board": "esp32_generic",
    "company": 0xFFFF,
    "covert": True,
    "drill": False,
    "heartbeat_ms": 60_000,
    "heartbeat_off_ms": 600_000,
    "fix_age_ms": 0,
    "sleep": True,
    "man_down": False,
    "still_ms": 0,
    "hold_ms": 1_500,
    "press_window_ms": 2_000,
    "debounce_ms": 20,
}


# What each number may be, for the tool too. Outside, a badge would spin, or never speak, or hear
# no press.
RANGES = {
    "company": (0, 0xFFFF),
    "heartbeat_ms": (1_000, 3_600_000),
    "heartbeat_off_ms": (1_000, 86_400_000),
    "fix_age_ms": (0, 86_400_000),
    "still_ms": (0, 86_400_000),
    "hold_ms": (300, 10_000),
    "press_window_ms": (300, 10_000),
    "debounce_ms": (1, 200),
}


class Identity:
    """Who this badge is. mask, seal, command: block functions under the derived keys."""

    def __init__(
        self,
        number: int,
        epoch: int,
        mask: "BlockCipher",
        seal: "BlockCipher",
        command: "BlockCipher",
    ) -> None:
        self.number = number
        self.epoch = epoch
        self.mask = mask
        self.seal = seal
        self.command = command

    def __repr__(self) -> str:
        return "<Identity %d>" % self.number


def load_identity(nvs: "NVS") -> Identity:
    """The identity that provisioning wrote. Raises BadgeError on a bare badge."""
    record = bytearray(LENGTH_OF_IDENTITY)
    try:
        length = nvs.get_blob(KEY, record)
    except OSError:
        raise BadgeError("no identity: provision this badge first") from None
    found = decode_identity(bytes(record[:length]))
    if found is None:
        raise BadgeError("the identity is damaged: provision this badge again")
    ciphers = [aes(key, _ECB).encrypt for key in (found.mask, found.seal, found.command)]
    return Identity(found.number, found.epoch, ciphers[0], ciphers[1], ciphers[2])


def load_config(directory: str) -> "tuple[dict[str, Any], bool]":
    """The configuration, defaults filled in, and whether the file could be read."""
    config: "dict[str, Any]" = dict(DEFAULTS)
    try:
        with open(directory + "/config.json") as file:
            found = json.load(file)
    except OSError:
        return config, True  # none written: the defaults
    except ValueError:
        return config, False
    whole = isinstance(found, dict)
    if whole:
        for name, default in DEFAULTS.items():
            value = found.get(name, default)
            least, most = RANGES.get(name, (value, value))
            if type(value) is type(default) and least <= value <= most:
                config[name] = value
            else:
                whole = False
    return config, whole


class JournalStore:
    """Two files written in turn, and a copy in NVS: whatever happens to one, another is whole.

    The copy is in another part of the flash: a file system that is full, damaged, or was
    formatted anew makes the badge forget neither its counters nor an open event.
    """

    def __init__(self, directory: str, nvs: "NVS") -> None:
        self._paths = (directory + "/journal.0", directory + "/journal.1")
        self._nvs = nvs
        self._sequence = 0

    def load(self) -> Journal:
        """The newest whole record; a new journal where there is none."""
        newest = decode(self._read_copy())
        for path in self._paths:
            found = decode(_read(path))
            if found is not None and (newest is None or _newer(found[1], newest[1])):
                newest = found
        if newest is None:
            return Journal()
        self._sequence = newest[1]
        return newest[0]

    def save(self, journal: Journal) -> None:
        """On flash when this returns. Raises OSError when one of the two places failed."""
        self._sequence = self._sequence + 1 & 0xFFFFFF
        record = encode(journal, self._sequence)
        failure = None
        for write in (self._write_file, self._write_copy):
            try:
                write(record)
            except OSError as error:
                failure = error
        if failure is not None:
            raise failure

    def _write_file(self, record: bytes) -> None:
        with open(self._paths[self._sequence & 1], "wb") as file:
            file.write(record)  # LittleFS reads back what it writes

    def _write_copy(self, record: bytes) -> None:
        self._nvs.set_blob(_COPY, record)
        self._nvs.commit()

    def _read_copy(self) -> bytes:
        record = bytearray(LENGTH)
        try:
            return bytes(record[: self._nvs.get_blob(_COPY, record)])
        except OSError:
            return b""


def _newer(sequence: int, other: int) -> bool:
    return 0 < (sequence - other & 0xFFFFFF) < _SEQUENCE_HALF


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            record: bytes = file.read(LENGTH + 1)
            return record
    except OSError:
        return b""
