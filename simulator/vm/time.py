"""Stand-in for `time`: ticks of the simulator's clock in lockstep, of the machine's otherwise.

The wall clock is the badge's own RTC, which knows nothing until it is set.
"""

import _bus
import utime
from utime import mktime, ticks_add, ticks_cpu, ticks_diff

__all__ = ("mktime", "ticks_add", "ticks_cpu", "ticks_diff")

# The built-in part of asyncio stamps tasks that are ready with the machine's clock. Kept
# ahead of any machine's, virtual time makes all of those due at once, in their own order.
_AHEAD_MS = 1 << 45


def ticks_ms() -> int:
    return _AHEAD_MS + _bus.bus.now_ms if _bus.bus.lockstep else utime.ticks_ms()


def ticks_us() -> int:
    return ticks_ms() * 1000 if _bus.bus.lockstep else utime.ticks_us()


def sleep_ms(ms: int) -> None:
    end = ticks_add(ticks_ms(), ms)
    left = ms
    while left > 0:
        _bus.bus.wait(left)
        left = ticks_diff(end, ticks_ms())


def sleep_us(us: int) -> None:
    sleep_ms(us // 1000)  # less than a millisecond is no time at all here


def sleep(seconds: float) -> None:
    sleep_ms(int(seconds * 1000))


def gmtime(secs=None):
    return utime.gmtime(secs)[:8]  # as on the ESP32: no daylight saving field


localtime = gmtime
