"""What to say to a GNSS receiver so that it says little, often enough, and saves power. Pure.

Of all sentences only RMC and GGA, once a second; movement of a person, who may also sit in a car.
It is told at every power-on, because a receiver forgets when its backup supply runs out.

Which receiver it is, it says itself: in the lines it sends when it starts, or when asked. One
that stays silent is told everything: each maker's commands mean nothing to the other's parts.

UBX by the u-blox 6 (GPS.G6-SW-10018) and M8 (UBX-13003221) protocol specifications, CFG-VALSET by
the M10 interface description (UBX-21035062); PCAS by Quectel's L76K, PAIR and PQTM by its
LC26G&LC76G&LC86G GNSS protocol specification.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = 0
UBLOX_8 = 1  # and 6 and 7
UBLOX_10 = 2  # and 9
L76K = 3  # and what else has the CASIC chip
LC76G = 4  # and what else has the Airoha chip

# UBX: class, identifier, payload. Numbers are little-endian.
_MON_VER = b"\x0a\x04"
_UBLOX_8 = (
    b"\x06\x01\xf0\x03\x00",  # CFG-MSG: of this port no GSV, GSA, GLL, VTG, ...
    b"\x06\x01\xf0\x02\x00",
    b"\x06\x01\xf0\x01\x00",
    b"\x06\x01\xf0\x05\x00",
    b"\x06\x01\xf0\x04\x01",  # ... but RMC
    b"\x06\x01\xf0\x00\x01",  # and GGA
    b"\x06\x08\xe8\x03\x01\x00\x01\x00",  # CFG-RATE: 1000 ms, every one, GPS time
    b"\x06\x24\x01" + bytes(35),  # CFG-NAV5: the model alone: portable
    # CFG-PM2, version 1: cyclic tracking every 1000 ms, search every 10 s; never off; it waits for
    # the time and keeps its ephemeris fresh, so that the next start is hot.
    b"\x06\x3b\x01\x00\x00\x00\x00\x14\x03\x00\xe8\x03\x00\x00\x10\x27\x00\x00" + bytes(28),
    b"\x06\x11\x08\x01",  # CFG-RXM: power save
)
# CFG-VALSET: version 0, RAM, and keys with their values.
_VALSET = b"\x06\x8a\x00\x01\x00\x00"
_UBLOX_10 = (
    _VALSET
    + b"\xc5\x00\x91\x20\x00"  # CFG-MSGOUT-NMEA_ID_GSV_UART1: 0
    + b"\xc0\x00\x91\x20\x00"  # ... GSA
    + b"\xca\x00\x91\x20\x00"  # ... GLL
    + b"\xb1\x00\x91\x20\x00"  # ... VTG
    + b"\xac\x00\x91\x20\x01"  # ... RMC: 1
    + b"\xbb\x00\x91\x20\x01"  # ... GGA: 1
    + b"\x01\x00\x21\x30\xe8\x03"  # CFG-RATE-MEAS: 1000 ms
    + b"\x21\x00\x11\x20\x00",  # CFG-NAVSPG-DYNMODEL: portable
    # Apart, so that a receiver without it takes the rest. CFG-PM-OPERATEMODE: cyclic tracking.
    _VALSET + b"\x01\x00\xd0\x20\x02",
)
_L76K = (
    "PCAS03,1,0,0,0,1,0,0,0,0,0,,,0,0",  # GGA and RMC
    "PCAS02,1000",  # a fix every 1000 ms
    "PCAS11,0",  # portable
    # It has no tracking that saves power: what saves is the switch.
)
_LC76G = (
    "PAIR062,3,0",  # no GSV, GSA, GLL, VTG, ZDA
    "PAIR062,2,0",
    "PAIR062,1,0",
    "PAIR062,5,0",
    "PAIR062,6,0",
    "PAIR062,4,1",  # but RMC
    "PAIR062,0,1",  # and GGA
    "PAIR050,1000",  # a fix every 1000 ms
    "PAIR080,0",  # normal navigation, which the next one needs
    "PAIR732,1",  # adaptive low power
)
_QUESTIONS: "tuple[bytes | str, ...]" = (_MON_VER, "PCAS06,0", "PQTMVERNO")
_COMMANDS: "dict[int, tuple[bytes | str, ...]]" = {
    UBLOX_8: _UBLOX_8,
    UBLOX_10: _UBLOX_10,
    L76K: _L76K,
    LC76G: _LC76G,
}

# In answers. u-blox: eight letters of a hardware version, 30 bytes into the payload of
# UBX-MON-VER, or at the end of the line that names the hardware.
_ANSWER = b"\xb5\x62\x0a\x04"
_ANSWER_VERSION = 36
_HARDWARE_LINE = b"TXT,01,01,02,HW UBX"
_GENERATIONS = {
    b"0004": UBLOX_8,
    b"0007": UBLOX_8,
    b"0008": UBLOX_8,
    b"0019": UBLOX_10,
    b"000A": UBLOX_10,
}
_SIGNS = (
    (b"TXT,01,01,02,MA=CASIC", L76K),
    (b"TXT,01,01,02,SW=URANUS", L76K),
    (b"$PQTMVERNO,", LC76G),
    (b"$PAIR0", LC76G),
)
_LONGEST = 120  # of an answer's beginning up to what is looked for

_SILENCE_TURNS = 20  # a receiver speaks within a second or two of its power
_ANSWER_TURNS = 15


def ubx(message: bytes) -> bytes:
    """A frame of class, identifier and payload, with the checksum of RFC 1145."""
    length = len(message) - 2
    body = message[:2] + bytes((length & 0xFF, length >> 8)) + message[2:]
    a = b = 0
    for byte in body:
        a = a + byte & 0xFF
        b = b + a & 0xFF
    return b"\xb5\x62" + body + bytes((a, b))


def nmea(body: str) -> bytes:
    """A sentence of what stands between $ and *."""
    checksum = 0
    for byte in body.encode():
        checksum ^= byte
    return ("$%s*%02X\r\n" % (body, checksum)).encode()


def questions() -> "Iterator[bytes]":
    """Who are you? In each maker's words."""
    return _said(_QUESTIONS)


