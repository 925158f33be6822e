"""Time: a monotonic millisecond count, and the wall clock in the RTC."""

import time

from badge.kept import Kept, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

    def at(self, ticks: "Any") -> int:
        """When that was, by this clock; ticks: of ticks_ms, in the last days."""
        now_ms = self.now_ms()
        return now_ms - time.ticks_diff(self._ticks, ticks)


class WallClock:
    """Unix time in the RTC, which runs on through resets and deep sleep."""

    def __init__(self, rtc: "RTC") -> None:
        self._rtc = rtc
        # Ports count from 2000 or from 1970.
        self._offset_s = _UNIX_EPOCH_2000 if time.gmtime(0)[0] == 2000 else 0

    def unix_s(self) -> "int | None":
        """Unix time in seconds, None while nobody has set the clock."""
        if self._rtc.datetime()[0] < _PLAUSIBLE_YEAR:
            return None
        return self._count_s() + _UNIX_EPOCH_2000

    def keep(self, kept: Kept) -> None:
        """Puts what a deep sleep must not lose into the RTC's memory."""
        self._rtc.memory(encode(kept, self._count_s()))

    def recall(self) -> "tuple[Kept | None, int]":
        """What was kept, and for how many milliseconds the badge slept; None after power-on.

        Once only: that memory outlives a crash as well, after which its counters are used ones.
        """
        found = decode(bytes(self._rtc.memory()))
        self._rtc.memory(b"")
        if found is None:
            return None, 0
        kept, asleep_at_s = found
        return kept, max(0, self._count_s() - asleep_at_s) * 1000

    def _count_s(self) -> int:
        """Seconds since 2000 by the RTC, which counts whether or not it was ever set."""
        year, month, day, _, hour, minute, second, _ = self._rtc.datetime()
        moment = (year, month, day, hour, minute, second, 0, 0)
        return int(time.mktime(moment)) + self._offset_s - _UNIX_EPOCH_2000

    def set(self, unix_s: int) -> None:
        t = time.gmtime(unix_s - self._offset_s)
        self._rtc.datetime((t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0))
