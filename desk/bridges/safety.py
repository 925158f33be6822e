"""Whether a wearer is safe, as one message a badge: what its open alerts come to. Pure."""

from collections.abc import Collection

from desk.alert import CALLING, raises
from desk.urgency import urgency
from gateway.contract.messages import AlertRecord, Safety, rfc3339


def is_open(record: AlertRecord) -> bool:
    """Whether the record is of an alert that was raised, calls for a person, and is not over."""
    calls = record.kind in CALLING or record.overdue_at is not None
    return calls and raises(record.phase)


def safety(now_ms: int, badge: int, alerts: Collection[AlertRecord]) -> Safety:
    """The most urgent of a badge's open alerts, or that there is none. now_ms: unix ms."""
    if not alerts:
        return Safety(badge=badge, safe=True, at=rfc3339(now_ms))
    worst = min(alerts, key=lambda record: (urgency(record), record.raised_at))
    return Safety(
        badge=badge,
        safe=False,
        at=rfc3339(now_ms),
        alert=worst.alert,
        kind=worst.kind,
        phase=worst.phase,
        since=worst.raised_at,
        holder=worst.holder,
        position=worst.position,
        position_at=worst.position_at,
        covert=worst.covert,
        drill=worst.drill,
    )
