"""What badges said of their batteries."""

from simulator.lockstep.log import Entry
from simulator.report.facts import badge_number, whole

Curve = tuple[tuple[int, int], ...]
"""Time in ms and percent: where it changed, the first and the last."""

_MOST = 400


class SupplyLog:
    """A listener."""

    def __init__(self) -> None:
        self._curves: dict[int, list[tuple[int, int]]] = {}
        self._last: dict[int, tuple[int, int]] = {}

    def __call__(self, entry: Entry) -> None:
        badge = badge_number(entry.who)
        if not badge or entry.what != "said" or entry.facts.get("battery") is None:
            return
        point = (entry.at_ms, whole(entry, "battery"))
        curve = self._curves.setdefault(badge, [])
        if not curve or curve[-1][1] != point[1]:
            curve.append(point)
            if len(curve) > _MOST:
                del curve[1:-1:2]
        self._last[badge] = point

    def curves(self) -> dict[int, Curve]:
        """By badge."""
        return {
            badge: tuple(dict.fromkeys((*curve, self._last[badge])))
            for badge, curve in sorted(self._curves.items())
        }
