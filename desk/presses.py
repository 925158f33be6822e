"""Which presses of a button are one alert (docs/architecture.md, Buttons). Pure.

A badge keeps its event's number while the alert is open. A button cannot: it
does not know what became of its press, and gives every press a number of its
own. So the desk, which knows, puts presses together.
"""

from collections.abc import Iterable

from desk.alert import Alert, Key
from gateway.contract.messages import Kind, Phase, Report

TAKEN_MS = 60_000
_OVER = frozenset((Phase.RESOLVED, Phase.CANCELLED))


class Presses:
    """To which alert each press belongs that was ever heard."""

    def __init__(self, alerts: Iterable[Alert], ended: Iterable[Key]) -> None:
        self._known = {key: key for key in ended}
        for alert in alerts:
            self.learn(alert)

    def learn(self, alert: Alert) -> None:
        """Remember the presses of an alert."""
        for event in alert.presses:
            self._known[Key(alert.key.badge, event)] = alert.key

    def known(self, press: Key) -> Key:
        """The alert of a press that was heard; of a badge's event, and of any other, itself."""
        return self._known.get(press, press)

    def alert_of(
        self, now_ms: int, report: Report, *, newest: bool, alerts: Iterable[Alert]
    ) -> Key:
        """The alert of a press: the one it is known in, else an open one, else one of its own.

        newest: its counter is above all before. Then it is not known, even if its
        number is: numbers come again after 65,535 frames.
        """
        told = Key(report.badge, report.event)
        known = None if newest else self._known.get(told)
        if known is not None:
            return known
        if report.kind is not Kind.TEST:
            for alert in alerts:
                if alert.key.badge == report.badge and takes_more(now_ms, alert):
                    return alert.key
        return told


def takes_more(now_ms: int, alert: Alert) -> bool:
    """Whether another press belongs to this alert: nobody has it yet, or only just.

    Later it rings anew: who went there an hour ago may not know of this one.
    """
    if not alert.calls or alert.phase in _OVER:
        return False
    taken = alert.stages.get(Phase.ACKNOWLEDGED)
    return taken is None or 0 <= now_ms - taken.at_ms < TAKEN_MS
