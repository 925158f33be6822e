"""What a supervisor's answer does to an alert, and when it is refused."""

from msgspec.structs import replace

from desk.alert import REOPENED, UPGRADED, Alert, Mark, is_worse, warned
from desk.turns import Acknowledge, Resolve
from gateway.contract.messages import Phase

Answer = Acknowledge | Resolve
_ANSWERED = frozenset((Phase.ACKNOWLEDGED, Phase.RESOLVED))
_STAGES = {Acknowledge: Phase.ACKNOWLEDGED, Resolve: Phase.RESOLVED}


def answered(now_ms: int, alert: Alert, answer: Answer) -> Alert:
    """The alert after the answer."""
    stages = {**alert.stages, _STAGES[type(answer)]: Mark(now_ms, answer.by)}
    minutes = answer.minutes if isinstance(answer, Acknowledge) else alert.minutes
    return replace(alert, stages=stages, minutes=minutes)


def worsened(old: Alert, new: Alert) -> Alert:
    """The alert after reports that may show something worse than what was answered.

    Who took or resolved an assist did not know of the sos that the same event
    became while the badge had not heard of it yet: that rings anew.
    """
    if old.phase not in _ANSWERED or not is_worse(new.kind, old.kind):
        return new
    delivered = {Phase.DELIVERED: new.stages[Phase.DELIVERED]}
    open_again = replace(new, stages=delivered, minutes=None)
    return warned(open_again, REOPENED if old.phase is Phase.RESOLVED else UPGRADED)


def refusal(alert: Alert | None, answer: Answer) -> str:
    """Why this cannot be done, for the person who asked; "" when it can."""
    if alert is None:
        return f"alert {answer.alert}: there is no such alert; look at the list again"
    if not alert.calls:
        return f"alert {alert.key}: a {alert.kind} calls for nobody, and closed itself"
    return _taken(alert, answer) if isinstance(answer, Acknowledge) else _over(alert)


def _taken(alert: Alert, answer: Acknowledge) -> str:
    # The first has it: two people who both think they go are as bad as none.
    taken = alert.stages.get(Phase.ACKNOWLEDGED)
    if taken is None or alert.phase is not Phase.ACKNOWLEDGED:
        return _over(alert)
    if taken.by == answer.by:
        return f"alert {alert.key}: you already have it"
    return f"alert {alert.key}: {taken.by} already has it"


def _over(alert: Alert) -> str:
    if alert.phase is Phase.RESOLVED:
        by = alert.stages[Phase.RESOLVED].by
        return f"alert {alert.key}: {by} already resolved it"
    return {
        Phase.PENDING: f"alert {alert.key}: the wearer may still cancel; wait until it is raised",
        Phase.CANCELLED: f"alert {alert.key}: the wearer cancelled it",
    }.get(alert.phase, "")
