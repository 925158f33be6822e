"""Every power cut that could have happened while a board was worked on, from one run of it.

What a board does until the power fails does not depend on when it will: so the flash after a
cut at the n-th write is the flash before, n-1 writes, and half of the n-th.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from simulator.badge_files import BadgeFiles

_HEADER = struct.Struct("<iI")
_COMMIT = -1  # in the place of an address: the key-value store was committed


class Cut(NamedTuple):
    """write: during which the power failed, from 1; image, nvs: what the flash holds then."""

    write: int
    image: bytes
    nvs: str

    def put_into(self, files: BadgeFiles) -> BadgeFiles:
        """The flash of a board that this has happened to."""
        files.directory.mkdir(parents=True, exist_ok=True)
        files.image.write_bytes(self.image)
        files.nvs.write_text(self.nvs)
        return files


def cuts(before: BadgeFiles, trace: Path) -> Iterator[Cut]:
    """The flash after a cut at each write of the trace; last of all, after no cut.

    before: the flash when the trace began. The key-value store keeps an entry wholly or not
    at all, as ESP-IDF's does, so a commit is no place to be cut in, but two: before and after.
    """
    image = bytearray(before.image.read_bytes())
    nvs = before.nvs.read_text()
    write = 0
    for at, content in _writes(trace.read_bytes()):
        write += 1
        if at == _COMMIT:
            yield Cut(write, bytes(image), nvs)
            nvs = content.decode()
            continue
        half = len(content) // 2
        image[at : at + half] = content[:half]
        yield Cut(write, bytes(image), nvs)
        image[at : at + len(content)] = content
    yield Cut(write + 1, bytes(image), nvs)


def _writes(trace: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(trace):
        address, length = _HEADER.unpack_from(trace, at)
        at += _HEADER.size
        yield address, trace[at : at + length]
        at += length
