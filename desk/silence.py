"""Which badges are not heard though they should be. Pure.

A badge on duty sends a heartbeat every `heartbeat_s`; three that are missing, and
MARGIN_MS, make it silent. It is on duty while a visit runs or an alert is open;
while it is not on its charger and has moved within the last hour; or, where it has
no sensor of movement, while its heartbeats come as often as those on duty do. One
that said that it goes off is not expected, until it is heard again.

Counted is from the later of the desk's start and when it was heard last. One that was on duty when
the desk ended is so until it says otherwise.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from desk.options import SilenceOptions
from desk.remembered import Last
from desk.steady import Moment
from gateway.contract.messages import Kind, Report

MISSED = 3
MARGIN_MS = 30_000
#: So long after the last movement a badge beats as on duty (the badge's OFF_DUTY_MS).
MOVED_MS = 3_600_000


class Seen(NamedTuple):
    """When a badge was heard last: heard_ms by the host's clock, the rest by time that runs.

    missed: whether an earlier desk knew it as on duty, and it has no rhythm here yet.
    """

    heard_ms: int
    counted_ms: int
    moved_ms: int | None = None
    beat_ms: int | None = None
    gap_ms: int | None = None
    off: bool = False
    charging: bool = False
    missed: bool = False


class Silence:
    """heard: what a store kept of each badge's last word."""

    def __init__(self, options: SilenceOptions, heard: Mapping[int, Last]) -> None:
        self._short_ms = MISSED * options.heartbeat_s * 1000 + MARGIN_MS
        self._often_ms = (options.heartbeat_s + options.heartbeat_off_s) * 500
        self._heard = dict(heard)
        self._seen: dict[int, Seen] = {}

    def begin(self, moment: Moment) -> None:
        """The desk starts: nobody has been missed before."""
        self._seen = {
            badge: Seen(last.heard_ms, moment.at_ms, off=last.off, missed=last.missed)
            for badge, last in self._heard.items()
        }

    def hear(self, moment: Moment, report: Report, heard_ms: int) -> bool:
        """A report that is newer than all before of its badge. Whether it is missed from now on."""
        if report.place is not None:
            return False  # a button on a wall has no duty
        at_ms = moment.at_ms - max(0, moment.now_ms - heard_ms)
        old = self._seen.get(report.badge)
        beats = report.kind is Kind.STATUS
        before_ms = None if old is None else old.beat_ms
        gap_ms = None if old is None else old.gap_ms
        if beats and before_ms is not None:
            gap_ms = at_ms - before_ms
        seen = self._seen[report.badge] = Seen(
            heard_ms=heard_ms,
            counted_ms=at_ms if old is None else max(old.counted_ms, at_ms),
            moved_ms=at_ms if report.moving else old and old.moved_ms,
            beat_ms=at_ms if beats else before_ms,
            gap_ms=gap_ms,
            off=report.kind is Kind.GOING_OFF,
            charging=report.charging,
            missed=old is not None and old.missed and gap_ms is None,
        )
        return self._expected(seen, engaged=False)

    def silent(self, moment: Moment, engaged: Collection[int]) -> dict[int, int]:
        """Badge number to when it was heard last (unix ms). engaged: with a visit or an alert."""
        return {
            badge: seen.heard_ms
            for badge, seen in self._seen.items()
            if moment.at_ms > seen.counted_ms + self._short_ms
            and self._expected(seen, engaged=badge in engaged)
        }

    def _expected(self, seen: Seen, *, engaged: bool) -> bool:
        if seen.off or engaged:
            return not seen.off
        if seen.charging:
            return False
        if seen.missed:
            return True
        if seen.moved_ms is not None:
            return seen.counted_ms + self._short_ms <= seen.moved_ms + MOVED_MS
        return seen.gap_ms is not None and seen.gap_ms < self._often_ms
