"""What the GNSS receiver of a badge says while it is carried about a plan, second by second."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from simulator.gnss import EPOCH_S, Burst, epoch, no_fix
from simulator.world.plan import Plan
from simulator.world.sky import Receiver, Sky
from simulator.world.walk import Walk


class CarriedReceiver:
    """now_ms: of the story. broken: it has power, and is mute."""

    def __init__(
        self, number: int, walk: Walk, plan: Plan, sky: Sky, now_ms: Callable[[], int]
    ) -> None:
        self.broken = False
        self._receiver = Receiver(sky, number)
        self._walk = walk
        self._plan = plan
        self._now_ms = now_ms

    def switch(self, on: bool) -> None:
        """The load switch."""
        self._receiver.power(on, self._now_ms())

    def bursts(self) -> Iterator[Burst]:
        """Without end; the badge takes them while it has switched the receiver on."""
        while True:
            yield EPOCH_S, b"" if self.broken else self._sentences()

    def _sentences(self) -> bytes:
        now_ms = self._now_ms()
        point = self._walk.position(now_ms)
        fix = self._receiver.sense(now_ms, point, self._plan.sky(point))
        if fix is None:
            return no_fix()
        latitude, longitude = self._plan.latlon(fix.told)
        speed, heading = self._walk.speed(now_ms), self._walk.heading(now_ms)
        now = datetime.now(UTC)
        return epoch(latitude, longitude, speed, heading, now, fix.hdop, fix.satellites)
