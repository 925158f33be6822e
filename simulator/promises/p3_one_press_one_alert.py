"""3. One press, one alert, however many hubs, retries and restarts.

The desk has no alert that no badge raised. A badge opens no more events than its wearer gave
reason for, calls for help no more often, and gives no number twice. What a person has taken or
resolved does not ring again, not even when it comes again after it was filed away: only what turns
out to be worse does.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, key, whole, words

_UPGRADES = {("man_down", "sos"), ("assist", "sos")}
_GIVES_REASON = ("holds the button", "has the button down", "presses", "falls")
_TOGETHER_MS = 5_000


class OnePressOneAlert(Promise):
    """Alerts, events and presses agree."""

    number = 3
    title = "One press, one alert"

    def _begin(self) -> None:
        self._kinds: dict[str, str] = {}
        self._latest: dict[int, int] = {}
        self._opened: dict[int, int] = {}
        self._reasons: dict[int, int] = {}
        self._calls: dict[int, int] = {}  # for help, of each badge
        self._calls_meant: dict[int, int] = {}
        self._pressed_ms: dict[int, int] = {}
        self._answered: dict[str, str] = {}  # what it was when a person took it

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case _, what if what in _GIVES_REASON and "badge" in facts:
                self._give_reason(entry, whole(entry, "badge"))
            case who, "said" if badge := badge_of(who):
                if facts["event"] and facts["kind"] != "status":
                    self._hear(entry.at_ms, badge, whole(entry, "event"), str(facts["kind"]))
            case "desk", "kept":
                self._keep(entry, str(facts["alert"]), str(facts["kind"]))
            case "desk", "shows" if facts["waits"]:
                alert = str(facts["alert"])
                if self._answered.get(alert) == facts["kind"]:
                    self.breaks(entry.at_ms, f"alert {alert} rings again, though a person has it")

    def _give_reason(self, entry: Entry, badge: int) -> None:
        # A click that falls into a boot may count as two, and three as one: each may be an event.
        times = whole(entry, "times") if entry.what == "presses" else 1
        self._reasons[badge] = self._reasons.get(badge, 0) + times
        before_ms = self._pressed_ms.get(badge, -_TOGETHER_MS)
        self._pressed_ms[badge] = entry.at_ms
        # Of three clicks a boot may hide one: so two may be a call for help, but never one.
        alone = times == 1 and entry.at_ms - before_ms >= _TOGETHER_MS
        if not (entry.what == "falls" or (entry.what == "presses" and alone)):
            self._calls_meant[badge] = self._calls_meant.get(badge, 0) + 1

    def _keep(self, entry: Entry, alert: str, kind: str) -> None:
        if alert not in self._kinds:
            self.breaks(entry.at_ms, f"alert {alert}: no badge has ever raised it")
        if {"acknowledged", "resolved"}.intersection(words(entry, "stages")):
            self._answered[alert] = kind

    def _hear(self, at_ms: int, badge: int, event: int, kind: str) -> None:
        name = key(badge, event)
        known = self._kinds.setdefault(name, "")
        if known != kind:
            self._kinds[name] = kind
            if known and (known, kind) not in _UPGRADES:
                self.breaks(at_ms, f"event {name} was {known} and is {kind}: a number used twice")
            if kind == "sos":
                self._call(at_ms, badge, name)
        if event > self._latest.get(badge, 0):
            self._latest[badge] = event
            self._opened[badge] = self._opened.get(badge, 0) + (kind != "going_off")
            if self._opened[badge] > self._reasons.get(badge, 0):
                self.breaks(at_ms, f"badge {badge} opened event {event} ({kind}) for no reason")

    def _call(self, at_ms: int, badge: int, name: str) -> None:
        self._calls[badge] = self._calls.get(badge, 0) + 1
        if self._calls[badge] > self._calls_meant.get(badge, 0):
            self.breaks(at_ms, f"badge {badge} calls for help ({name}), and its wearer did not")
