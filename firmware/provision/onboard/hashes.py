"""The SHA-256 of every file below a directory, by path; nothing when there is no directory."""

import binascii
import hashlib
import os

_DIRECTORY = 0x4000


def _hash(path: str) -> str:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(512))
    with open(path, "rb") as file:
        count = file.readinto(buffer)
        while count:
            digest.update(buffer[:count])
            count = file.readinto(buffer)
    return binascii.hexlify(digest.digest()).decode()


def _walk(directory: str, found: "dict[str, str]") -> None:
    try:
        entries = list(os.ilistdir(directory))
    except OSError:
        return
    for entry in entries:
        path = directory + "/" + entry[0]
        if entry[1] == _DIRECTORY:
            _walk(path, found)
        else:
            found[path] = _hash(path)


def main(directory: str, *more: str) -> "dict[str, str]":
    """more: single files to add, where they exist."""
    found: "dict[str, str]" = {}
    _walk(directory, found)
    for path in more:
        try:
            found[path] = _hash(path)
        except OSError:
            pass
    return found
