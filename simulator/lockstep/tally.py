"""Counts of a run, for tables: what happened to it, and how far its alerts came."""

from collections import Counter
from dataclasses import dataclass, field

from simulator.lockstep.log import Entry
from simulator.promises.ledger import ALERTS, RAISED, badge_of, key
from simulator.scenario.verbs import VERBS

STAGES = ("raised", "heard", "delivered", "acknowledged", "resolved")


@dataclass
class Tally:
    """A listener. faults: by verb; alerts: how many came to each of STAGES; frames: said."""

    faults: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    _seen: dict[str, set[str]] = field(
        default_factory=lambda: {stage: set() for stage in STAGES}, repr=False
    )

    def __call__(self, entry: Entry) -> None:
        facts = entry.facts
        if entry.who == "story":
            verb = VERBS.get(entry.what)
            if verb is not None:
                (self.faults if verb.fault else self.other)[entry.what] += 1
        elif entry.what == "said":
            self.other["frames said"] += 1
            if facts["kind"] in ALERTS and facts["phase"] in RAISED:
                self._seen["raised"].add(key(badge_of(entry.who), facts["event"]))
        elif entry.what == "kept" and entry.who == "desk":
            self._at_the_desk(entry)
        elif entry.what == "kept" and facts["event"] is not None:
            self._seen["heard"].add(key(int(str(facts["badge"])), facts["event"]))
        elif entry.who == "run" and entry.what == "ended":
            self._count()

    def add(self, other: "Tally") -> None:
        """Both together."""
        self.faults.update(other.faults)
        self.alerts.update(other.alerts)
        self.other.update(other.other)

    def _at_the_desk(self, entry: Entry) -> None:
        for stage in entry.facts["stages"]:  # type: ignore[union-attr]
            if stage in self._seen:
                self._seen[str(stage)].add(str(entry.facts["alert"]))

    def _count(self) -> None:
        """Of the alerts that were raised; tests and check ins come as far as they come."""
        raised = self._seen["raised"]
        for stage in STAGES:
            self.alerts[stage] += len(raised & self._seen[stage])
        for events in self._seen.values():
            events.clear()
