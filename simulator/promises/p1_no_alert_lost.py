"""1. No alert is lost.

From the moment when a badge says that it has raised an alert, the alert comes to the desk, as what
it is: soon, where a hub has it on its disk and nothing stands between; at the end, wherever a hub
hears the badge. There it stays until a person has resolved it. An alert that was only pending when
its badge broke is raised by the desk.
"""

from simulator.lockstep.log import Entry
from simulator.promises.calm import Calm
from simulator.promises.ledger import ALERTS, RAISED, Promise, badge_of, key, whole, words

#: So long may a hub that has an alert, and the desk, take to find each other again.
SOON_MS = 60_000
#: So long a desk waits for a badge that was pending.
_PENDING_MS = 60_000
_WORSE = {"man_down": 1, "assist": 1, "sos": 2}


class NoAlertLost(Promise):
    """Every alert that was raised is on the desk's disk."""

    number = 1
    title = "No alert is lost"

    def _begin(self) -> None:
        self._calm = Calm()
        self._raised: dict[str, str] = {}  # what it is, by alert
        self._pending: set[str] = set()
        self._owed: dict[str, tuple[int, int]] = {}  # at a hub since, and how long it may take
        self._at_the_desk: dict[str, str] = {}
        self._delivered: set[str] = set()
        self._over: set[str] = set()
        self._reached: set[int] = set()

    def see(self, entry: Entry) -> None:
        self._wait(entry.at_ms)
        self._calm.see(entry)
        match entry.who, entry.what:
            case who, "said" if entry.facts["kind"] in ALERTS:
                self._say(entry, key(badge_of(who), entry.facts["event"]))
            case "desk", "kept":
                self._keep(entry, str(entry.facts["alert"]))
            case _, "kept" if entry.facts["event"] is not None:
                alert = key(whole(entry, "badge"), entry.facts["event"])
                self._owe(entry.at_ms, alert)
            case who, "settles" if entry.facts["reached"]:
                self._reached.add(badge_of(who))
            case "run", "ended":
                self._judge(entry)

    def _say(self, entry: Entry, alert: str) -> None:
        kind, phase = str(entry.facts["kind"]), entry.facts["phase"]
        if phase in RAISED:
            self._raised[alert] = max(kind, self._raised.get(alert, kind), key=_WORSE.__getitem__)
        elif phase == "pending":
            self._pending.add(alert)
        elif phase == "cancelled":
            self._pending.discard(alert)
            self._owed.pop(alert, None)

    def _owe(self, at_ms: int, alert: str) -> None:
        if alert in self._delivered:
            return
        if alert in self._raised:
            self._owed[alert] = min((at_ms, SOON_MS), self._owed.get(alert, (at_ms, SOON_MS)))
        elif alert in self._pending:
            self._owed.setdefault(alert, (at_ms, _PENDING_MS + SOON_MS))

    def _keep(self, entry: Entry, alert: str) -> None:
        self._at_the_desk[alert] = str(entry.facts["kind"])
        stages = words(entry, "stages")
        if "delivered" in stages:
            self._delivered.add(alert)
            self._owed.pop(alert, None)
        if "resolved" in stages:
            self._over.add(alert)
        else:
            self._over.discard(alert)

    def _wait(self, at_ms: int) -> None:
        calm_ms = self._calm.since_ms
        if calm_ms is None:
            return
        for alert, (since_ms, may_take_ms) in tuple(self._owed.items()):
            if at_ms - max(since_ms, calm_ms) > may_take_ms:
                del self._owed[alert]
                self.breaks(at_ms, f"alert {alert}: a hub has it on disk, the desk does not get it")

    def _judge(self, entry: Entry) -> None:
        for alert, kind in self._raised.items():
            if int(alert.split("-")[0]) in self._reached:
                self._judge_one(entry.at_ms, alert, kind)
        if "alerts" in entry.facts:
            for alert in self._raised.keys() & self._delivered - self._over:
                if alert not in words(entry, "alerts"):
                    self.breaks(entry.at_ms, f"alert {alert}: the desk had it, and forgot it")

    def _judge_one(self, at_ms: int, alert: str, kind: str) -> None:
        if alert not in self._delivered:
            self.breaks(at_ms, f"alert {alert} was raised, and did not come to the desk")
        elif _WORSE.get(known := self._at_the_desk[alert], 0) < _WORSE[kind]:
            self.breaks(at_ms, f"alert {alert} is {kind}, and the desk thinks that it is {known}")
