"""What the board is, and what is on it."""

import binascii
import json
import os
import sys

import esp32
import machine


def _text(path: str) -> str:
    try:
        with open(path) as file:
            text: str = file.read()
            return text
    except OSError:
        return ""


def _release(slot: str) -> "dict[str, str] | None":
    try:
        found: "dict[str, str]" = json.loads(_text("/fw/" + slot + "/release.json"))
        return found
    except ValueError:
        return None


def _identity() -> "tuple[int | None, int | None]":
    """Number and fleet epoch."""
    record = bytearray(56)
    try:
        length = esp32.NVS("tocsin").get_blob("identity", record)
    except OSError:
        return None, None
    return (record[1] | record[2] << 8, record[3]) if length == 56 else (None, None)


def main() -> "dict[str, object]":
    system = os.uname()
    space = os.statvfs("/")
    number, epoch = _identity()
    return {
        "machine": system[4],
        "micropython": system[2],
        "id": binascii.hexlify(machine.unique_id()).decode(),
        "mpy": getattr(sys.implementation, "_mpy", 0),
        "slot": _text("/fw/slot"),
        "releases": {slot: _release(slot) for slot in ("a", "b")},
        "number": number,
        "epoch": epoch,
        "free": space[0] * (space[3] if space[3] <= space[2] else 0),
    }
