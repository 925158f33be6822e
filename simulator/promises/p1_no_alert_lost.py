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
#: So long before the end it must have been pending: the desk waits a minute for the badge.
_PENDING_MS = 90_000
_WORSE = {"man_down": 1, "assist": 1, "sos": 2}


class NoAlertLost(Promise):
    """Every alert that was raised is on the desk's disk."""

    number = 1
    title = "No alert is lost"

    def _begin(self) -> None:
        self._calm = Calm()
        self._raised: dict[str, str] = {}  # what it is, by alert
        self._pending: dict[str, int] = {}  # since when
        self._cancelled: set[str] = set()
        self._at_a_hub: set[str] = set()
        self._owed: dict[str, int] = {}  # raised, at a hub since then, and not at the desk
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
                self._at_a_hub.add(alert)
                if alert in self._raised and alert not in self._delivered:
                    self._owed.setdefault(alert, entry.at_ms)
            case who, "settles" if entry.facts["reached"]:
                self._reached.add(badge_of(who))
            case "run", "ended":
                self._judge(entry)

    def _say(self, entry: Entry, alert: str) -> None:
        kind, phase = str(entry.facts["kind"]), entry.facts["phase"]
        if phase in RAISED:
            self._raised[alert] = max(kind, self._raised.get(alert, kind), key=_WORSE.__getitem__)
        elif phase == "pending":
            self._pending.setdefault(alert, entry.at_ms)
        elif phase == "cancelled":
            self._cancelled.add(alert)

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
        for alert, since_ms in tuple(self._owed.items()) if calm_ms is not None else ():
            if at_ms - max(since_ms, calm_ms or 0) > SOON_MS:
                del self._owed[alert]
                self.breaks(at_ms, f"alert {alert}: a hub has it on disk, the desk does not get it")

    def _judge(self, entry: Entry) -> None:
        shown = words(entry, "alerts")
        for alert, kind in self._raised.items():
            if int(alert.split("-")[0]) in self._reached:
                self._judge_one(entry.at_ms, alert, kind)
            if alert in self._delivered - self._over and "alerts" in entry.facts:
                if alert not in shown:
                    self.breaks(
                        entry.at_ms, f"alert {alert}: the desk had it, and has forgotten it"
                    )
        for alert in self._pending.keys() & self._at_a_hub - self._cancelled - self._delivered:
            if entry.at_ms - self._pending[alert] > _PENDING_MS:
                self.breaks(entry.at_ms, f"alert {alert} was pending, and nobody raised it")

    def _judge_one(self, at_ms: int, alert: str, kind: str) -> None:
        if alert not in self._delivered:
            self.breaks(at_ms, f"alert {alert} was raised, and did not come to the desk")
        elif _WORSE.get(known := self._at_the_desk[alert], 0) < _WORSE[kind]:
            self.breaks(at_ms, f"alert {alert} is {kind}, and the desk thinks that it is {known}")
