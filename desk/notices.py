"""What gateways did by themselves about each event while the desk was away. Pure.

A notice is a sum up to its time, so of each gateway the one that counts most
calls stands, whatever the order in which they come. One may come before the
event itself: it waits for it.
"""

from collections.abc import Iterable

from desk.alert import Alert, Key
from gateway.contract.messages import Notice


class Notices:
    """The latest notice of each gateway about each event."""

    def __init__(self, notices: Iterable[Notice] = ()) -> None:
        self._latest: dict[Key, dict[str, Notice]] = {}
        for notice in notices:
            self.learn(notice)

    def learn(self, notice: Notice) -> bool:
        """Whether it says more than was known."""
        told = self._latest.setdefault(Key(notice.badge, notice.event), {})
        old = told.get(notice.gateway)
        if old is not None and _newness(notice) <= _newness(old):
            return False
        told[notice.gateway] = notice
        return True

    def of(self, alert: Alert) -> tuple[Notice, ...]:
        """The notices about an alert, by event and gateway."""
        events = sorted({alert.key.event} | alert.presses)
        found = (self._latest.get(Key(alert.key.badge, event), {}) for event in events)
        return tuple(told[gateway] for told in found for gateway in sorted(told))

    def forget(self, alert: Alert) -> None:
        """The alert is archived."""
        for event in {alert.key.event} | alert.presses:
            self._latest.pop(Key(alert.key.badge, event), None)


def _newness(notice: Notice) -> tuple[int, int, bool, str]:
    return (notice.calls, notice.reached, notice.silenced, notice.at)
