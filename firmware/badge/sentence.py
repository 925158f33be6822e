"""The sentences of NMEA 0183: bytes in any chunking in, whole sentences and their numbers out.

Nothing is allocated while sentences come in: one buffer, read in place by index,
and numbers that fit the 31 bits of an ESP32's small integer. Most of the work is
done by the built-in `find`; what is left to loops is checksums and digits.
"""

from array import array
from struct import pack_into

CHUNK = 256
# 82 by the standard; receivers with many satellites go beyond.
LONGEST = 120

RMC = 0x524D43
GGA = 0x474741
GNS = 0x474E53
GLL = 0x474C4C
ZDA = 0x5A4441
# The last field that is read of each.
_LAST_FIELD = {RMC: 9, GGA: 8, GNS: 8, GLL: 5, ZDA: 4}

# No number of a sentence: what a time or an angle is that was not said.
ABSENT = -(1 << 29)

_BUFFER = 4 * CHUNK
_COPY = "256s"
_HEX = b"0123456789ABCDEF"
_POINT = 0x2E ^ 0x30
_TENS = (1, 10, 100, 1000, 10_000, 100_000)


class Sentences:
    """What a receiver sends, and the sentence of it that is being read.

    whole, ignored, damaged: counters; ignored are the kinds that are not read, damaged
    those that are cut, overlong, malformed or have a wrong checksum.
    """

    def __init__(self) -> None:
        self.whole = 0
        self.ignored = 0
        self.damaged = 0
        self._buffer = bytearray(_BUFFER)
        # The same bytes once more, two by two: a checksum in half the time.
        self._pairs = array("H", bytes(_BUFFER))
        self._commas = [0] * 10
        self._find = self._buffer.find  # looked up once: it is called for every field
        self.clear()

    def clear(self) -> None:
        """Forget what has come of an unfinished sentence."""
        self._at = 0
        self._end = 0

    def put(self, received: "bytes | bytearray", length: int) -> None:
        """Take the first `length` bytes of what was received, at most CHUNK."""
        if self._end + CHUNK > _BUFFER:
            self._move_to_front()
        # Always copies CHUNK bytes; those after `length` are overwritten by the next.
        pack_into(_COPY, self._buffer, self._end, received)
        pack_into(_COPY, self._pairs, self._end, received)
        self._end += length

    def read(self) -> int:
        """The kind of the next whole sentence, whose fields can then be asked for; 0 = no more."""
        buffer = self._buffer
        find = self._find
        end = self._end
        at = self._at
        while True:
            at = find(b"$", at, end)
            if at < 0 or at + 6 > end:
                break
            kind = buffer[at + 3] << 16 | buffer[at + 4] << 8 | buffer[at + 5]
            if kind not in _LAST_FIELD:
                self.ignored += 1
                at += 1
                continue
            star = find(b"*", at + 6, end)
            if star < 0 or star + 3 > end:
                if end - at <= LONGEST and find(b"$", at + 1, end) < 0:
                    break  # it may go on
            elif self._is_whole(at, star):
                self.whole += 1
                self._at = star + 3
                self._split(at + 6, star, _LAST_FIELD[kind])
                return kind
            self.damaged += 1
            at += 1
        if at < 0:
            at = self._end = 0  # all that came is read
        self._at = at
        return 0

    def letter(self, field: int) -> int:
        """The first character of a field, counted from 1 after the kind; a comma when empty."""
        return self._buffer[self._commas[field - 1] + 1]

    def number(self, field: int, places: int) -> int:
        """A field of digits and a fraction, times 10^places, rounded down; -1 when it is none."""
        buffer = self._buffer
        at = self._commas[field - 1] + 1
        end = self._commas[field]
        if at == end or end - at > 15:
            return -1
        value = 0
        while at < end:
            digit = buffer[at] ^ 0x30
            at += 1
            if digit > 9:
                if digit != _POINT or value > 999_999:
                    return -1
                return self._fraction(value, at, end, places)
            value = value * 10 + digit
        return value * _TENS[places] if value < 1_000_000 else -1

    def time_of_day(self, field: int) -> int:
        """hhmmss.sss in milliseconds; ABSENT when the field is empty, -1 when it is no time."""
        buffer = self._buffer
        at = self._commas[field - 1] + 1
        end = self._commas[field]
        if end - at < 6:
            return -1 if end > at else ABSENT
        time = buffer[at] * 10 + buffer[at + 1] - 528
        minutes = buffer[at + 2] * 10 + buffer[at + 3] - 528
        seconds = buffer[at + 4] * 10 + buffer[at + 5] - 528
        if not (0 <= time < 24 and 0 <= minutes < 60 and 0 <= seconds <= 60):
            return -1
        time = (time * 60 + minutes) * 60 + seconds
        return time * 1000 if end - at < 8 else self._fraction(time, at + 7, end, 3)

    def angle(self, field: int, limit: int, positive: int, negative: int) -> int:
        """dddmm.mmmmm and the letter of its half in the field behind, in microdegrees.

        ABSENT when they are none, or more than `limit` degrees.
        """
        buffer = self._buffer
        at = self._commas[field - 1] + 1
        end = self._commas[field]
        point = self._find(b".", at, end)
        if not 4 <= point - at <= 5:
            return ABSENT
        degrees = buffer[point - 4] * 10 + buffer[point - 3] - 528
        if point - at == 5:
            degrees += buffer[at] * 100 - 4800
        minutes = buffer[point - 2] * 10 + buffer[point - 1] - 528
        minutes = self._fraction(minutes, point + 1, end, 5)
        # Some round up to 60 minutes.
        if not (0 <= degrees <= limit and 0 <= minutes <= 6_000_000):
            return ABSENT
        angle = degrees * 1_000_000 + (minutes + 3) // 6
        if angle > limit * 1_000_000:
            return ABSENT
        half = buffer[end + 1]
        return angle if half == positive else -angle if half == negative else ABSENT

    def has_other_than(self, field: int, letter: int) -> bool:
        """Whether a field has any character but this one."""
        for at in range(self._commas[field - 1] + 1, self._commas[field]):
            if self._buffer[at] != letter:
                return True
        return False

    def _is_whole(self, start: int, star: int) -> bool:
        """No other sentence begins inside, and the checksum is right."""
        buffer = self._buffer
        at = start + 1
        if star - start > LONGEST or self._find(b"$", at, star) >= 0:
            return False
        # By pairs, and four of them a round: half of a round is the loop itself.
        pairs = self._pairs
        last = star >> 1
        checksum = (buffer[at] if at & 1 else 0) ^ (buffer[star - 1] if star & 1 else 0)
        at = (at + 1) >> 1
        while at + 3 < last:
            checksum ^= pairs[at] ^ pairs[at + 1] ^ pairs[at + 2] ^ pairs[at + 3]
            at += 4
        while at < last:
            checksum ^= pairs[at]
            at += 1
        checksum = checksum >> 8 ^ checksum & 255
        if checksum > 127:
            return False
        return buffer[star + 1] == _HEX[checksum >> 4] and buffer[star + 2] == _HEX[checksum & 15]

    def _split(self, comma: int, star: int, last: int) -> None:
        """Note the commas: field n stands between the commas n - 1 and n."""
        find = self._find
        commas = self._commas
        commas[0] = comma
        for n in range(1, last + 1):
            comma = find(b",", comma + 1, star)
            if comma < 0:
                comma = star
            commas[n] = comma

    def _move_to_front(self) -> None:
        """What is left is a sentence that may go on: no more than LONGEST."""
        buffer = self._buffer
        at = self._at
        left = self._end - at
        for to in range(left):
            buffer[to] = buffer[at + to]
        pack_into(_COPY, self._pairs, 0, buffer)
        self._at = 0
        self._end = left

    def _fraction(self, value: int, at: int, end: int, places: int) -> int:
        """value, and the digits behind its point, times 10^places; -1 when they are none."""
        buffer = self._buffer
        if end - at > places:
            end = at + places
        places -= end - at
        while at < end:
            digit = buffer[at] ^ 0x30
            if digit > 9:
                return -1
            value = value * 10 + digit
            at += 1
        return value * _TENS[places]
