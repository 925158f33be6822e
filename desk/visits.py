"""Visits: what begins one, what ends it, and when the desk itself makes it ring. Pure.

| what happens                                  | the badge's visit                           |
|-----------------------------------------------|---------------------------------------------|
| check in, later than all that was known       | runs, and is due after its minutes          |
| another frame of that check in                | goes on; it never ended because of it       |
| check out, later than all that was known      | ended; if it had been missed, a warning     |
| what is not later                             | unchanged                                   |
| a person sets, extends or ends it             | due then; ended                             |
| due, and grace over, and no check out         | missed: the alert of its check in rings     |

Later is what has the higher frame counter: a badge's counter never falls, so the
order in which reports arrive means nothing (desk/visit.py, `rank`).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from desk.alert import STALE, Alert, Key
from desk.options import MAX_VISIT_MINUTES, VisitOptions
from desk.reminders import Reminders, is_current
from desk.steady import Moment
from desk.turns import (
    Effect,
    EndVisit,
    ExtendVisit,
    Refuse,
    SaveAudit,
    SaveVisit,
    SetVisit,
    VisitAsk,
)
from desk.visit import Visit
from desk.wishes import Miss, Touch, Warn, Wish
from gateway.contract.messages import CommandResult, Kind, Phase, rfc3339

MINUTE_MS = 60_000
#: After a time in which the desk was away, a check out may be on its way.
SETTLE_MS = 20_000
LONGEST_MS = MAX_VISIT_MINUTES * MINUTE_MS

_LATE = {
    Kind.CHECK_IN: "checked in again at {} UTC, too late: a person must still answer",
    Kind.CHECK_OUT: "checked out at {} UTC, too late: a person must still answer",
}
_ACTIONS = {SetVisit: "set visit", ExtendVisit: "extend visit", EndVisit: "end visit"}

Effects = tuple[Effect | Wish, ...]


class Check(NamedTuple):
    """A check in or check out that was raised. heard_ms: when, by the host's clock (unix ms)."""

    key: Key
    kind: Kind
    counter: int
    heard_ms: int


class Visits:
    """The visits of all badges. minutes: of those badges whose visits have a length of their own.

    visits: what a store kept.
    """

    def __init__(
        self, options: VisitOptions, minutes: Mapping[int, int], visits: Iterable[Visit] = ()
    ) -> None:
        self._grace_ms = options.grace_s * 1000
        self._settle_ms = min(SETTLE_MS, self._grace_ms)
        self._minutes = minutes
        self._minutes_else = options.minutes
        self._visits = {visit.key.badge: visit for visit in visits}
        self._reminders = Reminders()

    @property
    def running(self) -> tuple[Visit, ...]:
        """The visits that are neither over nor missed, the first that is due first."""
        running = (visit for visit in self._visits.values() if visit.state == "running")
        return tuple(sorted(running, key=lambda visit: (visit.due_ms, visit.key)))

    def of(self, key: Key) -> Visit | None:
        """The running visit that this check in began."""
        visit = self._visits.get(key.badge)
        return visit if visit and visit.key == key and visit.state == "running" else None

    def take(self, moment: Moment, check: Check) -> Effects:
        """A report told of a check in or check out."""
        old = self._visits.get(check.key.badge)
        if old is not None and old.key == check.key and old.kind is check.kind:
            return self._keep(moment, old, self._again(old, check))
        if old is not None and (check.counter, check.kind is Kind.CHECK_IN) <= old.rank:
            return ()
        late = () if old is None or old.state != "missed" else (_late(old, check),)
        begins = check.kind is Kind.CHECK_IN
        new = self._begun(moment, check) if begins else _checked_out(old, check)
        return (*self._keep(moment, old, new), *late)

    def ask(self, moment: Moment, ask: VisitAsk) -> Effects:
        """A person sets, extends or ends a visit."""
        old = self._visits.get(ask.badge)
        if old is None or old.state != "running":
            alert = str(ask.badge) if old is None else str(old.key)
            return _refused(moment, ask, alert, _why_not(ask.badge, old))
        new = _changed(moment, old, ask)
        if new.due_ms - moment.at_ms > LONGEST_MS:
            text = f"badge {ask.badge}: no visit is longer than a day; check in again instead"
            return _refused(moment, ask, str(old.key), text)
        action = _ACTIONS[type(ask)]
        told = "done" if isinstance(ask, EndVisit) else f"{ask.minutes} min"
        audit = SaveAudit(moment.now_ms, ask.by, action, str(old.key), told)
        return (audit, *self._keep(moment, old, new))

    def confirm(self, result: CommandResult) -> tuple[SaveVisit, ...]:
        """A badge took a timer; whether it is the current one, its id tells."""
        visit = self._visits.get(result.badge)
        if visit is None or not (result.taken and is_current(visit, result)):
            return ()
        new = self._visits[result.badge] = replace(visit, told=True)
        return (SaveVisit(new),)

    def pass_time(self, moment: Moment) -> Effects:
        """What is due now."""
        effects: Effects = ()
        for visit in tuple(self._visits.values()):
            if visit.state == "running" and visit.due_ms <= moment.at_ms:
                effects += self._overrun(moment, visit)
            elif not visit.told:
                effects += self._reminders.again(moment, visit)
        return effects

    def _overrun(self, moment: Moment, visit: Visit) -> Effects:
        if visit.over_ms is None:
            visit = replace(visit, over_ms=moment.at_ms)
            self._visits[visit.key.badge] = visit
            saved: Effects = (SaveVisit(visit),)
        else:
            saved = ()
        over_ms = moment.at_ms if visit.over_ms is None else visit.over_ms
        if moment.at_ms < max(visit.due_ms + self._grace_ms, over_ms + self._settle_ms):
            return saved
        missed = replace(visit, state="missed", told=True)
        return (*self._keep(moment, visit, missed), Miss(visit.key))

    def _begun(self, moment: Moment, check: Check) -> Visit:
        since_ms = moment.at_ms - (moment.now_ms - check.heard_ms)
        return Visit(
            key=check.key,
            kind=check.kind,
            counter=check.counter,
            state="running",
            heard_ms=check.heard_ms,
            since_ms=since_ms,
            due_ms=since_ms + self._length_ms(check.key.badge),
            told=False,
        )

    def _again(self, old: Visit, check: Check) -> Visit:
        """The visit after another frame of the same event, perhaps one that was heard earlier."""
        new = replace(old, counter=max(old.counter, check.counter))
        earlier_ms = old.heard_ms - check.heard_ms
        if old.state != "running" or earlier_ms <= 0:
            return new
        new = replace(new, heard_ms=check.heard_ms, since_ms=old.since_ms - earlier_ms)
        return new if old.by else replace(new, due_ms=old.due_ms - earlier_ms)

    def _length_ms(self, badge: int) -> int:
        return self._minutes.get(badge, self._minutes_else) * MINUTE_MS

    def _keep(self, moment: Moment, old: Visit | None, new: Visit) -> Effects:
        if new == old:
            return ()
        self._visits[new.key.badge] = new
        touched = {key for key, _ in _shown(old) ^ _shown(new)}
        return (
            SaveVisit(new),
            *map(Touch, sorted(touched)),
            *self._reminders.changed(moment, old, new),
        )


