"""Switching off: plugged in three times within ten seconds, and left unplugged. Pure.

The badge looks closely from when it is on its charger, so that is where the gesture begins.

No accident does that, and nobody in a hurry with a cable; the core refuses it while an
event or a visit is open all the same.
"""

PLUGS = 3
WINDOW_MS = 10_000


class Charger:
    """Told whether the badge is charging; says when the gesture is complete."""

    def __init__(self) -> None:
        self._charging: "bool | None" = (
            None  # who starts on the charger was not plugged in just now
        )
        self._plugged_at: "list[int]" = []
        self._changed_at = -WINDOW_MS - 1

    def step(self, now_ms: int, charging: bool) -> bool:
        """Whether the badge is being switched off with this."""
        was, self._charging = self._charging, charging
        if was is None or was == charging:
            return False
        self._changed_at = now_ms
        if charging:
            self._plugged_at = self._plugged_at[1 - PLUGS :] + [now_ms]
            return False
        return self._complete(now_ms)

    def watching(self, now_ms: int) -> bool:
        """Whether the gesture may begin or be under way: the charger is worth a closer look."""
        return self._charging is True or now_ms - self._changed_at <= WINDOW_MS

    def _complete(self, now_ms: int) -> bool:
        plugged = self._plugged_at
        if len(plugged) < PLUGS or now_ms - plugged[0] > WINDOW_MS:
            return False
        self._plugged_at = []
        return True
