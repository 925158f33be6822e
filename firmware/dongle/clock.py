"""Time: a monotonic millisecond count."""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def ticks_ms() -> int:
    """time.ticks_ms as the number that it is, wrapping at 2^30 or more; for interrupts too."""
    ticks: "Any" = time.ticks_ms()  # the stubs hide that it is one
    number: int = ticks
    return number


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
