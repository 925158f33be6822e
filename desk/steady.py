"""Time that only runs, over a clock that people set. Pure.

Whatever must happen after a while is timed by this, and kept in the store by
this. A clock that is set back puts nothing off: the time goes on from where it
was. A clock that is set ahead is believed, unless somebody who can tell it from
time that passed says so (`moved`): what was due soon is then early, never late.
"""

from typing import NamedTuple

from desk.turns import SaveClock

SAVE_MS = 60_000


class Moment(NamedTuple):
    """Now: by the host's clock (unix ms), and by the time that only runs (ms)."""

    now_ms: int
    at_ms: int

    def wall_ms(self, at_ms: int) -> int:
        """What the host's clock shows, or showed, at another moment of the time that runs."""
        return at_ms - self.at_ms + self.now_ms


class Steady:
    """The time that only runs. kept: what a store kept of it."""

    def __init__(self, kept: SaveClock | None = None) -> None:
        self._kept = kept
        self._ahead_ms = kept.ahead_ms if kept else 0
        self._seen_ms = kept.seen_ms if kept else None

    def at(self, now_ms: int) -> Moment:
        """The moment when the host's clock says now_ms."""
        at_ms = now_ms + self._ahead_ms
        if self._seen_ms is not None and at_ms < self._seen_ms:
            self._ahead_ms += self._seen_ms - at_ms
            at_ms = self._seen_ms
        self._seen_ms = at_ms
        return Moment(now_ms, at_ms)

    def moved(self, by_ms: int) -> None:
        """The host's clock was set by so much, and no time passed."""
        self._ahead_ms -= by_ms

    def changes(self, moment: Moment) -> tuple[SaveClock, ...]:
        """What must be kept: that the clock was set; and about every minute how far we are."""
        kept = self._kept
        if kept and kept.ahead_ms == self._ahead_ms and moment.at_ms - kept.seen_ms < SAVE_MS:
            return ()
        return self.save(moment)

    def save(self, moment: Moment) -> tuple[SaveClock, ...]:
        """How far we are now, unless just that is kept."""
        now = SaveClock(self._ahead_ms, moment.at_ms)
        if now == self._kept:
            return ()
        self._kept = now
        return (now,)
