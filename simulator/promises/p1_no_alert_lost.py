"""1. No alert is lost.

From the moment when a badge says that it has raised an alert, the alert comes to the desk, if it
can: that is, if a hub had it on its disk, or if at the end the badge is where a hub hears it.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import ALERTS, RAISED, Promise, badge_of, key


class NoAlertLost(Promise):
    """Every alert that was raised is on the desk's disk at the end."""

    number = 1
    title = "No alert is lost"

    def _begin(self) -> None:
        self._raised: dict[str, int] = {}
        self._at_a_hub: set[str] = set()
        self._at_the_desk: set[str] = set()
        self._reached: set[int] = set()

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case who, "said" if facts["kind"] in ALERTS and facts["phase"] in RAISED:
                self._raised.setdefault(key(badge_of(who), facts["event"]), entry.at_ms)
            case who, "kept" if who != "desk" and facts["event"] is not None:
                self._at_a_hub.add(key(int(str(facts["badge"])), facts["event"]))
            case "desk", "kept":
                self._at_the_desk.add(str(facts["alert"]))
            case who, "settles" if facts["reached"]:
                self._reached.add(badge_of(who))
            case "run", "ended":
                self._judge(entry.at_ms)

    def _judge(self, at_ms: int) -> None:
        for alert, raised_ms in self._raised.items():
            badge = int(alert.split("-")[0])
            if alert in self._at_the_desk:
                continue
            if alert in self._at_a_hub:
                self.breaks(at_ms, f"alert {alert}: a hub had it on disk, the desk never got it")
            elif badge in self._reached:
                self.breaks(
                    at_ms, f"alert {alert}, raised at {raised_ms} ms, did not come to the desk"
                )
