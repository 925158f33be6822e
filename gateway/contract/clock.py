"""A host's clock is set by people, by NTP, and by flat batteries; this tells when. Pure."""

JUMP_MS = 1000


class Clock:
    """Compares the wall clock with one that only ever runs."""

    def __init__(self) -> None:
        self._apart_ms: int | None = None

    def moved_by(self, wall_ms: int, steady_ms: int) -> int:
        """By how much the wall clock was set since the last call, in ms; 0 for mere drift."""
        before_ms, self._apart_ms = self._apart_ms, wall_ms - steady_ms
        if before_ms is None or abs(self._apart_ms - before_ms) < JUMP_MS:
            return 0
        return self._apart_ms - before_ms
