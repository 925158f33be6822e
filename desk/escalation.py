"""Whom the desk calls for an alert, when, and again until a person answers. Pure.

| the alert                                           | the chain of people               |
|-----------------------------------------------------|-----------------------------------|
| calls for a person, and none has answered            | its first step at once            |
| a step's wait is over                                | the next step                     |
| a step is empty, a call failed                       | warning; the next step at once    |
| the last step's wait is over                         | warning; the whole chain again    |
| is worse than people were told, or no drill any more | from the first step               |
| is taken, resolved or cancelled                      | no more; who was called is told   |

A whole chain is not begun again within ROUND_MS, so that a chain in which nobody
can be reached does not go round for ever in no time. An alert that waits always
has a climb, and a climb of a chain always has a time for the next step.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from desk.alert import Alert, Key, is_worse
from desk.climb import Climb
from desk.options import EscalationOptions
from desk.steady import Moment
from desk.turns import DropClimb, Effect, Notified, Notify, SaveAudit, SaveClimb, StopNotify
from desk.wishes import Touch, Warn, Wish
from desk.wording import Wording

ROUND_MS = 30_000
UNATTENDED_MS = 30_000

NO_CHAIN = "no escalation is configured: nobody is called but those who watch"
EMPTY_CHAIN = "the escalation chain has no steps: nobody is called but those who watch"
EMPTY_STEP = "step {} of the escalation chain is empty"
EXHAUSTED = "the whole escalation chain was called and nobody answered: it is called again"
NOT_REACHED = "{} could not be called: {}"
PARTLY_REACHED = "{} was called, but not every way: {}"
DESK = "desk"

Effects = tuple[Effect | Wish, ...]


class Escalation:
    """All chains that are being climbed. options: None when none is configured.

    climbs: what a store kept. `see` every alert that is new or has changed, all of
    them before anything else; then `resume`.
    """

    def __init__(
        self, options: EscalationOptions | None, wording: Wording, climbs: Iterable[Climb] = ()
    ) -> None:
        self._steps = None if options is None else options.steps
        self._wording = wording
        self._climbs = {climb.key: climb for climb in climbs}
        self._waiting: dict[Key, Alert] = {}

    @property
    def climbing(self) -> bool:
        """Whether any alert waits for a person."""
        return bool(self._climbs)

    def climb(self, key: Key) -> Climb | None:
        """Where the alert's chain stands; None when nobody is called."""
        return self._climbs.get(key)

    def next_contacts(self, climb: Climb) -> tuple[str, ...]:
        """Who is called next."""
        steps = [step.contacts for step in self._steps or () if step.contacts]
        ahead = [step.contacts for step in (self._steps or ())[climb.step :] if step.contacts]
        return (ahead or steps or [()])[0]

    def see(self, moment: Moment, alert: Alert) -> Effects:
        """An alert is new, or has changed."""
        climb = self._climbs.get(alert.key)
        if not alert.waits:
            self._waiting.pop(alert.key, None)
            return () if climb is None else self._stop(alert, climb)
        self._waiting[alert.key] = alert
        if climb is not None and not _is_news(climb, alert):
            return ()
        called = frozenset() if climb is None else climb.called
        return self._go_on(moment, self._begin(moment, alert, called))

    def resume(self, moment: Moment) -> Effects:
        """After a start: what may not have been said before it is said again."""
        effects: Effects = ()
        for key, climb in tuple(self._climbs.items()):
            if key not in self._waiting:
                effects += self._drop(key)
            elif climb.due_ms is None and self._steps is not None:
                begun = self._begin(moment, self._waiting[key], climb.called)
                effects += self._go_on(moment, begun)
            else:
                effects += self._call(moment, climb, climb.awaited)
        return effects

    def pass_time(self, moment: Moment) -> Effects:
        """Call whoever is due."""
        effects: Effects = ()
        for climb in tuple(self._climbs.values()):
            if climb.due_ms is not None and climb.due_ms <= moment.at_ms:
                effects += self._go_on(moment, climb)
        return effects

    def hear(self, moment: Moment, told: Notified) -> Effects:
        """What became of a call."""
        climb = self._climbs.get(told.alert)
        if climb is None:
            return ()
        outcome = "reached" if told.ok else "not reached"
        entry = f"{told.contact}: {outcome}{f', {told.reason}' if told.reason else ''}"
        effects: Effects = (SaveAudit(moment.now_ms, DESK, "called", str(told.alert), entry[:300]),)
        if told.reason or not told.ok:
            text = (PARTLY_REACHED if told.ok else NOT_REACHED).format(told.contact, told.reason)
            effects += (Warn(told.alert, text[:200]),)
        if told.contact not in climb.awaited:
            return effects
        new = replace(climb, awaited=climb.awaited - {told.contact})
        if not told.ok:
            new = replace(new, due_ms=self._soonest(moment, new))
        return effects + self._go_on(moment, new)

    def _begin(self, moment: Moment, alert: Alert, called: frozenset[str]) -> Climb:
        after_ms = UNATTENDED_MS if self._steps is None else 0
        return Climb(
            key=alert.key,
            kind=alert.kind,
            drill=alert.drill,
            began_ms=moment.at_ms,
            due_ms=moment.at_ms + after_ms,
            step=len(self._steps or ()),
            called=called,
        )

    def _go_on(self, moment: Moment, climb: Climb) -> Effects:
        effects: Effects = ()
        while climb.due_ms is not None and climb.due_ms <= moment.at_ms:
            climb, more = self._next(moment, climb)
            effects += more
        self._climbs[climb.key] = climb
        return (SaveClimb(climb), Touch(climb.key), *effects)

    def _next(self, moment: Moment, climb: Climb) -> tuple[Climb, Effects]:
        """The climb after what is due, and what that is."""
        steps = self._steps
        if steps is None:
            return replace(climb, due_ms=None), (Warn(climb.key, NO_CHAIN),)
        if climb.step >= len(steps):
            return self._next_round(moment, climb)
        step = steps[climb.step]
        new = replace(climb, step=climb.step + 1, awaited=frozenset(step.contacts))
        if not step.contacts:
            text = EMPTY_STEP.format(new.step)
            return replace(new, due_ms=self._soonest(moment, new)), (Warn(climb.key, text),)
        wait_ms = moment.at_ms + step.wait_s * 1000
        new = replace(
            new,
            called_ms=moment.at_ms,
            due_ms=max(wait_ms, self._soonest(moment, new)),
            latest=step.contacts,
            called=climb.called | new.awaited,
        )
        return new, self._call(moment, new, new.awaited)

    def _next_round(self, moment: Moment, climb: Climb) -> tuple[Climb, Effects]:
        new = replace(climb, round=climb.round + 1, step=0, began_ms=moment.at_ms)
        if not self._steps:
            again = replace(new, due_ms=moment.at_ms + ROUND_MS)
            return again, (Warn(climb.key, EMPTY_CHAIN),)
        return new, (Warn(climb.key, EXHAUSTED),) if climb.round else ()

    def _soonest(self, moment: Moment, climb: Climb) -> int:
        """When the next step may be called at the earliest."""
        if climb.step < len(self._steps or ()):
            return moment.at_ms
        return max(moment.at_ms, climb.began_ms + ROUND_MS)

    def _call(self, moment: Moment, climb: Climb, contacts: Iterable[str]) -> Effects:
        alert = self._waiting[climb.key]
        words = self._wording.call(alert, climb.step, climb.round)
        told = f"step {climb.step}, round {climb.round}"
        return tuple(
            effect
            for name in sorted(contacts)
            for effect in (
                SaveAudit(moment.now_ms, DESK, "call", str(climb.key), f"{name}: {told}"),
                Notify(climb.key, name, climb.step, words),
            )
        )

    def _stop(self, alert: Alert, climb: Climb) -> Effects:
        effects: Effects = self._drop(alert.key)
        if climb.called:
            words = self._wording.call_off(alert)
            effects += (StopNotify(alert.key, tuple(sorted(climb.called)), words),)
        return effects

    def _drop(self, key: Key) -> Effects:
        del self._climbs[key]
        return (DropClimb(key), Touch(key))


def _is_news(climb: Climb, alert: Alert) -> bool:
    """Whether people were told of something less than what it is."""
    return is_worse(alert.kind, climb.kind) or (climb.drill and not alert.drill)
