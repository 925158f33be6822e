"""What a desk needs to go on where another stopped. Pure."""

from typing import NamedTuple

from desk.alert import Alert, Ended, Key
from desk.climb import Climb
from desk.turns import SaveClock
from desk.visit import Visit
from gateway.contract.messages import Notice


class Remembered(NamedTuple):
    """All that a store kept: see desk.core.Core, and desk.alerts.Alerts.

    alerts: those not archived; ended: the end of each that is. counters, heard: of
    each badge the highest frame counter, and when that was heard (unix ms).
    """

    alerts: tuple[Alert, ...] = ()
    ended: dict[Key, Ended] = {}
    counters: dict[int, int] = {}
    notices: tuple[Notice, ...] = ()
    visits: tuple[Visit, ...] = ()
    climbs: tuple[Climb, ...] = ()
    clock: SaveClock | None = None
    heard: dict[int, int] = {}
