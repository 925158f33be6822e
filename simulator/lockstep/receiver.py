"""A badge's GNSS receiver in a run: what the sky gives it, as the sentences it says."""

from simulator.lockstep.acts import Told
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
        self._unix_ms = unix_ms
        self._receiver = Receiver(sky, badge.number)
        self._due: Due | None = None
        self._fixes = 0

    def switch(self, on: bool) -> None:
        """The load switch."""
        if on == self._receiver.on:
            return
        self._receiver.power(on, self._agenda.now_ms)
        if self._due is not None:
            self._due.call_off()
        self._fixes = 0
        self._due = self._agenda.after(_SEARCH_MS, self._speak) if on else None

    def _speak(self) -> None:
        now_ms = self._agenda.now_ms
        point = self._walk.position(now_ms)
        fix = self._receiver.sense(now_ms, point, self._plan.sky(point))
        # The firmware learns from the second fix what the first one's last sentence was.
        settled = fix is not None and self._fixes > 0
        pause_ms = _KEEP_MS if settled else _SEARCH_MS
        self._due = self._agenda.after(pause_ms, self._speak)
        self._fixes += fix is not None
        if self.broken:
            return
        told = None
        if fix is not None:
            latitude, longitude = self._plan.latlon(fix.told)
            speed, heading = self._walk.speed(now_ms), self._walk.heading(now_ms)
            unix_s = (self._unix_ms + now_ms) // 1_000
            told = Told(latitude, longitude, fix.hdop, fix.satellites, speed, heading, unix_s)
        self._badge.body.receive(now_ms, told)
        self._badge.run()
