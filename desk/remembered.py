"""What a desk needs to go on where another stopped. Pure."""

from typing import NamedTuple

from desk.alert import Alert, Ended, Key
from desk.climb import Climb
from desk.turns import SaveClock
from desk.visit import Visit
from gateway.contract.messages import Notice


class Last(NamedTuple):
    """When a badge was heard last (unix ms), whether its silence must be seen, and whether it said
    that it goes off."""

    heard_ms: int
    missed: bool = False
    off: bool = False


class Remembered(NamedTuple):
    """All that a store kept: see desk.core.Core, and desk.alerts.Alerts.

    alerts: those not archived; ended: the end of each that is. counters, heard: of
    each badge the highest frame counter, and what is known of its last word.
    """

    alerts: tuple[Alert, ...] = ()
    ended: dict[Key, Ended] = {}
    counters: dict[int, int] = {}
    notices: tuple[Notice, ...] = ()
    visits: tuple[Visit, ...] = ()
    climbs: tuple[Climb, ...] = ()
    clock: SaveClock | None = None
    heard: dict[int, Last] = {}
