"""A badge's GNSS receiver in a run: what the sky gives it, as the sentences it says."""

from datetime import UTC, datetime, timedelta

from simulator.gnss import epoch, no_fix
from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.badge import Badge
from simulator.world.plan import Plan
from simulator.world.sky import Receiver, Sky
from simulator.world.walk import Walk

_SEARCH_MS = 1_000
#: With a fix a real receiver says one a second; here only what a report may want.
_KEEP_MS = 5_000


class GnssReceiver:
    """Switched by its badge; unix_ms: when the run begins. broken: it has power, and is mute."""

    def __init__(
        self, badge: Badge, walk: Walk, plan: Plan, sky: Sky, agenda: Agenda, unix_ms: int
    ) -> None:
        self.broken = False
        self._badge = badge
        self._walk = walk
        self._plan = plan
        self._agenda = agenda
        self._start = datetime.fromtimestamp(unix_ms / 1000, UTC)
        self._receiver = Receiver(sky, badge.number)
        self._due: Due | None = None
        self._said = False
        self._fixed = False

    def switch(self, on: bool) -> None:
        """The load switch."""
        if on == self._receiver.on:
            return
        self._receiver.power(on, self._agenda.now_ms)
        if self._due is not None:
            self._due.call_off()
        self._said = self._fixed = False
        self._due = self._agenda.after(_SEARCH_MS, self._speak) if on else None

    def _speak(self) -> None:
        now_ms = self._agenda.now_ms
        point = self._walk.position(now_ms)
        fix = self._receiver.sense(now_ms, point, self._plan.sky(point))
        pause_ms = _SEARCH_MS if fix is None else _KEEP_MS
        self._due = self._agenda.after(pause_ms, self._speak)
        if self.broken or not self._wanted(now_ms + pause_ms, found=fix is not None):
            return
        at = self._start + timedelta(milliseconds=now_ms)
        if fix is None:
            sentences = no_fix()
        else:
            latitude, longitude = self._plan.latlon(fix.told)
            speed, heading = self._walk.speed(now_ms), self._walk.heading(now_ms)
            sentences = epoch(latitude, longitude, speed, heading, at, fix.hdop, fix.satellites)
        self._said, self._fixed = True, fix is not None
        self._badge.body.sentences(now_ms, sentences)
        self._badge.run()

    def _wanted(self, next_ms: int, *, found: bool) -> bool:
        """Whether these sentences change anything: the first, the first fix, the last in time."""
        if not self._said or found != self._fixed:
            return True
        return self._badge.body.reports_ms <= next_ms
