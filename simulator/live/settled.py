"""Whether every event of every badge has come to where it belongs."""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import RAISED, badge_of, key

_KNOWN = ("delivered", "acknowledged", "resolved", "cancelled")


class Settled:
    """A listener of a log: true while no badge waits to hear that the desk has its event."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    def __bool__(self) -> bool:
        return not self._open

    def __call__(self, entry: Entry) -> None:
        badge = badge_of(entry.who)
        if not badge or entry.what != "said":
            return
        event, phase = key(badge, entry.facts["event"]), entry.facts["phase"]
        if phase in _KNOWN or entry.facts["kind"] == "status":
            self._open.discard(event)
        elif phase in RAISED or phase == "pending":
            self._open.add(event)
