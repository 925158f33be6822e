"""What hub and dongle say to each other over a serial line (docs/protocol.md, Serial).

Each message is one frame of wire.framing; an advertisement of 31 bytes takes 46 on the
line. A version adds types, and appends to bodies of fixed length; it changes neither.
So a type that is not known is counted and ignored, and of a longer body the known part
is read.
"""

import struct

from wire import WireError
from wire.framing import BODY_MAX_LENGTH, Decoder, encode

LINK_VERSION = 1


class Message:
    """What the messages have in common. KIND: the type byte of the frame."""

    KIND = 0

    def body(self) -> bytes:
        """The bytes between type and CRC."""
        raise NotImplementedError

    def frame(self) -> bytes:
        """The whole message as it goes over the line."""
        return encode(self.KIND, self.body())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.KIND, self.body()))


class Hello(Message):
    """Who speaks: sent by the dongle at its start, and as the answer to the hub's.

    version: of this protocol; company: whose manufacturer data is relayed, as the
    dongle does it or as the hub wants it; firmware: version text, printable ASCII,
    at most 64 characters.
    """

    KIND = 1

    def __init__(self, version: int, company: int, firmware: str) -> None:
        self.version = version
        self.company = company
        self.firmware = firmware

    def body(self) -> bytes:
        return struct.pack("<BH", self.version, self.company) + self.firmware.encode()

    @staticmethod
    def unpack(body: bytes) -> "Hello":
        _check_length("hello", body, 3, 67)
        for octet in body[3:]:
            if not 0x20 <= octet <= 0x7E:
                raise WireError("text", "hello with byte %02X in its text" % octet)
        version, company = struct.unpack("<BH", body[:3])
        return Hello(version, company, body[3:].decode())


class Advert(Message):
    """One advertisement, heard by the dongle.

    address: 6 bytes, in the order in which one writes them; address_type: 0 public,
    1 random; rssi: dBm; age_ms: since it was heard, 65,535 for longer; payload: at
    most 31 bytes.
    """

    KIND = 2

    def __init__(
        self, address: bytes, address_type: int, rssi: int, age_ms: int, payload: bytes
    ) -> None:
        self.address = address
        self.address_type = address_type
        self.rssi = rssi
        self.age_ms = age_ms
        self.payload = payload

    def body(self) -> bytes:
        head = struct.pack("<BbH", self.address_type, self.rssi, min(self.age_ms, 0xFFFF))
        return self.address + head + self.payload

    @staticmethod
    def unpack(body: bytes) -> "Advert":
        _check_length("advert", body, 10, 41)
        address_type, rssi, age_ms = struct.unpack("<BbH", body[6:10])
        return Advert(body[:6], address_type, rssi, age_ms, body[10:])


class Write(Message):
    """The hub asks to write a command to a badge.

    address, address_type: as heard; request: 0-65535, told again in the result;
    command: 1-64 bytes, sealed.
    """

    KIND = 3

    def __init__(self, address: bytes, address_type: int, request: int, command: bytes) -> None:
        self.address = address
        self.address_type = address_type
        self.request = request
        self.command = command

    def body(self) -> bytes:
        return self.address + struct.pack("<BH", self.address_type, self.request) + self.command

    @staticmethod
    def unpack(body: bytes) -> "Write":
        _check_length("write", body, 10, 73)
        address_type, request = struct.unpack("<BH", body[6:9])
        return Write(body[:6], address_type, request, body[9:])


REPLIED = 0  # the badge took the write, and its reply is here
NO_REPLY = 1  # the badge took the write, and said nothing in time
BUSY = 2  # too many requests wait: ask again
NOT_CONNECTED = 3  # the badge did not answer
LOST = 4  # the connection broke before the badge took the write
REFUSED = 5  # no badge, or one that does not take this
TOO_SLOW = 6  # a step of the write took too long


class WriteResult(Message):
    """What became of a write: exactly one for each.

    request: of the write; status: one of the constants above; reply: 0-64 bytes, sealed.
    """

    KIND = 4

    def __init__(self, request: int, status: int, reply: bytes = b"") -> None:
        self.request = request
        self.status = status
        self.reply = reply

    def body(self) -> bytes:
        return struct.pack("<HB", self.request, self.status) + self.reply

    @staticmethod
    def unpack(body: bytes) -> "WriteResult":
        _check_length("write result", body, 3, 67)
        request, status = struct.unpack("<HB", body[:3])
        return WriteResult(request, status, body[3:])


class Health(Message):
    """How the dongle is, every 5 s. Each field u32.

    adverts, foreign: advertisements heard since the last health message, of the
    company and of others, repeats counted; uptime_s: seconds; free_memory: bytes of
    heap; and since the start, damaged: frames that came broken; dropped:
    advertisements of the company that found no room, or grew old waiting for the line.
    """

    KIND = 5
    _FORMAT = "<6I"

    def __init__(
        self,
        adverts: int,
        foreign: int,
        uptime_s: int,
        free_memory: int,
        damaged: int,
        dropped: int,
    ) -> None:
        self.adverts = adverts
        self.foreign = foreign
        self.uptime_s = uptime_s
        self.free_memory = free_memory
        self.damaged = damaged
        self.dropped = dropped

    def body(self) -> bytes:
        return struct.pack(
            self._FORMAT,
            self.adverts,
            self.foreign,
            self.uptime_s,
            self.free_memory,
            self.damaged,
            self.dropped,
        )

    @staticmethod
    def unpack(body: bytes) -> "Health":
        _check_length("health", body, 24, BODY_MAX_LENGTH)
        return Health(*struct.unpack(Health._FORMAT, body[:24]))


class Stop(Message):
    """The line is wanted for MicroPython's prompt: ends the dongle's program as Ctrl-C would.

    Its body is a fixed text, so that no damaged frame is taken for it.
    """

    KIND = 6
    _BODY = b"stop"

    def body(self) -> bytes:
        return self._BODY

    @staticmethod
    def unpack(body: bytes) -> "Stop":
        if not body.startswith(Stop._BODY):
            raise WireError("text", "stop without its text")
        return Stop()


_UNPACK = {
    Hello.KIND: Hello.unpack,
    Advert.KIND: Advert.unpack,
    Write.KIND: Write.unpack,
    WriteResult.KIND: WriteResult.unpack,
    Health.KIND: Health.unpack,
    Stop.KIND: Stop.unpack,
}


def unpack(kind: int, body: bytes) -> "Message | None":
    """The message in a frame; None for a type that is not known. Raises WireError."""
    if kind not in _UNPACK:
        return None
    message: Message = _UNPACK[kind](body)
    return message


class Receiver:
    """Messages out of a stream of bytes. Any bytes at all: what is no message is counted.

    damaged: frames that came broken; unknown: whole frames of types not known here.
    """

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._malformed = 0
        self.unknown = 0

    @property
    def damaged(self) -> int:
        return self._decoder.damaged + self._malformed

    def feed(self, chunk: "bytes | bytearray", length: int = -1) -> "list[Message]":
        """The messages that end in the chunk's first length bytes (-1: all of it)."""
        messages = []
        for kind, body in self._decoder.feed(chunk, length):
            try:
                message = unpack(kind, body)
            except WireError:
                self._malformed += 1
                continue
            if message is None:
                self.unknown += 1
            else:
                messages.append(message)
        return messages


def _check_length(name: str, body: bytes, least: int, most: int) -> None:
    if not least <= len(body) <= most:
        raise WireError("length", "%s of %d bytes: must be %d-%d" % (name, len(body), least, most))
