"""Advertisements on their way from the Bluetooth interrupt to the line. Pure; see heard().

One ring of preallocated slots, which only the interrupt fills and only the main loop
empties. What is not from a badge of the company is counted and goes no further, nor
does what the same badge said a moment ago, so neither a flood of strangers nor a badge
that shouts takes the line from the others. A badge in need repeats itself, a flood of
forged frames does not: while the ring is half full, only what was heard before gets in.
"""

from array import array

from wire.frame import ADVERTISEMENT_LENGTH
from wire.link import Advert

SLOTS = 64
REPEAT_MS = 100
STALE_MS = 1_000  # a badge in need has spoken again since

_RECENT = 64  # a power of two
_HEARD_BEFORE = 1024  # likewise: half a second of 2,000 forged frames a second
_CROWDED = SLOTS // 2
_TICKS = 0x3FFF_FFFF  # ticks_ms wraps at this or a higher power of two
_MANUFACTURER_AT = 3  # after the flags, see wire.frame
_MANUFACTURER_LENGTH = 0x1B
_MANUFACTURER = 0xFF


class _Whole:
    def __getitem__(self, key: "slice[None, None, None]") -> "slice[None, None, None]":
        return key


_WHOLE = _Whole()[:]  # made once: a slice written out may be allocated at each use


class Hearing:
    """What was heard and not yet taken. company: whose manufacturer data is relayed.

    adverts, foreign, repeats, overflows: counts modulo 2^30 of advertisements of the
    company, of those of others, and, of the company's, of those that said again what was
    just heard and of those that found no room; stale: taken too late to be of use.
    """

    def __init__(self, company: int) -> None:
        self.company = company
        self.adverts = 0
        self.foreign = 0
        self.repeats = 0
        self.overflows = 0
        self.stale = 0
        self._addresses = [bytearray(6) for _ in range(SLOTS)]
        self._payloads = [bytearray(ADVERTISEMENT_LENGTH) for _ in range(SLOTS)]
        self._types = bytearray(SLOTS)
        self._signals = array("b", bytes(SLOTS))
        self._ticks = array("I", [0] * SLOTS)
        self._filled = 0  # the slot to fill next
        self._taken = 0  # the slot to empty next
        self._recent = bytearray(_RECENT)  # the slot that last held such a payload
        self._heard_before = array("H", [0] * _HEARD_BEFORE)

    @property
    def waiting(self) -> bool:
        """Whether take() has something, fresh or stale."""
        return self._filled != self._taken

    def heard(
        self,
        ticks_ms: int,
        address_type: int,
        address: "bytes | bytearray | memoryview",
        rssi: int,
        payload: "bytes | bytearray | memoryview",
    ) -> bool:
        """Takes one advertisement; True when it is to be relayed. Allocates nothing.

        rssi: dBm, -128 to 127. Safe in an interrupt that comes between any two
        bytecodes of the other methods.
        """
        if not self._ours(payload):
            self.foreign = self.foreign + 1 & _TICKS
            return False
        self.adverts = self.adverts + 1 & _TICKS
        # The last byte of a frame is of its tag, and as good as random.
        at = payload[ADVERTISEMENT_LENGTH - 1] % _RECENT
        if self._repeated(self._recent[at], ticks_ms, address, rssi, payload):
            self.repeats = self.repeats + 1 & _TICKS
            return False
        slot = self._filled
        following = (slot + 1) % SLOTS
        crowded = (slot - self._taken) % SLOTS >= _CROWDED
        if (self._new(payload) and crowded) or following == self._taken:
            self.overflows = self.overflows + 1 & _TICKS
            return False
        self._addresses[slot][_WHOLE] = address
        self._payloads[slot][_WHOLE] = payload
        self._types[slot] = address_type
        self._signals[slot] = rssi
        self._ticks[slot] = ticks_ms & _TICKS
        self._recent[at] = slot
        self._filled = following
        return True

    def take(self, ticks_ms: int) -> "Advert | None":
        """The oldest that is still of use, None when there is none."""
        while self._filled != self._taken:
            slot = self._taken
            age_ms = ticks_ms - self._ticks[slot] & _TICKS
            advert = Advert(
                bytes(self._addresses[slot]),
                self._types[slot],
                self._signals[slot],
                age_ms,
                bytes(self._payloads[slot]),
            )
            self._taken = (slot + 1) % SLOTS
            if age_ms <= STALE_MS:
                return advert
            self.stale = self.stale + 1 & _TICKS
        return None

    def drop_stale(self, ticks_ms: int) -> None:
        """Makes room while nothing can be taken: what has grown old goes."""
        while self._filled != self._taken:
            if (ticks_ms - self._ticks[self._taken] & _TICKS) <= STALE_MS:
                return
            self._taken = (self._taken + 1) % SLOTS
            self.stale = self.stale + 1 & _TICKS

    def _ours(self, payload: "bytes | bytearray | memoryview") -> bool:
        return (
            len(payload) == ADVERTISEMENT_LENGTH
            and payload[_MANUFACTURER_AT + 2] == self.company & 0xFF
            and payload[_MANUFACTURER_AT + 3] == self.company >> 8
            and payload[_MANUFACTURER_AT + 1] == _MANUFACTURER
            and payload[_MANUFACTURER_AT] == _MANUFACTURER_LENGTH
        )

    def _new(self, payload: "bytes | bytearray | memoryview") -> bool:
        """Whether this payload was not heard lately; as good as sure, by its tag alone."""
        end = ADVERTISEMENT_LENGTH
        at = (payload[end - 2] << 8 | payload[end - 1]) % _HEARD_BEFORE
        mark = payload[end - 4] << 8 | payload[end - 3]
        if self._heard_before[at] == mark:
            return False
        self._heard_before[at] = mark
        return True

    def _repeated(
        self,
        slot: int,
        ticks_ms: int,
        address: "bytes | bytearray | memoryview",
        rssi: int,
        payload: "bytes | bytearray | memoryview",
    ) -> bool:
        """Whether that slot holds the same, and new; the stronger signal of the two counts."""
        if (
            self._payloads[slot] != payload
            or self._addresses[slot] != address
            or (ticks_ms - self._ticks[slot] & _TICKS) >= REPEAT_MS
        ):
            return False
        self._signals[slot] = max(self._signals[slot], rssi)
        return True
