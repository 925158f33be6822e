"""Time: a monotonic millisecond count, and the wall clock in the RTC."""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import RTC

_PLAUSIBLE_YEAR = 2024  # an RTC that lost its power starts at 2000
_UNIX_EPOCH_2000 = 946_684_800


class Monotonic:
    """Milliseconds since start, unlike ticks_ms without wrapping every twelve days."""

    def __init__(self) -> None:
        self._ticks = time.ticks_ms()
        self._now_ms = 0

    def now_ms(self) -> int:
        ticks = time.ticks_ms()
        self._now_ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._now_ms


class WallClock:
    """Unix time in the RTC, which runs on through resets and deep sleep."""

    def __init__(self, rtc: "RTC") -> None:
        self._rtc = rtc
        # Ports count from 2000 or from 1970.
        self._offset_s = _UNIX_EPOCH_2000 if time.gmtime(0)[0] == 2000 else 0

    def unix_s(self) -> "int | None":
        """Unix time in seconds, None while nobody has set the clock."""
        year, month, day, _, hour, minute, second, _ = self._rtc.datetime()
        if year < _PLAUSIBLE_YEAR:
            return None
        moment = (year, month, day, hour, minute, second, 0, 0)
        return int(time.mktime(moment)) + self._offset_s

    def set(self, unix_s: int) -> None:
        t = time.gmtime(unix_s - self._offset_s)
        self._rtc.datetime((t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0))
