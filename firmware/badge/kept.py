"""What a deep sleep must not lose, as bytes for the RTC's memory, which outlives it. Pure."""

import binascii
import struct

_FORMAT = "<BIIHiiIIIIIiiiiBhhhHBBHB"
_MAGIC = 0x4C
_OPCODES = (5, 6, 7)  # those that count only once for a frame
_UNKNOWN = -1
_LONGEST_MS = 0x7FFFFFFF


class Kept:
    """Times in milliseconds from the moment of falling asleep; -1 where there is none.

    first: the bound of counters, which tells whether this belongs to the journal; counter:
    the latest frame's; event, visit: as in the journal, should the flash not have taken them;
    position: microdegrees, and metres or None.
    """

    def __init__(self) -> None:
        self.first = 0
        self.counter = 0
        self.event = 0
        self.visit = False
        self.beats = 0
        self.remind_ms = _UNKNOWN
        self.over_ms = _UNKNOWN
        self.proven = 0
        self.answered = [0] * 8
        self.position: "tuple[int, int, int | None] | None" = None
        self.position_age_ms = _UNKNOWN
        self.still_ms = _UNKNOWN
        self.upright: "tuple[int, int, int] | None" = None  # mg
        self.cell = 0  # of badge.power.Gauge
        self.reserve = 0  # of badge.power.Reserve
        self.faults = 0  # of badge.faults


def encode(kept: Kept, asleep_at_s: int) -> bytes:
    """asleep_at_s: the RTC's own count, from which the next start tells how long it slept."""
    latitude, longitude, accuracy = (0, 0, None) if kept.position is None else kept.position
    x, y, z = (0, 0, 0) if kept.upright is None else kept.upright
    body = struct.pack(
        _FORMAT,
        _MAGIC,
        kept.first,
        kept.counter,
        kept.beats & 0xFFFF,
        min(kept.remind_ms, _LONGEST_MS),
        min(kept.over_ms, _LONGEST_MS),
        kept.proven,
        kept.answered[_OPCODES[0]],
        kept.answered[_OPCODES[1]],
        kept.answered[_OPCODES[2]],
        asleep_at_s,
        _UNKNOWN if kept.position is None else min(kept.position_age_ms, _LONGEST_MS),
        min(kept.still_ms, _LONGEST_MS),
        latitude,
        longitude,
        0 if kept.upright is None else 1,
        x,
        y,
        z,
        kept.cell,
        kept.reserve,
        kept.faults,
        kept.event,
        1 if kept.visit else 0,
    )
    body += struct.pack("<h", _UNKNOWN if accuracy is None else min(accuracy, 0x7FFF))
    return body + struct.pack("<I", binascii.crc32(body))


def decode(record: bytes) -> "tuple[Kept, int] | None":
    """Kept and asleep_at_s; None when the memory lost its power or was never written."""
    length = struct.calcsize(_FORMAT) + 2
    if len(record) != length + 4:
        return None
    if struct.unpack("<I", record[length:])[0] != binascii.crc32(record[:length]):
        return None
    fields = struct.unpack(_FORMAT, record[: length - 2])
    accuracy = struct.unpack("<h", record[length - 2 : length])[0]
    kept = Kept()
    kept.first, kept.counter, kept.beats = fields[1:4]
    kept.remind_ms, kept.over_ms, kept.proven = fields[4:7]
    for at in range(len(_OPCODES)):
        kept.answered[_OPCODES[at]] = fields[7 + at]
    kept.position_age_ms, kept.still_ms = fields[11], fields[12]
    if kept.position_age_ms >= 0:
        kept.position = (fields[13], fields[14], None if accuracy < 0 else accuracy)
    if fields[15]:
        kept.upright = (fields[16], fields[17], fields[18])
    kept.cell, kept.reserve, kept.faults = fields[19:22]
    kept.event, kept.visit = fields[22], fields[23] == 1
    return kept, fields[10]