def check_of(alert: Alert) -> Check | None:
    """What an alert tells of visits; None when it is no check in or check out that was raised.

    Of a damaged event that showed both, the one counts that rings.
    """
    told = next((kind for kind in _LATE if kind in alert.kinds), None)
    if told is None or Phase.RAISED not in alert.reported or alert.place is not None:
        return None
    # Of a stale report nobody knows how old it is; of a replay it would be the past's.
    heard_ms = alert.received_ms if STALE in alert.warnings else alert.heard_ms
    return Check(alert.key, told, alert.highest, heard_ms)


def _shown(visit: Visit | None) -> frozenset[tuple[Key, int]]:
    """Whose record shows which due time because of this visit."""
    if visit is None or visit.state != "running":
        return frozenset()
    return frozenset(((visit.key, visit.due_ms),))


def _checked_out(old: Visit | None, check: Check) -> Visit:
    ended = Visit(key=check.key, kind=check.kind, counter=check.counter, state="ended")
    if old is None or old.state != "running" or old.told:
        return ended
    # A timer that is on its way might be set at the badge after this.
    return replace(ended, due_ms=old.due_ms, told=False)


def _changed(moment: Moment, old: Visit, ask: VisitAsk) -> Visit:
    match ask:
        case SetVisit():
            due_ms = moment.at_ms + ask.minutes * MINUTE_MS
        case ExtendVisit():
            due_ms = max(old.due_ms, moment.at_ms) + ask.minutes * MINUTE_MS
        case EndVisit():
            return replace(old, state="ended", by=ask.by, told=False)
    return replace(old, due_ms=due_ms, over_ms=None, by=ask.by, told=False)


def _refused(moment: Moment, ask: VisitAsk, alert: str, text: str) -> Effects:
    return (SaveAudit(moment.now_ms, ask.by, _ACTIONS[type(ask)], alert, text), Refuse(text))


def _why_not(badge: int, visit: Visit | None) -> str:
    if visit is not None and visit.state == "missed":
        return f"badge {badge}: its visit was missed; take and resolve alert {visit.key}"
    return f"badge {badge}: no visit is running; one begins when the wearer checks in"


def _late(missed: Visit, check: Check) -> Warn:
    return Warn(missed.key, _LATE[check.kind].format(rfc3339(check.heard_ms)[11:16]))
