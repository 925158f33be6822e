"""Switching off: plugged in three times within ten seconds, and left unplugged. Pure.

No accident does that, and nobody in a hurry with a cable; the core refuses it while an
event or a visit is open all the same.
"""

PLUGS = 3
WINDOW_MS = 10_000


class Charger:
    """Told whether the badge is charging; says when the gesture is complete."""

    def __init__(self) -> None:
        self._charging = True  # a badge that starts on the charger was not plugged in just now
        self._plugged_at: "list[int]" = []

    def step(self, now_ms: int, charging: bool) -> bool:
        """Whether the badge is being switched off with this."""
        was, self._charging = self._charging, charging
        if charging and not was:
            self._plugged_at = self._plugged_at[1 - PLUGS :] + [now_ms]
        elif was and not charging:
            return self._complete(now_ms)
        return False

    def watching(self, now_ms: int) -> bool:
        """Whether the gesture may be under way, and the charger is worth a closer look."""
        return bool(self._plugged_at) and now_ms - self._plugged_at[-1] <= WINDOW_MS

    def _complete(self, now_ms: int) -> bool:
        plugged = self._plugged_at
        if len(plugged) < PLUGS or now_ms - plugged[0] > WINDOW_MS:
            return False
        self._plugged_at = []
        return True