def commands(kind: int) -> "Iterator[bytes]":
    """The set-up of a receiver; of every kind when it is unknown."""
    if kind in _COMMANDS:
        yield from _said(_COMMANDS[kind])
    else:
        for one in sorted(_COMMANDS):
            yield from _said(_COMMANDS[one])


def recognise(heard: bytes) -> int:
    """The kind of receiver that says this, UNKNOWN when it does not tell."""
    for sign, kind in _SIGNS:
        if sign in heard:
            return kind
    at = heard.find(_ANSWER)
    version = heard[at + _ANSWER_VERSION :] if at >= 0 else b""
    at = heard.find(_HARDWARE_LINE)
    star = heard.find(b"*", at) if at >= 0 else -1
    if star >= 0:
        version = heard[:star].strip()[-8:]
    return _GENERATIONS.get(version[:4], UNKNOWN) if len(version) >= 8 else UNKNOWN


def _said(messages: "tuple[bytes | str, ...]") -> "Iterator[bytes]":
    for message in messages:
        yield nmea(message) if isinstance(message, str) else ubx(message)


class Dialogue:
    """What is said to a receiver after it got its power, one message a turn.

    Turns are a tenth of a second: its input buffer is small, and it needs time to act.
    kind: what it was found to be before; then it is not asked.
    """

    def __init__(self, kind: int = UNKNOWN) -> None:
        self.kind = kind
        self.done = False
        self._turn = 0
        self._heard = b""
        self._woken = False
        self._messages: "Iterator[bytes] | None" = None
        self._asked_at = -1  # the turn of the last question; -1: not asked yet

    def hear(self, received: "bytes | bytearray | memoryview") -> None:
        """Whatever it says, in any chunking. Costs memory; so not once it is set up."""
        self._woken = True
        if self.kind == UNKNOWN:
            self._heard = self._heard[-_LONGEST:] + bytes(received)
            self.kind = recognise(self._heard)

    def say(self) -> "bytes | None":
        """The next message, None when there is none in this turn."""
        self._turn += 1
        if self.done or not (self._woken or self._turn > _SILENCE_TURNS):
            return None
        if self._messages is None:
            self._messages = questions() if self.kind == UNKNOWN else commands(self.kind)
            self._asking = self.kind == UNKNOWN
        return self._next()

    def _next(self) -> "bytes | None":
        assert self._messages is not None
        if self._asking and self.kind != UNKNOWN:
            return self._set_up()
        for message in self._messages:
            self._asked_at = self._turn
            return message
        if not self._asking:
            self.done = True
        elif self._turn - self._asked_at > _ANSWER_TURNS:
            return self._set_up()
        return None

    def _set_up(self) -> "bytes | None":
        self._asking = False
        self._heard = b""
        self._messages = commands(self.kind)
        return self._next()
