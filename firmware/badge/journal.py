"""What must survive a reset, as 16 bytes: the open event and the frame counter's bound."""

import binascii

LENGTH = 16
_MAGIC = 0x54
_VISIT = 1


class Journal:
    """bound: frame counters below it may have been used; event, kind, phase: the latest event;
    visit: whether the wearer has checked in."""

    def __init__(
        self,
        bound: int = 1,
        event: int = 0,
        kind: int = 0,
        phase: int = 0,
        visit: bool = False,
    ) -> None:
        self.bound = bound
        self.event = event
        self.kind = kind
        self.phase = phase
        self.visit = visit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Journal) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.bound, self.event))


def encode(journal: Journal, sequence: int) -> bytes:
    """16 bytes: magic, visit, event, kind, phase, bound, sequence, CRC-32 of it all."""
    body: bytes = (
        bytes((_MAGIC, _VISIT if journal.visit else 0))
        + journal.event.to_bytes(2, "little")
        + bytes((journal.kind << 4 | journal.phase,))
        + journal.bound.to_bytes(4, "little")
        + (sequence & 0xFFFFFF).to_bytes(3, "little")
    )
    check: bytes = binascii.crc32(body).to_bytes(4, "little")
    return body + check


def decode(record: bytes) -> "tuple[Journal, int] | None":
    """Journal and sequence number, or None when the record is not whole."""
    if len(record) != LENGTH or record[0] != _MAGIC:
        return None
    if binascii.crc32(record[:12]) != int.from_bytes(record[12:], "little"):
        return None
    journal = Journal(
        int.from_bytes(record[5:9], "little"),
        int.from_bytes(record[2:4], "little"),
        record[4] >> 4,
        record[4] & 15,
        record[1] & _VISIT != 0,
    )
    return journal, int.from_bytes(record[9:12], "little")
