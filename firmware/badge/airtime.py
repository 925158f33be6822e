"""When the badge speaks, and how often (docs/protocol.md, Frame). Pure.

Idle it says each heartbeat in a burst of three and falls silent; every tenth time it
listens for two seconds. With an event open it never falls silent.
"""

from badge.phases import UNANSWERED
from wire.frame import PHASE_IDLE

REFRESH_MS = 5_000
BURST_MS = 350  # three advertisements
BURST_INTERVAL_MS = 100
WINDOW_MS = 2_000
WINDOW_EVERY = 10  # heartbeats
FOREVER = 1 << 62


class Airtime:
    """heartbeat_ms, heartbeat_off_ms: between status reports on and off duty."""

    def __init__(self, heartbeat_ms: int, heartbeat_off_ms: int) -> None:
        self._heartbeat_ms = heartbeat_ms
        self._heartbeat_off_ms = heartbeat_off_ms
        self._report_at = 0
        self._quiet_at = FOREVER
        self._connectable = True
        self.beats = 0
        self.interval_ms = 0

    @property
    def silent(self) -> bool:
        """Whether an idle badge has said what it had to say."""
        return self._quiet_at == FOREVER

    def deadline(self) -> int:
        return min(self._report_at, self._quiet_at)

    def report_soon(self, now_ms: int) -> None:
        self._report_at = now_ms

    def begin(self, now_ms: int) -> None:
        """A new phase: a new report, and no falling silent on account of the last one."""
        self._report_at = now_ms
        self._quiet_at = FOREVER

    def set_connectable(self, connectable: bool) -> None:
        """Whether a peer may connect; a change says the same report again, with the new type."""
        if connectable != self._connectable:
            self._connectable = connectable
            self.interval_ms = 0

    def fall_silent(self, now_ms: int) -> bool:
        """Whether it is time to stop advertising."""
        if now_ms < self._quiet_at:
            return False
        self._quiet_at = FOREVER
        self.interval_ms = 0
        return True

    def report(self, now_ms: int, idle: bool, on_duty: bool) -> bool:
        """Whether a new report is due; its successor is planned."""
        if now_ms < self._report_at:
            return False
        if idle:
            self.beats += 1
            self._quiet_at = now_ms + (WINDOW_MS if self._window() else BURST_MS)
            self._report_at = now_ms + (self._heartbeat_ms if on_duty else self._heartbeat_off_ms)
        else:
            self._report_at = now_ms + REFRESH_MS
        self.interval_ms = 0
        return True

    def pace(self, phase: int, raised_ms: int) -> bool:
        """Whether to advertise anew, interval_ms apart; raised_ms: since the event was raised."""
        interval_ms = _interval(phase, raised_ms)
        if interval_ms == self.interval_ms or (phase == PHASE_IDLE and self.silent):
            return False
        self.interval_ms = interval_ms
        return True

    def connectable(self, phase: int) -> bool:
        return self._connectable and (phase != PHASE_IDLE or self._window())

    def _window(self) -> bool:
        return self.beats % WINDOW_EVERY == 0


def _interval(phase: int, raised_ms: int) -> int:
    if phase == PHASE_IDLE:
        return BURST_INTERVAL_MS
    if phase not in UNANSWERED:
        return 250
    return 20 if raised_ms < 30_000 else 100 if raised_ms < 300_000 else 250
