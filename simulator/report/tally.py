"""Times and outcomes of many events at once."""

from collections import Counter, defaultdict
from copy import deepcopy

from simulator.report.distribution import Distribution
from simulator.report.journey import ALERTS, Journey

Times = defaultdict[str, Distribution]
"""By milestone: see simulator.report.journey.MILESTONES."""


class Tally:
    """since: Journey.asked_ms; legs: the milestone passed before; both by group, then milestone.

    shown, answers: how long calls for help waited for the desk's screen, and for a person.
    outcomes: by group and what became of its events: `all`, `at the desk`, `resolved`,
    `cancelled`, `failed`, `calls for a person`, `answered`.
    """

    def __init__(self) -> None:
        self.since: defaultdict[str, Times] = defaultdict(_times)
        self.legs: defaultdict[str, Times] = defaultdict(_times)
        self.shown = Distribution()
        self.answers = Distribution()
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def add(self, journey: Journey) -> None:
        """One that is over, or of which no more is told."""
        group = journey.group
        for milestone, ms in journey.times():
            self.since[group][milestone].add(ms)
        for milestone, ms in journey.legs():
            self.legs[group][milestone].add(ms)
        if journey.kind in ALERTS and "shown" in journey.first:
            self.shown.add(journey.first["shown"] - journey.asked_ms)
        if journey.answer_ms is not None:
            self.answers.add(journey.answer_ms)
        self.outcomes.update((group, outcome) for outcome in _outcomes(journey))

    def with_all(self, journeys: list[Journey]) -> "Tally":
        """Another, with these as well."""
        tally = deepcopy(self)
        for journey in journeys:
            tally.add(journey)
        return tally

    def count(self, outcome: str) -> int:
        """Of all groups."""
        return sum(times for (_, name), times in self.outcomes.items() if name == outcome)


def _outcomes(journey: Journey) -> list[str]:
    found = ["all"]
    found += [name for name in ("at the desk", "resolved", "cancelled") if name in journey.first]
    found += ["failed"] if "failed" in journey.first else []
    if journey.calls_for_help and "cancelled" not in journey.first:
        found += ["calls for a person"]
        found += ["answered"] if journey.answer_ms is not None else []
    return found


def _times() -> Times:
    return defaultdict(Distribution)
