"""Follows every event of every badge through a log."""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.lockstep.log import Entry
from simulator.promises.ledger import OPEN, RAISED
from simulator.report.facts import badge_number, flag, many, text, whole
from simulator.report.gestures import Gesture, Gestures
from simulator.report.journey import ALERTS, BADGE, DESK, HAND, PEOPLE, Journey
from simulator.report.tally import Tally

KEPT = 300
"""So many events are told one by one; of more, those that were answered most quickly are only
counted."""

_FRAMES = 64  # of a badge, that hubs may still keep
_GESTURES = ("holds the button", "presses", "falls")
_AT_ONCE_MS = 20
_FELT = {
    "delivered": "the desk has it",
    "acknowledged": "a person is on it",
    "resolved": "it is over",
    "failed": "nobody has it",
    "pending": "about to ring",
    "reminder": "the visit is about to end",
    "overdue": "the visit is over its time",
}


@dataclass
class _Badge:
    """What is known of one badge. recent: its latest events, the newest last."""

    recent: deque[Journey] = field(default_factory=lambda: deque(maxlen=3))
    frames: OrderedDict[int, tuple[str, str]] = field(default_factory=OrderedDict)
    latest: int = 0
    open: bool = False
    down: str = ""


class Journeys:
    """A listener. wearers: names by badge, as far as they are known."""

    def __init__(self, kept: int = KEPT) -> None:
        self.wearers: dict[int, str] = {}
        self.gestures = Gestures()
        self.left_out = 0
        self._kept = kept
        self._tally = Tally()
        self._journeys: dict[str, Journey] = {}
        self._badges: dict[int, _Badge] = {}
        self._does: Mapping[str, Callable[[Entry], None]] = {
            "said": self._said,
            "felt": self._felt,
            "kept": self._kept_on_disk,
            "shows": self._shows,
            "calls": self._calls,
            "acknowledge": self._answers,
            "resolve": self._answers,
            "looks": self._looks,
            "loses its cell": self._goes_down,
            "gets a cell": self._comes_up,
            "goes down": self._goes_down,
            **dict.fromkeys(_GESTURES, self._gesture),
        }

    def __call__(self, entry: Entry) -> None:
        does = self._does.get(entry.what)
        if does is not None:
            does(entry)

    def all(self) -> tuple[Journey, ...]:
        """Those that are told one by one, by when they began."""
        for journey in self._journeys.values():
            journey.wearer = self.wearers.get(journey.badge, f"badge {journey.badge}")
        return tuple(sorted(self._journeys.values(), key=lambda j: (j.from_ms, j.alert)))

    def tally(self) -> Tally:
        """Of all, also those that are not told one by one."""
        return self._tally.with_all(list(self._journeys.values()))

    # -- wearer and badge ---------------------------------------------------

    def _gesture(self, entry: Entry) -> None:
        if entry.who == "story":
            return
        number, badge = whole(entry, "badge"), self._badge(entry)
        self.wearers[number] = entry.who
        times = whole(entry, "times") if entry.what == "presses" else 1
        gesture = Gesture(entry.at_ms, number, entry.who, entry.what, times, badge.down)
        if badge.open:
            journey = badge.recent[-1]
            journey.notes(entry.at_ms, HAND, f"{entry.what} again")
            if journey.kind in ALERTS:
                return
            gesture = gesture._replace(why_not="another event was open")
        self.gestures.add(gesture)

    def _said(self, entry: Entry) -> None:
        number = badge_number(entry.who)
        badge = self._badges.setdefault(number, _Badge())
        badge.down = ""
        event, kind, phase = whole(entry, "event"), text(entry, "kind"), text(entry, "phase")
        if not event or kind == "status":
            badge.open = False
            return
        journey = self._journey(number, event, entry.at_ms)
        if journey is None:
            return
        badge.frames[whole(entry, "counter")] = (journey.alert, phase)
        if len(badge.frames) > _FRAMES:
            badge.frames.popitem(last=False)
        badge.open = phase in OPEN
        journey.kind = kind
        journey.learns(BADGE, entry.at_ms, phase, f"says: {phase}")
        if phase in RAISED:
            journey.passes("raised", entry.at_ms)
        elif phase in ("pending", "cancelled"):
            journey.passes(phase, entry.at_ms)

    def _felt(self, entry: Entry) -> None:
        badge = self._badges.get(badge_number(entry.who))
        began_ms, like = whole(entry, "began"), many(entry, "like")
        recent = () if badge is None else reversed(badge.recent)
        journey = next((one for one in recent if one.opened_ms <= began_ms), None)
        if journey is None or not like:
            return
        if "recognised" in like:
            heard = journey.knew(BADGE, began_ms + _AT_ONCE_MS) not in ("raised", "pending", "")
            stage, words = ("heard", "a hub has it") if heard else ("recognised", "recognised")
        else:
            stage = next((str(name) for name in like if name in _FELT), str(like[0]))
            words = _FELT.get(stage, stage)
        if stage in ("failed", "cancelled"):
            journey.passes(stage, began_ms)
        journey.passes(f"felt {stage}", began_ms)
        journey.learns(HAND, began_ms, stage, f"feels: {words}")

    def _goes_down(self, entry: Entry) -> None:
        cell = entry.what == "loses its cell"
        badge = self._badges.setdefault(badge_number(entry.who), _Badge())
        badge.down = "its battery was out" if cell else "it was restarting"
        if badge.recent:
            badge.recent[-1].notes(entry.at_ms, BADGE, entry.what)

    def _comes_up(self, entry: Entry) -> None:
        self._badges.setdefault(badge_number(entry.who), _Badge()).down = ""

    # -- hubs, desk, people -------------------------------------------------

    def _kept_on_disk(self, entry: Entry) -> None:
        if entry.who == "desk":
            self._kept_at_desk(entry)
            return
        badge = self._badge(entry)
        alert, phase = badge.frames.get(whole(entry, "counter"), ("", ""))
        journey = self._journeys.get(alert)
        if journey is None:
            return
        on_disk = entry.facts.get("event") is not None
        words = f"hears: {phase}" + (", keeps it on disk" if on_disk else "")
        journey.learns(entry.who, entry.at_ms, phase, words)
        if on_disk:
            journey.passes("at a hub", entry.at_ms)

    def _kept_at_desk(self, entry: Entry) -> None:
        journey = self._named(entry)
        if journey is not None:
            phase = text(entry, "phase")
            journey.kind = journey.kind or text(entry, "kind")
            journey.phase = phase
            journey.passes("at the desk", entry.at_ms)
            journey.learns(DESK, entry.at_ms, phase, f"has on disk: {phase}")

    def _shows(self, entry: Entry) -> None:
        journey = self._named(entry)
        if journey is None:
            return
        journey.passes("shown", entry.at_ms)
        journey.warnings = tuple(str(warning) for warning in many(entry, "warnings"))
        if flag(entry, "waits") and "rang" not in journey.first:
            journey.passes("rang", entry.at_ms)
            journey.notes(entry.at_ms, DESK, "shows that it waits for a person")

    def _calls(self, entry: Entry) -> None:
        journey = self._named(entry)
        if journey is not None:
            contact = text(entry, "contact")
            journey.notes(entry.at_ms, DESK, f"calls {contact}")
            journey.calls.append((entry.at_ms, contact))
            del journey.calls[:-20]

    def _looks(self, entry: Entry) -> None:
        journey = self._named(entry)
        if journey is not None:
            journey.notes(entry.at_ms, PEOPLE, f"{entry.who} looks who it is, and where")

    def _answers(self, entry: Entry) -> None:
        journey = self._named(entry)
        if journey is None:
            return
        phase = "acknowledged" if entry.what == "acknowledge" else "resolved"
        does = "takes it" if phase == "acknowledged" else "ends it"
        journey.by = journey.by or entry.who
        journey.passes(phase, entry.at_ms)
        journey.learns(PEOPLE, entry.at_ms, phase, f"{entry.who} {does}")

    # -- which --------------------------------------------------------------

    def _badge(self, entry: Entry) -> _Badge:
        return self._badges.setdefault(whole(entry, "badge"), _Badge())

    def _named(self, entry: Entry) -> Journey | None:
        """The event that the desk speaks of."""
        alert = text(entry, "alert")
        number, _, event = alert.partition("-")
        if not (number.isdecimal() and event.isdecimal()):
            return None
        return self._journeys.get(alert) or self._journey(int(number), int(event), entry.at_ms)

    def _journey(self, number: int, event: int, at_ms: int) -> Journey | None:
        """It, new where it is; None of one that is not told any more."""
        alert = f"{number}-{event}"
        badge = self._badges.setdefault(number, _Badge())
        if alert in self._journeys or event <= badge.latest:
            return self._journeys.get(alert)
        badge.latest = event
        journey = Journey(alert, number, event, at_ms)
        journey.gesture = self.gestures.claim(number)
        if journey.gesture is not None:
            gesture = journey.gesture
            times = f" {gesture.times} times" if gesture.times > 1 else ""
            journey.notes(gesture.at_ms, HAND, gesture.how + times)
        self._journeys[alert] = journey
        badge.recent.append(journey)
        if len(self._journeys) > self._kept:
            self._tell_less()
        return journey

    def _tell_less(self) -> None:
        """From now on one less is told: of those that are over the one answered most quickly."""
        newest = {badge.recent[-1].alert for badge in self._badges.values() if badge.recent}
        candidates = [one for one in self._journeys.values() if one.alert not in newest]
        if candidates:
            least = min(candidates, key=lambda j: (not j.over, j.answer_ms or 0, j.opened_ms))
            del self._journeys[least.alert]
            self._tally.add(least)
            self.left_out += 1
