"""One event of a badge, from the gesture to its end: what each part knew when."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.report.gestures import Gesture

ALERTS = ("sos", "man_down", "assist", "going_off")
HAND, BADGE, DESK, PEOPLE = "hand", "badge", "desk", "people"
OVERDUE = "Visits over their time"
_MOST_MOMENTS = 80

MILESTONES = {
    "raised": "the badge raised it",
    "at a hub": "a hub had it on disk",
    "at the desk": "the desk had it on disk",
    "shown": "the desk showed it",
    "felt heard": "the hand felt: heard",
    "felt delivered": "the hand felt: delivered",
    "acknowledged": "a person took it",
    "felt acknowledged": "the hand felt: a person knows",
    "resolved": "a person ended it",
    "felt resolved": "the hand felt: it is over",
}
"""What happens to an event, in the order in which it should, and in words."""


class Moment(NamedTuple):
    """Something that a part did or learned. part: a lane's name; what: in words."""

    at_ms: int
    part: str
    what: str


@dataclass
class Journey:
    """alert: as the desk names it. first: when each milestone was first passed, and others like
    `cancelled`, `failed` or `rang`; knows: for each part, the phases that it knew, with the time.

    All times are of the run, in ms. rang: when a person was first asked for.
    """

    alert: str
    badge: int
    event: int
    opened_ms: int
    kind: str = ""
    wearer: str = ""
    gesture: Gesture | None = None
    by: str = ""
    phase: str = ""
    warnings: tuple[str, ...] = ()
    first: dict[str, int] = field(default_factory=dict)
    knows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    calls: list[tuple[int, str]] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    left_out: int = 0

    @property
    def from_ms(self) -> int:
        """The gesture; where there was none, the badge's first word."""
        return self.opened_ms if self.gesture is None else self.gesture.at_ms

    @property
    def until_ms(self) -> int:
        """The last that is known of it."""
        return max([self.opened_ms, *self.first.values(), *(m.at_ms for m in self.moments)])

    @property
    def calls_for_help(self) -> bool:
        """Whether a person has to answer."""
        return self.kind in ALERTS or "rang" in self.first

    @property
    def group(self) -> str:
        """Which events its times are compared with."""
        if self.kind in ("sos", "assist"):
            return "Calls for help"
        if self.kind not in ALERTS and "rang" in self.first:
            return OVERDUE
        return {
            "man_down": "Man down",
            "test": "Tests",
            "check_in": "Check-ins and check-outs",
            "check_out": "Check-ins and check-outs",
        }.get(self.kind, "Others")

    @property
    def answer_ms(self) -> int | None:
        """From the gesture until a person had it; None when nobody had."""
        taken_ms = self.first.get("acknowledged", self.first.get("resolved"))
        if taken_ms is None or not self.calls_for_help:
            return None
        return taken_ms - self.asked_ms

    @property
    def asked_ms(self) -> int:
        """Since when somebody was needed: the gesture, or the end of a visit's time."""
        return self.from_ms if self.kind in ALERTS else self.first.get("rang", self.from_ms)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        if self.kind in ALERTS:
            return "resolved" in self.first or "cancelled" in self.first
        return "at the desk" in self.first and (
            "rang" not in self.first or "resolved" in self.first
        )

    def times(self) -> Iterator[tuple[str, int]]:
        """Milestones and how long after asked_ms they were passed; those before are left out."""
        for milestone, at_ms in self._passed():
            yield milestone, at_ms - self.asked_ms

    def legs(self) -> Iterator[tuple[str, int]]:
        """The same, but how long after the milestone passed before."""
        before_ms = self.asked_ms
        for milestone, at_ms in sorted(self._passed(), key=lambda passed: passed[1]):
            yield milestone, at_ms - before_ms
            before_ms = at_ms

    def _passed(self) -> Iterator[tuple[str, int]]:
        for milestone in MILESTONES:
            at_ms = self.first.get(milestone)
            if at_ms is not None and at_ms >= self.asked_ms:
                yield milestone, at_ms

    def passes(self, milestone: str, at_ms: int) -> None:
        """It happened, perhaps not for the first time."""
        self.first.setdefault(milestone, at_ms)

    def learns(self, part: str, at_ms: int, phase: str, words: str) -> None:
        """A part knows a phase from now on; nothing is noted when it knew."""
        known = self.knows.setdefault(part, [])
        if len(known) < _MOST_MOMENTS and (not known or known[-1][1] != phase):
            known.append((at_ms, phase))
            self.notes(at_ms, part, words)

    def knew(self, part: str, at_ms: int) -> str:
        """The phase that a part knew at that time; empty when it knew of nothing."""
        return next(
            (phase for since, phase in self.knows.get(part, ())[::-1] if since <= at_ms), ""
        )

    def notes(self, at_ms: int, part: str, what: str) -> None:
        """Something worth a line."""
        if len(self.moments) < _MOST_MOMENTS:
            self.moments.append(Moment(at_ms, part, what))
        else:
            self.left_out += 1
