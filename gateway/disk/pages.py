"""The rows of a SQLite file, read page by page without SQLite, so that damage costs its page alone.

Pure. https://www.sqlite.org/fileformat2.html: 1.6 B-tree Pages, 2.1 Record Format, 4 The
Write-Ahead Log. Rows that overflow their page are passed over: none of ours does.
"""

import sys
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

PAGE = 4096
_WAL_HEADER, _FRAME_HEADER = 32, 24
_WAL_MAGIC = 0x377F0682  # its lowest bit tells the byte order of the checksums
_INTERIOR_INDEX, _LEAF_INDEX, _LEAF_TABLE = 0x02, 0x0A, 0x0D
_HEADER_SIZES = {_INTERIOR_INDEX: 12, _LEAF_INDEX: 8, _LEAF_TABLE: 8}
_MOST_IN_TABLE, _MOST_IN_INDEX = PAGE - 35, (PAGE - 12) * 64 // 255 - 23
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Value = int | str | bytes | None


class Record(NamedTuple):
    """A row as it lies on its page; rowid: None in a table without one."""

    rowid: int | None
    values: tuple[Value, ...]


class _Frame(NamedTuple):
    page: int
    commit: bool
    salts: bytes
    checksum: bytes
    head: bytes
    content: bytes


def records(database: BinaryIO, wal: BinaryIO) -> Iterator[Record]:
    """Every row that can be read, whichever table it is of; the log's pages win."""
    newer = _pages_of(wal)
    number = 1
    while page := database.read(PAGE):
        yield from _records_of(newer.pop(number, page), number)
        number += 1
    for number, page in newer.items():
        yield from _records_of(page, number)


def is_whole(wal: BinaryIO) -> bool:
    """Whether SQLite will find every commit of this log.

    It reads up to the first frame with a wrong checksum, and tells nobody of those behind.
    """
    header = wal.read(_WAL_HEADER)
    if len(header) < _WAL_HEADER:
        return True
    order = _byte_order(header)
    running = _sum((0, 0), header[:24], order)
    if not _is_header(header):
        return not any(frame.commit for frame in _frames(wal))
    broken = False
    for frame in _frames(wal):
        if not broken:
            running = _sum(_sum(running, frame.head[:8], order), frame.content, order)
            broken = frame.salts != header[16:24] or frame.checksum != _pair(running)
        if broken and frame.commit and frame.salts == header[16:24]:
            return False
    return True


def _pages_of(wal: BinaryIO) -> dict[int, bytes]:
    header = wal.read(_WAL_HEADER)
    salts = header[16:24] if _is_header(header) else None
    pages: dict[int, bytes] = {}
    for frame in _frames(wal):
        # The first frame is of the log's latest round, as the header is.
        salts = salts or frame.salts
        if frame.salts == salts and len(frame.content) == PAGE:
            pages[frame.page] = frame.content
    return pages


def _frames(wal: BinaryIO) -> Iterator[_Frame]:
    while len(head := wal.read(_FRAME_HEADER)) == _FRAME_HEADER:
        yield _Frame(
            int.from_bytes(head[:4], "big"),
            head[4:8] != bytes(4),
            head[8:16],
            head[16:24],
            head,
            wal.read(PAGE),
        )


def _is_header(header: bytes) -> bool:
    if len(header) < _WAL_HEADER or int.from_bytes(header[:4], "big") & ~1 != _WAL_MAGIC:
        return False
    return _pair(_sum((0, 0), header[:24], _byte_order(header))) == header[24:32]


def _byte_order(header: bytes) -> str:
    return "big" if header[3] & 1 else "little"


def _sum(start: tuple[int, int], content: bytes, order: str) -> tuple[int, int]:
    one, two = start
    view = memoryview(content)[: len(content) // 8 * 8].cast("I")
    words = view.tolist()
    if order != sys.byteorder:
        words = [int.from_bytes(word.to_bytes(4, "big"), "little") for word in words]
    for at in range(0, len(words), 2):
        one = one + words[at] + two & 0xFFFFFFFF
        two = two + words[at + 1] + one & 0xFFFFFFFF
    return one, two


def _pair(checksum: tuple[int, int]) -> bytes:
    return checksum[0].to_bytes(4, "big") + checksum[1].to_bytes(4, "big")


def _records_of(page: bytes, number: int) -> Iterator[Record]:
    start = 100 if number == 1 else 0
    kind = page[start] if len(page) == PAGE else 0
    if kind not in _HEADER_SIZES:
        return
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    first = start + _HEADER_SIZES[kind]
    for at in range(first, min(first + 2 * cells, PAGE - 1), 2):
        try:
            yield _cell(page, int.from_bytes(page[at : at + 2], "big"), kind)
        except (ValueError, IndexError):
            continue  # this row is damaged, the next need not be


def _cell(page: bytes, at: int, kind: int) -> Record:
    at += 4 if kind == _INTERIOR_INDEX else 0
    size, at = _varint(page, at)
    rowid = None
    if kind == _LEAF_TABLE:
        rowid, at = _varint(page, at)
    most = _MOST_IN_TABLE if kind == _LEAF_TABLE else _MOST_IN_INDEX
    if size > most or at + size > PAGE:
        raise ValueError("overflows its page")
    return Record(rowid, _values(page[at : at + size]))


def _values(record: bytes) -> tuple[Value, ...]:
    end, at = _varint(record, 0)
    kinds = []
    while at < end:
        kind, at = _varint(record, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        size = _size(kind)
        if at + size > len(record):
            raise ValueError("longer than its record")
        values.append(_value(kind, record[at : at + size]))
        at += size
    return tuple(values)


def _size(kind: int) -> int:
    return _INTEGERS.get(kind, 0) if kind < 12 else (kind - 12) // 2


def _value(kind: int, content: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 12:
        if kind not in _INTEGERS:
            raise ValueError("no number of ours")
        return int.from_bytes(content, "big", signed=True)
    return content.decode() if kind % 2 else content


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place in range(9):
        byte = content[at + place]
        if place == 8:
            return number << 8 | byte, at + 9
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return number, at + place + 1
