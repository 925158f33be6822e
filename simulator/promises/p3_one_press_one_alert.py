"""3. One press, one alert, however many hubs, retries and restarts.

The desk has no alert that no badge raised. A badge opens no more events than its wearer gave
reason for, and gives no number twice. What a person has resolved does not ring again.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, key

_UPGRADES = {("man_down", "sos"), ("assist", "sos")}
_GIVES_REASON = ("holds the button", "presses", "falls", "has a stuck button")


class OnePressOneAlert(Promise):
    """Alerts, events and presses agree."""

    number = 3
    title = "One press, one alert"

    def _begin(self) -> None:
        self._kinds: dict[str, str] = {}
        self._latest: dict[int, int] = {}
        self._opened: dict[int, int] = {}
        self._reasons: dict[int, int] = {}
        self._wearers: dict[str, int] = {}
        self._ended: dict[str, str] = {}

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case _, what if what in _GIVES_REASON:
                self._give_reason(entry)
            case who, "said" if badge := badge_of(who):
                if facts["event"] and facts["kind"] != "status":
                    event, kind = int(str(facts["event"])), str(facts["kind"])
                    self._hear(entry.at_ms, badge, event, kind)
            case "desk", "kept":
                alert = str(facts["alert"])
                if alert not in self._kinds:
                    self.breaks(entry.at_ms, f"alert {alert}: no badge has ever raised it")
                if "resolved" in facts["stages"]:  # type: ignore[operator]
                    self._ended[alert] = str(facts["kind"])
            case "desk", "shows" if facts["waits"]:
                alert = str(facts["alert"])
                if self._ended.get(alert) == facts["kind"]:
                    self.breaks(entry.at_ms, f"alert {alert} rings again, though it is resolved")

    def _give_reason(self, entry: Entry) -> None:
        if "badge" in entry.facts:
            badge = int(str(entry.facts["badge"]))
            self._wearers[entry.who] = badge
        else:
            badge = self._wearers.get(str(entry.facts.get("who")), 0)
        # A click that falls into a boot may count as two, and three as one: each may be an event.
        times = int(str(entry.facts.get("times", 1)))
        self._reasons[badge] = self._reasons.get(badge, 0) + times
        if not badge:  # a button that sticks before anybody has pressed it
            for one in self._reasons:
                self._reasons[one] += 1

    def _hear(self, at_ms: int, badge: int, event: int, kind: str) -> None:
        name = key(badge, event)
        known = self._kinds.setdefault(name, kind)
        if known != kind:
            self._kinds[name] = kind
            if (known, kind) not in _UPGRADES:
                self.breaks(at_ms, f"event {name} was {known} and is {kind}: a number used twice")
        if event > self._latest.get(badge, 0):
            self._latest[badge] = event
            self._opened[badge] = self._opened.get(badge, 0) + 1
            allowed = self._reasons.get(badge, 0) + self._reasons.get(0, 0)
            if kind != "going_off" and self._opened[badge] > allowed:
                self.breaks(at_ms, f"badge {badge} opened event {event} ({kind}) for no reason")
