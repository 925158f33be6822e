"""The visit timer on the badge: two minutes before the time is over, and when it is. Pure.

It only reminds; the timer that rings by itself is the desk's.
"""

from badge.signals import NONE, OVERDUE, REMINDER

EARLY_MS = 120_000
FOREVER = 1 << 62


class VisitTimer:
    """When to remind, in the time of now_ms."""

    def __init__(self) -> None:
        self.stop()

    def stop(self) -> None:
        self._remind_at = FOREVER
        self._over_at = FOREVER

    def set(self, now_ms: int, minutes: int) -> None:
        """minutes: until the visit should be over; 0 stops the timer."""
        self.stop()
        if minutes:
            self._over_at = now_ms + minutes * 60_000
            if self._over_at - EARLY_MS > now_ms:
                self._remind_at = self._over_at - EARLY_MS

    def deadline(self) -> int:
        return min(self._remind_at, self._over_at)

    def step(self, now_ms: int) -> int:
        """The pattern of signals that is due, NONE when none is."""
        if now_ms >= self._over_at:
            self.stop()
            return OVERDUE
        if now_ms >= self._remind_at:
            self._remind_at = FOREVER
            return REMINDER
        return NONE

    def left_ms(self, now_ms: int) -> "tuple[int, int]":
        """Until the reminder and until the end; -1 where there is none."""
        return (
            self._remind_at - now_ms if self._remind_at != FOREVER else -1,
            self._over_at - now_ms if self._over_at != FOREVER else -1,
        )

    def recall(self, remind_ms: int, over_ms: int, slept_ms: int) -> None:
        """What left_ms gave before a deep sleep, at the start of the clock after it."""
        self._remind_at = max(0, remind_ms - slept_ms) if remind_ms >= 0 else FOREVER
        self._over_at = max(0, over_ms - slept_ms) if over_ms >= 0 else FOREVER
