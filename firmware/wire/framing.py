"""Frames on a serial line: COBS over type, body and CRC-16/CCITT-FALSE, then a zero byte.

No frame is long enough for a second COBS block, so each costs five bytes beside its
body, whatever is in it: COBS code, type, two of CRC, zero. See docs/protocol.md,
Serial.
"""

from array import array

from wire import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BODY_MAX_LENGTH = 128  # the longest message has 73; room for versions to come
FRAME_MAX_LENGTH = BODY_MAX_LENGTH + 4  # without the zero byte

_CRC_START = 0xFFFF
_CRC_POLYNOMIAL = 0x1021


def _crc_table() -> "Sequence[int]":
    table = array("H")
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = crc << 1 ^ (_CRC_POLYNOMIAL if crc & 0x8000 else 0)
        table.append(crc & 0xFFFF)
    return table


_CRC_TABLE = _crc_table()


def crc16(octets: "bytes | bytearray | memoryview") -> int:
    """CRC-16/CCITT-FALSE: 0x29B1 for b"123456789"."""
    table = _CRC_TABLE
    crc = _CRC_START
    for octet in octets:
        crc = (crc & 0xFF) << 8 ^ table[crc >> 8 ^ octet]
    return crc


def encode(kind: int, body: bytes) -> bytes:
    """The frame of one message, its zero byte included. Raises WireError for a body too long."""
    if len(body) > BODY_MAX_LENGTH:
        raise WireError("length", "body of %d bytes: at most %d" % (len(body), BODY_MAX_LENGTH))
    plain = bytes((kind,)) + body
    crc = crc16(plain)
    frame = bytearray(b"\0" + plain + bytes((crc & 0xFF, crc >> 8, 0)))
    # COBS: every zero but the last becomes the distance to the next.
    at = 0
    last = len(frame) - 1
    while at < last:
        following = frame.find(b"\0", at + 1)
        frame[at] = following - at
        at = following
    return bytes(frame)


class Decoder:
    """Frames out of a stream of bytes in any chunking; damaged ones are counted and skipped.

    Nothing is allocated for a byte, only for a chunk and for a frame.
    """

    def __init__(self) -> None:
        self._frame = bytearray(FRAME_MAX_LENGTH)
        self._length = 0  # above FRAME_MAX_LENGTH: what comes is no frame
        self.damaged = 0

    def feed(self, chunk: "bytes | bytearray", length: int = -1) -> "list[tuple[int, bytes]]":
        """Type and body of every frame that ends in the chunk's first length bytes (-1: all)."""
        found: "list[tuple[int, bytes]]" = []
        end = len(chunk) if length < 0 else length
        start = 0
        while start < end:
            zero = chunk.find(b"\0", start, end)
            stop = end if zero < 0 else zero
            self._take(chunk, start, stop)
            if zero >= 0:
                self._close(found)
            start = stop + 1
        return found

    def _take(self, chunk: "bytes | bytearray", start: int, stop: int) -> None:
        length = self._length + stop - start
        if length > FRAME_MAX_LENGTH:
            self._length = FRAME_MAX_LENGTH + 1
        elif stop > start:
            self._frame[self._length : length] = chunk[start:stop]
            self._length = length

    def _close(self, found: "list[tuple[int, bytes]]") -> None:
        length = self._length
        self._length = 0
        if not length:
            return  # zeros between frames mean nothing
        if not self._unstuff(length):
            self.damaged += 1
            return
        view = memoryview(self._frame)
        crc = self._frame[length - 2] | self._frame[length - 1] << 8
        if crc16(view[1 : length - 2]) != crc:
            self.damaged += 1
            return
        found.append((self._frame[1], bytes(view[2 : length - 2])))

    def _unstuff(self, length: int) -> bool:
        """Undoes COBS in place: every distance becomes the zero that it stands for."""
        if not 4 <= length <= FRAME_MAX_LENGTH:
            return False
        frame = self._frame
        at = 0
        while at < length:
            distance = frame[at]
            frame[at] = 0
            at += distance
        return at == length
