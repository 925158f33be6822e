"""7. Escalation never ends in silence.

While an alert waits for a person and the desk runs, somebody is called at once, and again before
long; where nobody can be called, the alert says so. A whole chain that nobody answered is said too.
Once a person has acknowledged, nobody is called any more, until the alert is worse than what was
acknowledged: then it waits again.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, words
from simulator.scenario.duration import milliseconds

_AT_ONCE_MS = 15_000
#: A chain in which nobody can be reached is not begun again sooner; nor is it said sooner that
#: there is none.
_ROUND_MS = 30_000
_SLACK_MS = 15_000
_CHAIN = "escalation"  # what the words of the alert name when the chain is the trouble
#: An open event that is known from heartbeats alone might be any: people were told the worst.
_WORSE = {"sos": 2, "status": 2, "man_down": 1, "assist": 1}


class EscalationGoesOn(Promise):
    """It stops only because a person acknowledged."""

    number = 7
    title = "Escalation never ends in silence"

    def _begin(self) -> None:
        self._chain = len(self.story.desk.contacts)
        wait_ms = milliseconds(self.story.desk.wait)
        # The last step's wait, or the rest of a round in which nobody could be reached.
        self._longest_ms = max(wait_ms, _ROUND_MS) + _SLACK_MS
        self._up = False
        self._due: dict[str, int] = {}  # when somebody must have been called
        self._calls: dict[str, int] = {}
        self._said: set[str] = set()  # alerts that name the trouble with the chain
        self._answered: dict[str, str] = {}  # as what
        self._kinds: dict[str, str] = {}

    def see(self, entry: Entry) -> None:
        self._look(entry.at_ms)
        alert = str(entry.facts.get("alert"))
        match entry.who, entry.what:
            case "desk", "started":
                self._up = True
                self._due = dict.fromkeys(self._due, entry.at_ms + self._longest_ms)
            case "desk", "killed":
                self._up = False
            case "desk", "kept":
                self._keep(entry, alert)
            case "desk", "shows":
                self._show(entry, alert)
            case "desk", "calls":
                self._call(entry.at_ms, alert)
            case _, "acknowledge" | "resolve":
                self._answered[alert] = self._kinds.get(alert, "")
                self._due.pop(alert, None)

    def _look(self, at_ms: int) -> None:
        for alert, due_ms in tuple(self._due.items()) if self._up else ():
            if at_ms > due_ms:
                del self._due[alert]
                self.breaks(at_ms, f"alert {alert} waits, and nobody is called")

    def _keep(self, entry: Entry, alert: str) -> None:
        kind = self._kinds[alert] = str(entry.facts["kind"])
        worse = _WORSE.get(kind, 0) > _WORSE.get(self._answered.get(alert, kind), 0)
        if worse and entry.facts["phase"] in ("acknowledged", "resolved"):
            self._answered[alert] = kind
            self.breaks(entry.at_ms, f"alert {alert} is worse than what was answered: {kind}")

    def _show(self, entry: Entry, alert: str) -> None:
        if any(_CHAIN in text for text in words(entry, "warnings")):
            self._said.add(alert)
        if not entry.facts["waits"]:
            self._due.pop(alert, None)
            return
        self._answered.pop(alert, None)
        if self._chain:
            self._due.setdefault(alert, entry.at_ms + _AT_ONCE_MS)
        elif alert in self._said:
            self._due.pop(alert, None)
        else:
            self._due.setdefault(alert, entry.at_ms + _ROUND_MS + _SLACK_MS)

    def _call(self, at_ms: int, alert: str) -> None:
        if alert in self._answered:
            self.breaks(at_ms, f"alert {alert}: somebody is called after the answer")
        self._due[alert] = at_ms + self._longest_ms
        self._calls[alert] = self._calls.get(alert, 0) + 1
        if self._calls[alert] > 2 * self._chain + 1 and alert not in self._said:
            self._said.add(alert)
            self.breaks(at_ms, f"alert {alert}: the chain is exhausted, and nobody says so")
