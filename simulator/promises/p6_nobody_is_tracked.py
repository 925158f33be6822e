"""6. Nobody is tracked off duty.

A position leaves the badge only while an event is open or a visit runs, and every look of a
person at one is in the audit trail. Who has no key can neither recognise a badge nor follow it:
with each start it has another address, and of its frames only the first byte, which all badges
have, stays the same.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import OPEN, Promise, badge_of, whole, words

_FIRST_BYTE = "0"
_OWN_ADDRESS = 0


class NobodyIsTracked(Promise):
    """No position without a reason, no look without a trace, nothing to know a badge by."""

    number = 6
    title = "Nobody is tracked off duty"

    def _begin(self) -> None:
        self._visits: dict[int, bool] = {}
        self._traces: set[tuple[int, str, str]] = set()
        self._starts: dict[tuple[int, int], int] = {}  # badge and address: in which start
        self._recognised: set[int] = set()

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case who, "said" if badge := badge_of(who):
                self._position(entry, badge)
                if "alike" in facts:
                    self._outsiders(entry, badge)
            case "desk", "audit" if facts["action"] == "look":
                self._traces.add((entry.at_ms, str(facts["by"]), str(facts["alert"])))
            case who, "looks":
                if (entry.at_ms, who, str(facts["alert"])) not in self._traces:
                    self.breaks(entry.at_ms, f"{who} looked at {facts['alert']} without a trace")

    def _position(self, entry: Entry, badge: int) -> None:
        kind, phase = entry.facts["kind"], entry.facts["phase"]
        if kind in ("check_in", "check_out"):
            self._visits[badge] = kind == "check_in"
        reason = phase in OPEN or self._visits.get(badge, False)
        if entry.facts["fix"] and not reason:
            self.breaks(entry.at_ms, f"badge {badge} says where it is, for no reason")

    def _outsiders(self, entry: Entry, badge: int) -> None:
        address, start = whole(entry, "address"), whole(entry, "start")
        known = self._starts.setdefault((badge, address), start) != start
        if known or address == _OWN_ADDRESS:
            self._recognise(entry.at_ms, badge, "has an address that it had before")
        if set(words(entry, "alike")) - {_FIRST_BYTE}:
            self._recognise(entry.at_ms, badge, "says the same bytes again and again")

    def _recognise(self, at_ms: int, badge: int, by: str) -> None:
        if badge not in self._recognised:
            self._recognised.add(badge)
            self.breaks(at_ms, f"badge {badge} can be followed by anybody: it {by}")
