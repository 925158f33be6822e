"""What a GNSS receiver says (NMEA 0183) to fixes: bytes in any chunking in, one call a fix out.

Talkers are not looked at: GP, GN, GL, GA, GB and BD all speak. RMC gives date,
time, position and speed, GGA and GNS position, satellites and dilution, ZDA the
whole year, GLL nothing but the time; other sentences are counted and skipped.

An epoch is all that carries one time of day, and makes one fix. It ends with the
kind of sentence that ended the one before, or when another time appears: so its
parts may come in any order, and a damaged one costs its details, not the fix.

Nothing is allocated per sentence. Two things allocate: feeding more than CHUNK
bytes at a time, and unix_s() on an ESP32, whose small integers have 31 bits.

The class has no properties: with one, MicroPython searches the class at every store
to an attribute, which costs a tenth of the time that a sentence takes.
"""

from badge.sentence import ABSENT, CHUNK, GGA, GLL, RMC, ZDA, Sentences

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DAY_S = 86_400
# No badge is older than this, 2017-01-01, when UTC last took a leap second. What a
# two-digit year puts earlier is a receiver whose ten-bit week number went round.
NOT_BEFORE_DAY = 17_167
_ROUND_DAYS = 1024 * 7

# Metres for each unit of horizontal dilution: receivers of this class promise 2.5 m CEP
# under open sky (u-blox M8 and M10, Quectel L76K), and 95% lie within 2.08 times that.
RANGE_ERROR_M = 5

_NO_DATE = -2  # -1 is a malformed one
_HALF_DAY_MS = 43_200_000
_DAYS_BEFORE = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
_N, _S, _E, _W = 0x4E, 0x53, 0x45, 0x57

# What the sentences of an epoch say of its position.
_SILENT = 0
_GIVEN = 1
_DENIED = 2


