"""6. Nobody is tracked off duty.

A position leaves the badge only while an event is open or a visit runs, and every look of a
person at one is in the audit trail.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import OPEN, Promise, badge_of


class NobodyIsTracked(Promise):
    """No position without a reason, no look without a trace."""

    number = 6
    title = "Nobody is tracked off duty"

    def _begin(self) -> None:
        self._visits: dict[int, bool] = {}
        self._looked: list[tuple[int, str]] = []

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case who, "said" if badge := badge_of(who):
                kind, phase = facts["kind"], facts["phase"]
                if kind in ("check_in", "check_out"):
                    self._visits[badge] = kind == "check_in"
                reason = phase in OPEN or self._visits.get(badge, False)
                if facts["fix"] and not reason:
                    self.breaks(entry.at_ms, f"badge {badge} says where it is, for no reason")
            case _, "looks":
                self._looked.append((entry.at_ms, str(facts["alert"])))
            case "desk", "audit" if facts["action"] == "look":
                if (entry.at_ms, str(facts["alert"])) in self._looked:
                    self._looked.remove((entry.at_ms, str(facts["alert"])))
            case "run", "ended":
                for at_ms, alert in self._looked:
                    self.breaks(at_ms, f"a look at alert {alert} left no trace")
