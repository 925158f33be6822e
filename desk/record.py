"""The record of an alert, as the broker and the supervisors see it."""

from collections.abc import Iterator

from desk.alert import REOPENED, STRENGTH, UPGRADED, Alert, Marks, first_marks
from gateway.contract.messages import AlertRecord, Kind, Notice, Phase, Stage, rfc3339

#: What may honestly change during an event: it gets worse, or a heartbeat tells of it.
_UPGRADES = frozenset((Kind.STATUS, Kind.ASSIST, Kind.MAN_DOWN, Kind.SOS))


def show(alert: Alert, wearer: str | None, notices: tuple[Notice, ...] = ()) -> AlertRecord:
    """The record of an alert. wearer: the name of who wears the badge, None = not known."""
    taken = alert.stages.get(Phase.ACKNOWLEDGED)
    fix, charge = alert.fix, alert.charge
    return AlertRecord(
        alert=str(alert.key),
        badge=alert.key.badge,
        event=alert.key.event,
        kind=alert.kind,
        phase=alert.phase,
        wearer=wearer or alert.place or f"badge {alert.key.badge}",
        raised_at=rfc3339(alert.heard_ms),
        updated_at=rfc3339(alert.updated_ms),
        timeline=_timeline(first_marks(alert.reported, alert.stages)),
        felt=_timeline(alert.felt),
        position=fix.position if fix else None,
        position_at=rfc3339(fix.heard_ms) if fix else None,
        place=alert.place,
        holder=taken.by if taken else None,
        minutes_until_help=alert.minutes,
        gateways=tuple(sorted(alert.gateways)),
        warnings=tuple(sorted(alert.warnings | set(_doubts(alert, wearer, notices)))),
        notices=notices,
        battery=charge.percent if charge else None,
        covert=alert.covert,
        drill=alert.drill,
        overdue_at=None if alert.overdue_ms is None else rfc3339(alert.overdue_ms),
    )


def _timeline(marks: Marks) -> tuple[Stage, ...]:
    phases = sorted(marks, key=lambda phase: phase.rank)
    return tuple(
        Stage(phase=phase, at=rfc3339(marks[phase].at_ms), by=marks[phase].by) for phase in phases
    )


def _doubts(alert: Alert, wearer: str | None, notices: tuple[Notice, ...]) -> Iterator[str]:
    for notice in notices:
        took = f"{notice.reached} of {notice.targets} took it"
        yield f"{notice.gateway} called people by itself, {took}"
    if len(alert.presses) > 1:
        yield f"pressed {len(alert.presses)} times"
    if wearer is None and alert.place is None:
        yield f"badge {alert.key.badge} is not in the desk's configuration"
    if alert.kind is Kind.STATUS:
        yield "known only from heartbeats of the badge"
    if len(alert.kinds) > 1 and not alert.kinds <= _UPGRADES:
        yield f"reports disagree: {', '.join(sorted(alert.kinds, key=STRENGTH.index))}"
    if Phase.RAISED in alert.stages and Phase.RAISED not in alert.reported:
        yield "the badge fell silent while it could still be cancelled"
    if alert.reported.keys() >= {Phase.RAISED, Phase.CANCELLED}:
        yield "the badge cancelled after it had raised: not believed"
    if alert.warnings & {REOPENED, UPGRADED}:
        return  # the badge rightly shows more: it was told so before
    for phase in (Phase.DELIVERED, Phase.ACKNOWLEDGED, Phase.RESOLVED):
        if phase in alert.felt and phase.rank > alert.phase.rank:
            yield f"the badge shows {phase}, but this desk never said so"
