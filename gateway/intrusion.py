"""Bursts of frames with wrong tags: somebody forges, or a badge has a wrong key. Pure."""

BURST = 10
WITHIN_MS = 60_000
SHOWN_MS = 600_000
WARNING = "intrusion"


class Intrusion:
    """Watches the counter of bad tags, and warns for ten minutes after the latest burst."""

    def __init__(self) -> None:
        self._since_ms: int | None = None
        self._counted = 0
        self._burst_ms: int | None = None

    def step(self, now_ms: int, tags: int) -> int:
        """How many bad tags came, when that is a burst which nobody was told of; otherwise 0.

        tags: how many there were since the start.
        """
        if self._since_ms is None:
            self._since_ms = now_ms
        elif abs(now_ms - self._since_ms) >= WITHIN_MS:
            self._since_ms = now_ms
            if tags - self._counted < BURST:
                self._counted = tags
        new = tags - self._counted
        if new < BURST:
            return 0
        told = self.warnings(now_ms)
        self._counted, self._burst_ms = tags, now_ms
        return 0 if told else new

    def moved(self, by_ms: int) -> None:
        """The wall clock was set by so much."""
        self._since_ms = None if self._since_ms is None else self._since_ms + by_ms
        self._burst_ms = None if self._burst_ms is None else self._burst_ms + by_ms

    def warnings(self, now_ms: int) -> tuple[str, ...]:
        """What supervisors must see now."""
        if self._burst_ms is None or abs(now_ms - self._burst_ms) > SHOWN_MS:
            return ()
        return (WARNING,)
