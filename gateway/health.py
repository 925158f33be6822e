"""How the gateway is: computed from adverts heard, not from the broker's connection. Pure."""

from collections.abc import Mapping
from typing import Literal

DEAF_AFTER_MS = 200_000  # three heartbeats and a little
BURST_OF_BAD_TAGS = 10


class Health:
    """When badges were last heard, and how many frames lied."""

    def __init__(self) -> None:
        self._heard_ms: int | None = None
        self._bad_tags = 0

    def heard(self, now_ms: int) -> None:
        """A badge of the fleet was heard."""
        self._heard_ms = now_ms

    def state(self, now_ms: int) -> Literal["online", "deaf"]:
        """`deaf` when badges were heard before and none since three heartbeats."""
        age_ms = self.age_ms(now_ms)
        return "deaf" if age_ms is not None and age_ms > DEAF_AFTER_MS else "online"

    def age_ms(self, now_ms: int) -> int | None:
        """How long ago a badge was heard; None: never."""
        return None if self._heard_ms is None else max(0, now_ms - self._heard_ms)

    def bad_tags(self, rejected: Mapping[str, int]) -> int:
        """How many bad tags came since the last call, if they are a burst; otherwise 0."""
        new, self._bad_tags = rejected["tag"] - self._bad_tags, rejected["tag"]
        return new if new >= BURST_OF_BAD_TAGS else 0
