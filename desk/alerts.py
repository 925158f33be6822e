"""The alerts of a desk: reports, answers of supervisors and time in; effects out.

One alert a (badge, event). Phases only rise: reports bring an alert up to
`heard`, the desk itself makes it `delivered`, and only a person makes it
`acknowledged` and `resolved`. Whatever the badge still shows below the desk's
phase is answered with the current stage's command again, so every link of the
chain may fail and it heals (docs/mqtt.md).
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from desk.alert import (
    CLOCK,
    COUNTERS,
    Alert,
    Ended,
    Key,
    Mark,
    contradict,
    first_marks,
    join,
    raises,
    sight,
    warned,
)
from desk.answers import Answer, answered, refusal, worsened
from desk.clearing import Clearing
from desk.notices import Notices
from desk.presses import Presses
from desk.record import show
from desk.stages import STAGES, Stages, stage
from desk.turns import (
    Acknowledge,
    Announce,
    Archive,
    Cleared,
    Confirmed,
    Connected,
    Count,
    Effect,
    Input,
    Look,
    Noticed,
    Refuse,
    Reported,
    Resolve,
    SaveAlert,
    SaveAudit,
    SaveBadge,
    SaveNotice,
    SaveReport,
    Tick,
)
from gateway.contract.messages import (
    AlertRecord,
    CommandResult,
    Kind,
    Notice,
    Phase,
    Report,
    unix_ms,
)

PENDING_MS = 60_000
CLOCK_AHEAD_MS = 2_000
CLOCK_BEHIND_MS = 30 * 24 * 3_600_000
DESK = "desk"

#: Phases of an event that a badge still has open.
OPEN = frozenset((Phase.PENDING, Phase.RAISED, Phase.HEARD, Phase.DELIVERED, Phase.ACKNOWLEDGED))


class Alerts:
    """All alerts of a desk. `step` is the only way in; it reads no clock and opens nothing.

    wearers: badge number to name. alerts, ended, counters: what a store kept:
    the alerts not archived, the end of each that is, and the highest
    frame counter of each badge; notices: those of gateways, also of events not known.
    """

    def __init__(
        self,
        wearers: Mapping[int, str],
        alerts: Iterable[Alert] = (),
        ended: Mapping[Key, Ended] | None = None,
        counters: Mapping[int, int] | None = None,
        notices: Iterable[Notice] = (),
    ) -> None:
        self._wearers = wearers
        self._alerts: dict[Key, Alert] = {}
        self._of_badge: dict[int, dict[Key, None]] = {}
        for alert in alerts:
            self._keep(alert)
        self._ended = dict(ended or {})
        self._presses = Presses(self._alerts.values(), self._ended)
        self._counters = dict(counters or {})
        self._notices = Notices(notices)
        self._stages = Stages()
        self._clearing = Clearing()

    @property
    def records(self) -> tuple[AlertRecord, ...]:
        """The records of all alerts that are not archived."""
        return tuple(map(self._record, self._alerts.values()))

    def step(self, now_ms: int, given: Input) -> tuple[Effect, ...]:
        """Take one input at `now_ms` (unix ms); what must be kept comes before what is shown."""
        effects: tuple[Effect, ...]
        match given:
            case Reported(report, misplaced):
                odd = (Count("retained"),) if misplaced else ()
                newest = report.counter > self._counters.get(report.badge, -1)
                known = self._badge(now_ms, report)
                effects = (*odd, *known, *self._event(now_ms, report, newest))
            case Confirmed(result):
                effects = self._confirm(now_ms, result)
            case Noticed(notice):
                effects = self._noticed(now_ms, notice)
            case Acknowledge() | Resolve():
                effects = self._answer(now_ms, given)
            case Look(alert, by):
                effects = (SaveAudit(now_ms, by, "look", alert, "shown"),)
            case Tick():
                self._stages.pass_time(now_ms)
                effects = (
                    *self._raise_silent(now_ms),
                    *self._clearing.pass_time(now_ms, self._alerts.values()),
                )
            case Connected():
                effects = (
                    *map(Announce, self.records),
                    *self._stages.repeat(now_ms, self._alerts.values()),
                )
            case Cleared(key):
                effects = self._archive(key)
            case _:
                effects = ()  # not about alerts
        return effects

    @property
    def keys(self) -> tuple[Key, ...]:
        """All alerts that are not archived."""
        return tuple(self._alerts)

    @property
    def open(self) -> tuple[Key, ...]:
        """The alerts that call for a person and are not over."""
        alerts = self._alerts.values()
        return tuple(alert.key for alert in alerts if alert.calls and raises(alert.phase))

    def record(self, key: Key) -> AlertRecord | None:
        """The record of an alert that is not archived."""
        alert = self._alerts.get(key)
        return None if alert is None else self._record(alert)

    def of(self, key: Key) -> Alert | None:
        """The alert, when it is not archived."""
        return self._alerts.get(key)

    def miss(self, now_ms: int, key: Key) -> tuple[Effect, ...]:
        """The visit that this check in began had lasted too long: now it calls for a person."""
        old = self._alerts.get(key)
        if old is None or old.overdue_ms is not None:
            return ()
        return self._change(now_ms, old, replace(old, overdue_ms=now_ms))

    def note(self, now_ms: int, key: Key, *warnings: str) -> tuple[Effect, ...]:
        """Something that the alert's record shows has changed; and there may be warnings."""
        old = self._alerts.get(key)
        if old is None:
            return ()
        new = replace(old, updated_ms=now_ms, warnings=old.warnings | set(warnings))
        self._keep(new)
        return (SaveAlert(new), Announce(self._record(new)))

    def _badge(self, now_ms: int, report: Report) -> tuple[Effect, ...]:
        highest = self._counters.get(report.badge, -1)
        if report.counter == highest:
            return (Count("repeated"),)
        if report.counter < highest:
            return (Count("late"),)
        self._counters[report.badge] = report.counter
        return (SaveBadge(report, believed_ms(now_ms, report.heard_at)),)

    def _event(self, now_ms: int, report: Report, newest: bool) -> tuple[Effect, ...]:
        told = Key(report.badge, report.event)
        if report.kind is Kind.STATUS and report.phase not in OPEN:
            return ()
        key = told if report.place is None else self._alert_of(now_ms, report, newest)
        ended = self._ended.get(key)
        if ended is not None and not ended.excludes(report.kind, report.phase):
            return self._stages.heal(now_ms, told, ended.phase, report.phase)
        self._ended.pop(key, None)
        old = self._alerts.get(key)
        new = _settle(now_ms, self._merge(now_ms, old, report))
        self._presses.learn(new)
        effects = (
            SaveReport(replace(report, event=key.event), believed_ms(now_ms, report.heard_at)),
            *self._change(now_ms, old, new),
            *self._suspect(now_ms, key),
        )
        if report.counter < new.highest and report.place is None:
            return effects  # says what was, not what is
        healed = self._stages.heal(now_ms, told, stage(new), report.phase, _minutes(told, new))
        return (*effects, *healed)

    def _alert_of(self, now_ms: int, report: Report, newest: bool) -> Key:
        """The alert of a button's press. What ended under a number that comes again makes way."""
        alerts = self._alerts
        peers = [alerts[key] for key in self._of_badge.get(report.badge, ())]
        key = self._presses.alert_of(now_ms, report, newest=newest, alerts=peers)
        if newest:
            self._ended.pop(key, None)
            if key in alerts and alerts[key].ended_ms is not None:
                self._forget(key)
        return key

    def _merge(self, now_ms: int, old: Alert | None, report: Report) -> Alert:
        heard_ms = believed_ms(now_ms, report.heard_at)
        new = sight(report, heard_ms, now_ms)
        if abs(heard_ms - unix_ms(report.heard_at)) > CLOCK_AHEAD_MS:
            new = warned(new, CLOCK.format(report.gateway))
        return new if old is None else worsened(old, join(old, new))

    def _change(self, now_ms: int, old: Alert | None, new: Alert) -> tuple[Effect, ...]:
        if new == old:
            return ()
        if old is not None and self._record(old) == self._record(new):
            self._keep(new)
            return (SaveAlert(new),)
        new = replace(new, updated_ms=now_ms)
        self._keep(new)
        return (SaveAlert(new), Announce(self._record(new)))

    def _suspect(self, now_ms: int, key: Key) -> tuple[Effect, ...]:
        """Flag each pair of events whose counters run against their numbers."""
        effects: tuple[Effect, ...] = ()
        if self._alerts[key].place is not None:
            return ()  # its numbers come from its counters
        for other in tuple(self._of_badge[key.badge]):
            if other != key and contradict(self._alerts[key], self._alerts[other]):
                for suspect in (key, other):
                    old = self._alerts[suspect]
                    effects += self._change(now_ms, old, warned(old, COUNTERS))
        return effects

    def _confirm(self, now_ms: int, result: CommandResult) -> tuple[Effect, ...]:
        old = self._alerts.get(Key(result.badge, result.event))
        phase = STAGES.get(result.opcode)
        if not result.taken or old is None or phase is None:
            return (Count("not_taken" if not result.taken else "result_unknown"),)
        mark = Mark(believed_ms(now_ms, result.at), result.gateway)
        return self._change(now_ms, old, replace(old, felt=first_marks(old.felt, {phase: mark})))

    def _noticed(self, now_ms: int, notice: Notice) -> tuple[Effect, ...]:
        if not self._notices.learn(notice):
            return (Count("notice_late"),)
        key = self._presses.known(Key(notice.badge, notice.event))
        old = self._alerts.get(key)
        if old is None:
            return (SaveNotice(notice),)  # the event itself is still to come, or archived
        new = self._alerts[key] = replace(old, updated_ms=now_ms)
        return (SaveNotice(notice), SaveAlert(new), Announce(self._record(new)))

    def _answer(self, now_ms: int, given: Answer) -> tuple[Effect, ...]:
        old = next((alert for key, alert in self._alerts.items() if str(key) == given.alert), None)
        action = "acknowledge" if isinstance(given, Acknowledge) else "resolve"
        reason = refusal(old, given)
        if old is None or reason:
            return (SaveAudit(now_ms, given.by, action, given.alert, reason), Refuse(reason))
        new = answered(now_ms, old, given)
        return (
            SaveAudit(now_ms, given.by, action, given.alert, "done"),
            *self._change(now_ms, old, new),
            self._stages.tell_current(now_ms, new),
        )

    def _raise_silent(self, now_ms: int) -> tuple[Effect, ...]:
        """Raise what stayed pending: a badge that broke in the fall can raise nothing more."""
        effects: tuple[Effect, ...] = ()
        for old in list(self._alerts.values()):
            if (
                not old.stages
                and old.phase is Phase.PENDING
                and abs(now_ms - old.received_ms) >= PENDING_MS
            ):
                raised = replace(old, stages={Phase.RAISED: Mark(now_ms, DESK)})
                effects += self._change(now_ms, old, _settle(now_ms, raised))
        return effects

    def _archive(self, key: Key) -> tuple[Effect, ...]:
        self._clearing.done(key)
        alert = self._alerts.get(key)
        if alert is None:
            return ()
        if alert.ended_ms is None:
            return (Announce(self._record(alert)),)  # it rings again since it was cleared
        self._forget(key)
        self._notices.forget(alert)
        self._ended[key] = Ended(alert.phase, alert.kind)
        return (Archive(key),)

    def _keep(self, alert: Alert) -> None:
        self._alerts[alert.key] = alert
        self._of_badge.setdefault(alert.key.badge, {})[alert.key] = None

    def _forget(self, key: Key) -> Alert | None:
        self._of_badge.get(key.badge, {}).pop(key, None)
        return self._alerts.pop(key, None)

    def _record(self, alert: Alert) -> AlertRecord:
        return show(alert, self._wearers.get(alert.key.badge), self._notices.of(alert))


def believed_ms(now_ms: int, timestamp: str, behind_ms: int = 0) -> int:
    """A gateway's time in unix ms, or now when its clock cannot be right.

    behind_ms: how far that clock is known to be behind the host's.

    Nothing was heard in the future, and no outbox holds a report for 30 days.
    Raises ContractError("time") when it is no time at all.
    """
    told_ms = unix_ms(timestamp) + behind_ms
    return told_ms if now_ms - CLOCK_BEHIND_MS <= told_ms <= now_ms else now_ms


def _minutes(told: Key, alert: Alert) -> int | None:
    """Until help, for a badge's own event; a button's press of an alert is told none."""
    return alert.minutes if told == alert.key else None


def _settle(now_ms: int, alert: Alert) -> Alert:
    """What is raised and kept here is delivered: the caller commits before anyone is told."""
    if alert.phase not in (Phase.RAISED, Phase.HEARD):
        return alert
    return replace(alert, stages={**alert.stages, Phase.DELIVERED: Mark(now_ms, DESK)})
