"""Time that passes, on a clock that may be set. Pure."""

LONGEST_MS = 5_000


class Elapsed:
    """Milliseconds since the first look, whatever the host's clock is set to.

    Looked at many times a second, it goes on as the clock does; where the clock is
    set it loses or gains LONGEST_MS at most, and it never goes back.
    """

    def __init__(self) -> None:
        self._passed_ms = 0
        self._seen_ms: int | None = None

    def at(self, now_ms: int) -> int:
        """The time that has passed, when the host's clock says now_ms."""
        if self._seen_ms is not None:
            self._passed_ms += min(LONGEST_MS, max(0, now_ms - self._seen_ms))
        self._seen_ms = now_ms
        return self._passed_ms
