"""How urgent an alert is to the person who watches: what rings, what is shown first."""

from enum import IntEnum

from gateway.contract.messages import AlertRecord, Kind, Phase

_QUIET_KINDS = frozenset((Kind.CHECK_IN, Kind.CHECK_OUT, Kind.TEST))
_UNANSWERED = frozenset((Phase.IDLE, Phase.RAISED, Phase.HEARD, Phase.DELIVERED))


class Urgency(IntEnum):
    """From what must be answered now to what is over."""

    RINGING = 0
    DRILL = 1
    PENDING = 2
    TAKEN = 3
    RECORDED = 4
    OVER = 5


def urgency(record: AlertRecord) -> Urgency:
    """How urgent the alert is. A drill looks like an alert, but does not ring."""
    if record.phase in (Phase.RESOLVED, Phase.CANCELLED):
        return Urgency.OVER
    if record.kind in _QUIET_KINDS and record.overdue_at is None:
        return Urgency.RECORDED
    if record.phase in _UNANSWERED:
        return Urgency.DRILL if record.drill else Urgency.RINGING
    return Urgency.PENDING if record.phase is Phase.PENDING else Urgency.TAKEN