class Nmea:
    """One receiver. `on_fix` is called with this object at each fix.

    The fields are that fix's until `on_fix` returns; then the next epoch fills them.

    valid: whether the latest whole epoch had a position.
    latitude_udeg, longitude_udeg: whole microdegrees, north and east positive.
    day: days since 1970-01-01, or -1 while the receiver has given no date.
    millisecond_of_day: UTC.
    hdop_hundredths, satellites, quality (of GGA), speed_cm_s: -1 when not said.
    rolled_over: the date was moved on by a multiple of 1024 weeks.
    sentences: what comes in, with its counters.
    """

    def __init__(self, on_fix: "Callable[[Nmea], None]") -> None:
        self._on_fix = on_fix
        self.sentences = Sentences()
        self._ender = 0
        self._last = 0
        self.reset()

    def reset(self) -> None:
        """Forget date and unfinished epoch: the receiver was off, and the day may have changed."""
        self.sentences.clear()
        self.valid = False
        self.day = -1
        self.rolled_over = False
        self.latitude_udeg = 0
        self.longitude_udeg = 0
        self.millisecond_of_day = -1
        self._ddmmyy = _NO_DATE
        self._whole_year = False
        self._last = self._ender
        self._begin_fields()
        self._done = True

    def unix_s(self) -> "int | None":
        """UTC of the latest fix in whole seconds, or None while the date is unknown."""
        if self.day < 0:
            return None
        return self.day * DAY_S + self.millisecond_of_day // 1000

    def accuracy_m(self) -> "int | None":
        """Estimate of the horizontal error in metres, 95% under open sky; None when unknown."""
        if self.hdop_hundredths < 0:
            return None
        return (self.hdop_hundredths * RANGE_ERROR_M + 99) // 100

    def feed(self, received: "bytes | bytearray", length: int = -1) -> int:
        """Take the first `length` bytes received (all by default); the number of fixes in them."""
        if length < 0:
            length = len(received)
        if length <= CHUNK:
            return self._take(received, length)
        fixes = 0
        for at in range(0, length, CHUNK):
            piece = received[at : min(at + CHUNK, length)]
            fixes += self._take(piece, len(piece))
        return fixes

    def _take(self, received: "bytes | bytearray", length: int) -> int:
        sentences = self.sentences
        sentences.put(received, length)
        fixes = 0
        kind = sentences.read()
        while kind:
            fixes += self._merge(kind)
            kind = sentences.read()
        return fixes

    def _merge(self, kind: int) -> int:
        """Join a sentence to its epoch; the number of fixes that it completes, 0-2."""
        time = self.sentences.time_of_day(5 if kind == GLL else 1)
        if time < 0:
            return self._lose(kind) if time == ABSENT else self._refuse()
        fixes = self._begin(time) if time != self.millisecond_of_day else 0
        if kind == RMC:
            self._take_rmc()
        elif kind == ZDA:
            self._take_zda()
        elif kind != GLL:
            self._take_gga(kind)
        self._last = kind
        return fixes + self._finish() if kind == self._ender else fixes

    def _refuse(self) -> int:
        self.sentences.damaged += 1
        return 0

    def _lose(self, kind: int) -> int:
        """A sentence without a time: the receiver has none, and no position either."""
        fixes = self._finish()
        if kind not in (ZDA, GLL):
            self.valid = False
        return fixes

    def _begin(self, time: int) -> int:
        """Another time of day begins an epoch. The number of fixes in the one before."""
        fixes = self._finish()
        self._ender = self._last
        if self.day >= 0 and time < self.millisecond_of_day - _HALF_DAY_MS:
            self.day += 1  # midnight; RMC or ZDA may correct it
            self._ddmmyy = _NO_DATE
        self.millisecond_of_day = time
        self._begin_fields()
        return fixes

    def _begin_fields(self) -> None:
        self._done = False
        self._position = _SILENT
        self.hdop_hundredths = self.satellites = self.quality = self.speed_cm_s = -1

    def _finish(self) -> int:
        """The epoch is over. 1 when it made a fix, else 0."""
        if self._done:
            return 0
        self._done = True
        if self._position == _SILENT:
            return 0
        self.valid = self._position == _GIVEN
        if not self.valid:
            return 0
        self._on_fix(self)
        return 1

    def _take_rmc(self) -> None:
        if self.sentences.letter(2) not in (0x41, 0x44):  # A is valid, as is D of older receivers
            self._position = _DENIED
            return
        self._take_position(3)
        knots = self.sentences.number(7, 3)
        if 0 <= knots < 1_000_000:
            self.speed_cm_s = knots * 463 // 9000
        self._take_date(self.sentences.number(9, 0))

    def _take_gga(self, kind: int) -> None:
        sentences = self.sentences
        if kind == GGA:
            quality = sentences.letter(6) ^ 0x30
        else:  # GNS: one letter a satellite system, N where it gave nothing
            quality = 1 if sentences.has_other_than(6, _N) else 0
        if not 0 < quality < 10:
            self._position = _DENIED
            return
        self._take_position(2)
        self.quality = quality
        self.satellites = sentences.number(7, 0)
        self.hdop_hundredths = sentences.number(8, 2)

    def _take_zda(self) -> None:
        sentences = self.sentences
        day = _days(sentences.number(4, 0), sentences.number(3, 0), sentences.number(2, 0))
        if day < 0:
            self._refuse()
            return
        if day != self.day:
            self._ddmmyy = _NO_DATE
        self.day = day
        self.rolled_over = False
        self._whole_year = True

    def _take_date(self, ddmmyy: int) -> None:
        if ddmmyy == self._ddmmyy:
            return  # the day stands
        year = ddmmyy % 100 + (2000 if ddmmyy % 100 < 80 else 1900)
        day = _days(year, ddmmyy // 100 % 100, ddmmyy // 10_000)
        if ddmmyy < 0 or day < 0:
            self._refuse()
            return
        self._ddmmyy = ddmmyy
        self.rolled_over = False
        # Who also says the whole year is believed: a wrong one is for the clock to refuse.
        while day < NOT_BEFORE_DAY and not self._whole_year:
            day += _ROUND_DAYS
            self.rolled_over = True
        self.day = day

    def _take_position(self, field: int) -> None:
        """Latitude, N or S, longitude, E or W; the first good position of an epoch counts."""
        if self._position != _SILENT:
            return
        latitude = self.sentences.angle(field, 90, _N, _S)
        longitude = self.sentences.angle(field + 2, 180, _E, _W)
        if min(latitude, longitude) == ABSENT:
            self._position = _DENIED
            self._refuse()
            return
        self._position = _GIVEN
        self.latitude_udeg = latitude
        self.longitude_udeg = longitude


def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of 1980-2099; -1 when there is no such date."""
    if not (1980 <= year < 2100 and 1 <= month <= 12 and day >= 1):
        return -1
    leap = 1 if year % 4 == 0 else 0
    length = _DAYS_BEFORE[month + 1] - _DAYS_BEFORE[month]
    if day > length + (leap if month == 2 else 0):
        return -1
    past = _DAYS_BEFORE[month] + (leap if month > 2 else 0)
    return (year - 1970) * 365 + (year - 1969) // 4 + past + day - 1
