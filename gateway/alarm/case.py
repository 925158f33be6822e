"""One event as the alarm sees it, and what each kind of event calls for. Pure."""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from gateway.contract.messages import Kind, Notice, Phase, Position, Report, rfc3339
from gateway.reports import shows_receipt

Key = tuple[int, int]  # badge and event number


class Rule(NamedTuple):
    """What an event of a kind calls for, when it is neither a drill nor covert."""

    repeats: bool
    siren: bool


#: Kinds that the alarm knows, from weak to strong. An event of kind status that is
#: open might be any; check ins and check outs can wait until the desk is back.
RULES = {
    Kind.STATUS: Rule(repeats=True, siren=False),
    Kind.TEST: Rule(repeats=False, siren=False),
    Kind.GOING_OFF: Rule(repeats=False, siren=False),
    Kind.ASSIST: Rule(repeats=True, siren=True),
    Kind.MAN_DOWN: Rule(repeats=True, siren=True),
    Kind.SOS: Rule(repeats=True, siren=True),
}
#: Kinds whose events only a person can end: a badge that is idle again was answered.
_HELD = frozenset((Kind.ASSIST, Kind.MAN_DOWN, Kind.SOS))
_TAKEN = frozenset((Phase.ACKNOWLEDGED, Phase.RESOLVED))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An event that nobody has taken yet; times in unix ms.

    heard_ms: when it was first heard here; delivered: the desk has it; calls:
    how often people were called, first and last at first_ms and called_ms;
    reached: how many targets took at least one call; standing: people were
    called, and not told since that the desk knows; siren: it sounded for this;
    silenced: a person at the hub did; broker: it was in reach at the last call.
    """

    badge: int
    event: int
    kind: Kind
    heard_ms: int
    raised: bool = False
    delivered: bool = False
    covert: bool = False
    drill: bool = False
    position: Position | None = None
    position_ms: int = 0
    place: str | None = None
    calls: int = 0
    first_ms: int = 0
    called_ms: int = 0
    reached: int = 0
    standing: bool = False
    siren: bool = False
    silenced: bool = False
    broker: bool = True

    @property
    def key(self) -> Key:
        """Badge and event number."""
        return self.badge, self.event

    @property
    def rule(self) -> Rule:
        """What it calls for; a drill sounds no siren."""
        rule = RULES[self.kind]
        return rule._replace(siren=rule.siren and not self.drill)


def concerns(report: Report) -> bool:
    """Whether a report tells of an event that the alarm must have in view."""
    if report.kind is Kind.STATUS:
        return report.event != 0 and report.phase is not Phase.IDLE
    return report.kind in RULES


def sight(old: Case | None, report: Report, now_ms: int) -> Case:
    """The case with what one more report of its event says."""
    if old is None:
        old = Case(
            badge=report.badge, event=report.event, kind=report.kind, heard_ms=now_ms, drill=True
        )
    fix = None if report.stale else report.position
    return replace(
        old,
        kind=max(old.kind, report.kind, key=_strength),
        raised=old.raised or Phase.RAISED.rank <= report.phase.rank <= Phase.RESOLVED.rank,
        delivered=old.delivered or _shows_delivered(report.phase),
        covert=old.covert or report.covert,
        drill=old.drill and report.drill,
        position=fix or old.position,
        position_ms=now_ms if fix else old.position_ms,
        place=report.place or old.place,
    )


def worse(old: Case, new: Case) -> bool:
    """Whether a case turned out worse, so that it must not wait as long as it did."""
    return (new.raised and not old.raised) or _strength(new.kind) > _strength(old.kind)


def ends(old: Case | None, report: Report) -> bool:
    """Whether the report proves that a person has taken the event, or the wearer cancelled it."""
    if report.phase is Phase.CANCELLED:
        return old is None or not old.raised
    if report.kind is Kind.STATUS and report.phase is Phase.IDLE:
        # A button on a wall is always idle: it does not know what became of its press.
        return old is not None and old.kind in _HELD and report.place is None
    return report.phase in _TAKEN


def notice(case: Case, gateway: str, targets: int) -> Notice:
    """What the desk is told of the calls so far."""
    return Notice(
        badge=case.badge,
        event=case.event,
        gateway=gateway,
        first_at=rfc3339(case.first_ms),
        at=rfc3339(case.called_ms),
        calls=case.calls,
        reached=case.reached,
        targets=targets,
        siren=case.siren,
        silenced=case.silenced,
        reason="no_receipt" if case.broker else "no_broker",
    )


def _strength(kind: Kind) -> int:
    return list(RULES).index(kind)


def _shows_delivered(phase: Phase) -> bool:
    return phase is not Phase.CANCELLED and shows_receipt(phase.rank)
