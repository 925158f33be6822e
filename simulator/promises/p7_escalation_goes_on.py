"""7. Escalation never ends in silence.

While an alert waits for a person and the desk runs, somebody is called again before long, or,
where nobody can be called, the alert says so. A whole chain that nobody answered is said too.
Once a person has acknowledged, nobody is called any more.
"""

from desk.escalation import ROUND_MS, UNATTENDED_MS
from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise
from simulator.scenario.duration import milliseconds

_SLACK_MS = 15_000


class EscalationGoesOn(Promise):
    """It stops only because a person acknowledged."""

    number = 7
    title = "Escalation never ends in silence"

    def _begin(self) -> None:
        contacts = self.story.desk.contacts
        wait_ms = milliseconds(self.story.desk.wait)
        self._chain = len(contacts)
        # The last step's wait, or the rest of a round in which nobody could be reached.
        self._longest_ms = (max(wait_ms, ROUND_MS) if contacts else UNATTENDED_MS) + _SLACK_MS
        self._up = False
        self._since: dict[str, int] = {}
        self._calls: dict[str, int] = {}
        self._warned: set[str] = set()
        self._answered: set[str] = set()

    def see(self, entry: Entry) -> None:
        self._look(entry.at_ms)
        facts = entry.facts
        match entry.who, entry.what:
            case "desk", "started":
                self._up = True
                self._since = dict.fromkeys(self._since, entry.at_ms)
            case "desk", "killed":
                self._up = False
            case "desk", "shows":
                self._show(entry)
            case "desk", "calls":
                self._call(entry)
            case _, "acknowledge" | "resolve":
                self._answered.add(str(facts["alert"]))
                self._since.pop(str(facts["alert"]), None)

    def _look(self, at_ms: int) -> None:
        if not self._up:
            return
        for alert, since_ms in tuple(self._since.items()):
            if at_ms - since_ms > self._longest_ms:
                del self._since[alert]
                self.breaks(at_ms, f"alert {alert} waits, and nobody is called")

    def _show(self, entry: Entry) -> None:
        alert = str(entry.facts["alert"])
        if not entry.facts["waits"]:
            self._since.pop(alert, None)
            return
        self._answered.discard(alert)
        if entry.facts["warnings"]:
            self._warned.add(alert)
        if self._chain or alert not in self._warned:
            self._since.setdefault(alert, entry.at_ms)
        else:
            self._since.pop(alert, None)

    def _call(self, entry: Entry) -> None:
        alert = str(entry.facts["alert"])
        if alert in self._answered:
            self.breaks(entry.at_ms, f"alert {alert}: somebody is called after the answer")
        self._since[alert] = entry.at_ms
        self._calls[alert] = self._calls.get(alert, 0) + 1
        if self._calls[alert] > 2 * self._chain + 1 and alert not in self._warned:
            self.breaks(entry.at_ms, f"alert {alert}: the chain is exhausted, and nobody says so")
