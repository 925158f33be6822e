"""When the record of an alert that is over is taken from the broker. Pure."""

from collections.abc import Iterable

from desk.alert import Alert, Key
from desk.turns import Clear

CLEAR_AFTER_MS = 24 * 3_600_000
CLEAR_RETRY_MS = 60_000


class Clearing:
    """Asks until the broker says that it holds the record no more."""

    def __init__(self) -> None:
        self._asked_ms: dict[Key, int] = {}

    def pass_time(self, now_ms: int, alerts: Iterable[Alert]) -> tuple[Clear, ...]:
        """What is to be cleared now."""
        due = [
            alert.key
            for alert in alerts
            if alert.ended_ms is not None
            and now_ms - alert.ended_ms >= CLEAR_AFTER_MS
            and now_ms - self._asked_ms.get(alert.key, -CLEAR_RETRY_MS) >= CLEAR_RETRY_MS
        ]
        self._asked_ms |= dict.fromkeys(due, now_ms)
        return tuple(map(Clear, due))

    def done(self, key: Key) -> None:
        """The broker said so."""
        self._asked_ms.pop(key, None)
