"""8. A missed check-in rings by itself, with badge, phone and gateway all dead.

A visit whose check in came to the desk, and which no check out of the badge ended, rings at the
desk once its time and the grace after it are over.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of
from simulator.scenario.duration import milliseconds

#: After its start a desk waits a little for a check out that is on its way (desk.visits).
_SETTLE_MS = 20_000
_SLACK_MS = 20_000


class MissedCheckInRings(Promise):
    """The timers live at the desk."""

    number = 8
    title = "A missed check-in rings by itself"

    def _begin(self) -> None:
        self._visit_ms = milliseconds(self.story.desk.visit)
        self._grace_ms = milliseconds(self.story.desk.grace)
        self._due: dict[str, int] = {}
        self._known: set[str] = set()
        self._up = False

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case "desk", "started":
                self._up = True
                late_ms = entry.at_ms + _SETTLE_MS
                self._due = {alert: max(due, late_ms) for alert, due in self._due.items()}
            case "desk", "killed":
                self._up = False
            case who, "said" if badge := badge_of(who):
                if facts["kind"] == "check_out":
                    self._forget(badge)
            case "desk", "kept" if facts["kind"] == "check_in":
                self._check_in(entry)
            case "desk", "shows" if facts["waits"]:
                self._due.pop(str(facts["alert"]), None)
        self._look(entry.at_ms)

    def _check_in(self, entry: Entry) -> None:
        """Each begins one visit, when the desk first keeps it."""
        alert = str(entry.facts["alert"])
        if alert not in self._known and "resolved" not in entry.facts["stages"]:  # type: ignore[operator]
            self._due[alert] = entry.at_ms + self._visit_ms + self._grace_ms + _SLACK_MS
        self._known.add(alert)

    def _forget(self, badge: int) -> None:
        self._due = {
            alert: due for alert, due in self._due.items() if int(alert.split("-")[0]) != badge
        }

    def _look(self, at_ms: int) -> None:
        if not self._up:
            return
        for alert, due_ms in tuple(self._due.items()):
            if at_ms > due_ms:
                del self._due[alert]
                self.breaks(at_ms, f"the visit of check in {alert} is long over, and nothing rings")
