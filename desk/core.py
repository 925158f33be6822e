"""The desk's core: alerts, visits, escalation and silence, in one step. Pure.

The parts do not know each other. Alerts come first; visits and the chain of people
look at what became of them; and what those ask of an alert (a warning, that it was
missed) is done in the same step. So all that belongs together is in one commit.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from desk.alert import Alert, Key
from desk.alerts import CLOCK_AHEAD_MS, Alerts, believed_ms
from desk.escalation import Escalation
from desk.links import RunningVisit, SilentBadge
from desk.options import EscalationOptions, SilenceOptions, VisitOptions
from desk.remembered import Remembered
from desk.silence import Silence
from desk.steady import Moment, Steady
from desk.turns import (
    Announce,
    Clear,
    Cleared,
    ClockMoved,
    ClockTold,
    Confirmed,
    Effect,
    EndVisit,
    ExtendVisit,
    Input,
    Notified,
    Reported,
    SaveAlert,
    SaveBadge,
    SaveClimb,
    SaveClock,
    SaveVisit,
    SetVisit,
    Tick,
)
from desk.visits import Visits, check_of
from desk.wishes import Miss, Touch, Warn, Wish
from desk.wording import Wording
from gateway.contract.messages import AlertRecord, Opcode, rfc3339
from gateway.contract.messages import Escalation as Standing

_SILENT = "the badge is not heard since {} UTC"
Effects = tuple[Effect | Wish, ...]


class Setting(NamedTuple):
    """What desk.toml says of what the core decides.

    wearers: badge number to name; visit_minutes: of badges whose visits have a length
    of their own.
    """

    wearers: Mapping[int, str] = {}
    escalation: EscalationOptions | None = None
    visits: VisitOptions = VisitOptions()
    visit_minutes: Mapping[int, int] = {}
    silence: SilenceOptions = SilenceOptions()


class Core:
    """All that a desk decides. `step` is the only way in; it reads no clock and opens nothing.

    remembered: what a store kept. What a killed desk may not have said, the next one
    says with its first step.
    """

    def __init__(self, setting: Setting, remembered: Remembered = Remembered()) -> None:  # noqa: B008
        kept = remembered
        self._wearers = setting.wearers
        self._alerts = Alerts(setting.wearers, kept.alerts, kept.ended, kept.counters, kept.notices)
        self._visits = Visits(setting.visits, setting.visit_minutes, kept.visits)
        position = setting.escalation is not None and setting.escalation.position
        wording = Wording(setting.wearers, with_position=position)
        self._escalation = Escalation(setting.escalation, wording, kept.climbs)
        self._silence = Silence(setting.silence, kept.heard)
        self._silent: dict[int, int] = {}
        self._behind_ms: dict[str, int] = {}  # the clocks of gateways
        self._steady = Steady(kept.clock)
        self._moment = Moment(0, 0)
        self._begun = False

    @property
    def records(self) -> tuple[AlertRecord, ...]:
        """The records of all alerts that are not archived, as of the last step."""
        return tuple(map(self._whole, self._alerts.records))

    @property
    def visits(self) -> tuple[RunningVisit, ...]:
        """The visits that run, the first that is due first."""
        wall = self._moment.wall_ms
        return tuple(
            RunningVisit(
                badge=visit.key.badge,
                wearer=self._wearer(visit.key.badge),
                alert=str(visit.key),
                since_ms=wall(visit.since_ms),
                due_ms=wall(visit.due_ms),
            )
            for visit in self._visits.running
        )

    @property
    def silent(self) -> tuple[SilentBadge, ...]:
        """The badges that are silent, the longest first."""
        found = sorted(self._silent.items(), key=lambda item: (item[1], item[0]))
        return tuple(
            SilentBadge(badge=badge, wearer=self._wearer(badge), heard_ms=heard_ms)
            for badge, heard_ms in found
        )

    def step(self, now_ms: int, given: Input) -> tuple[Effect, ...]:
        """Take one input at `now_ms` (unix ms); what must be kept comes before what is shown."""
        if isinstance(given, ClockMoved):
            self._steady.moved(given.by_ms)
            behind = self._behind_ms.items()
            self._behind_ms = {name: behind_ms + given.by_ms for name, behind_ms in behind}
        moment = self._moment = self._steady.at(now_ms)
        first = () if self._begun else self._begin(moment)
        effects = (*first, *self._settled(moment, self._take(moment, given)))
        if isinstance(given, Tick):  # after what it did to visits and alerts
            effects += self._settled(moment, self._miss_badges(moment))
        return self._told((*effects, *self._clock(moment, effects)))

    def _begin(self, moment: Moment) -> tuple[Effect, ...]:
        """What the desk did not say before it ended."""
        self._begun = True
        self._silence.begin(moment)
        effects: Effects = ()
        for key in self._alerts.keys:
            effects += self._look(moment, key)
        return self._settled(moment, (*effects, *self._escalation.resume(moment)))

    def _take(self, moment: Moment, given: Input) -> Effects:
        effects: Effects
        match given:
            case SetVisit() | ExtendVisit() | EndVisit():
                effects = self._visits.ask(moment, given)
            case Notified():
                effects = self._escalation.hear(moment, given)
            case Confirmed(result) if result.opcode is Opcode.VISIT_TIMER:
                effects = self._visits.confirm(result)
            case Cleared(key) if self._visits.of(key) is not None:
                effects = ()  # it is not over
            case ClockTold(gateway, behind_ms):
                self._behind_ms[gateway] = behind_ms
                effects = ()
            case Tick():
                effects = (*self._alerts.step(moment.now_ms, given), *self._pass_time(moment))
            case _:
                effects = self._alerts.step(moment.now_ms, given)
        if isinstance(given, Reported):
            effects = tuple(self._hear(moment, effect) for effect in effects)
        return effects

    def _hear(self, moment: Moment, effect: Effect | Wish) -> Effect | Wish:
        """What a badge says, as its silence is counted; and whether that must be seen."""
        if not isinstance(effect, SaveBadge):
            return effect
        report = effect.report
        behind_ms = self._behind_ms.get(report.gateway, 0)
        known_ms = behind_ms if abs(behind_ms) > CLOCK_AHEAD_MS else 0
        heard_ms = believed_ms(moment.now_ms, report.heard_at, known_ms)
        return effect._replace(missed=self._silence.hear(moment, report, heard_ms))

    def _pass_time(self, moment: Moment) -> Effects:
        visits = self._visits.pass_time(moment)
        calls = self._escalation.pass_time(moment)
        return (*visits, *calls)

    def _clock(self, moment: Moment, effects: Effects) -> tuple[SaveClock, ...]:
        """How far the time is by which timers are kept, with each of them."""
        if any(isinstance(effect, SaveClimb | SaveVisit) for effect in effects):
            return self._steady.save(moment)
        timed = self._escalation.climbing or self._visits.running
        return self._steady.changes(moment) if timed else ()

    def _miss_badges(self, moment: Moment) -> Effects:
        """Tell those who read an alert when its badge falls silent, and when it is heard again."""
        engaged = self._engaged()
        before = self._silent
        self._silent = self._silence.silent(moment, engaged.keys())
        changed = before.keys() ^ self._silent.keys()
        return tuple(
            effect
            for badge in changed & engaged.keys()
            for key in engaged[badge]
            for effect in self._alerts.note(moment.now_ms, key)
        )

    def _engaged(self) -> dict[int, set[Key]]:
        """The badges with a visit or an open alert, and which."""
        engaged: dict[int, set[Key]] = {}
        for key in (*(visit.key for visit in self._visits.running), *self._alerts.open):
            engaged.setdefault(key.badge, set()).add(key)
        return engaged

    def _settled(self, moment: Moment, effects: Effects) -> tuple[Effect, ...]:
        """The effects, with all that the parts make of each other's."""
        done: list[Effect] = []
        looked_at: dict[Key, Alert | None] = {}
        left = deque(effects)
        while left:
            effect = left.popleft()
            match effect:
                case Warn(key, text):
                    left += self._alerts.note(moment.now_ms, key, text)
                case Touch(key):
                    left += self._alerts.note(moment.now_ms, key)
                case Miss(key):
                    left += self._alerts.miss(moment.now_ms, key)
                case _:
                    done.append(effect)
            if isinstance(effect, SaveAlert):
                key, alert = effect.alert.key, self._alerts.of(effect.alert.key)
                if looked_at.get(key) != alert:
                    looked_at[key] = alert
                    left += self._look(moment, key)
        return tuple(done)

    def _look(self, moment: Moment, key: Key) -> Effects:
        """What visits and chain make of an alert as it now is."""
        alert = self._alerts.of(key)
        if alert is None:
            return ()
        check = check_of(alert)
        visits = () if check is None else self._visits.take(moment, check)
        return (*visits, *self._escalation.see(moment, alert))

    def _told(self, effects: Iterable[Effect]) -> tuple[Effect, ...]:
        """Each alert and record once, whole and as it now is; none cleared while a visit runs."""
        once: dict[object, Effect] = {}  # the first place of each, with its last word
        for index, effect in enumerate(effects):
            match effect:
                case SaveAlert(alert):
                    once["save", alert.key] = effect
                case Announce(record):
                    once.setdefault(("show", record.alert), self._announce(record))
                case Clear(key) if self._visits.of(key) is not None:
                    pass
                case _:
                    once[index] = effect
        return tuple(once.values())

    def _announce(self, record: AlertRecord) -> Announce:
        now = self._alerts.record(Key(record.badge, record.event))
        return Announce(self._whole(now or record))

    def _whole(self, record: AlertRecord) -> AlertRecord:
        """A record with what visits, chain and silence know."""
        key = Key(record.badge, record.event)
        visit = self._visits.of(key)
        return replace(
            record,
            warnings=(*record.warnings, *self._unheard(key)),
            visit_due_at=None if visit is None else rfc3339(self._moment.wall_ms(visit.due_ms)),
            escalation=self._standing(key),
        )

    def _unheard(self, key: Key) -> tuple[str, ...]:
        heard_ms = self._silent.get(key.badge)
        if heard_ms is None or key not in self._engaged().get(key.badge, ()):
            return ()
        return (_SILENT.format(rfc3339(heard_ms)[11:19]),)

    def _standing(self, key: Key) -> Standing | None:
        climb = self._escalation.climb(key)
        if climb is None or climb.due_ms is None or not climb.round:
            return None
        wall = self._moment.wall_ms
        return Standing(
            round=climb.round,
            called=climb.latest,
            called_at=None if climb.called_ms is None else rfc3339(wall(climb.called_ms)),
            next=self._escalation.next_contacts(climb),
            next_at=rfc3339(wall(climb.due_ms)),
        )

    def _wearer(self, badge: int) -> str:
        return self._wearers.get(badge, f"badge {badge}")
