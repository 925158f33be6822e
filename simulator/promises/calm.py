"""Since when all that stands between a badge and the desk is whole: hubs, networks, broker, desk.

A fault that the story names is over when the story says so; a process that died is back when its
link to the broker is up again.
"""

from simulator.lockstep.log import Entry
from simulator.scenario.verbs import VERBS

_BETWEEN = ("hub", "network", "broker", "desk")


class Calm:
    """`since_ms` when it became so; None while it is not."""

    def __init__(self) -> None:
        self.since_ms: int | None = None
        self._faults: dict[tuple[str, str], int] = {}
        self._linked: dict[str, bool] = {"desk": False}

    def see(self, entry: Entry) -> None:
        """Takes an entry up."""
        facts = entry.facts
        match entry.who, entry.what:
            case "story", "is over":
                self._faults.pop((str(facts["who"]), str(facts["what"])), None)
            case "story", what if VERBS[what].who in _BETWEEN:
                if facts["lasts"]:
                    self._faults[str(facts["who"]), what] = entry.at_ms
            case who, "started" | "killed":
                self._linked[who] = False
            case who, "link":
                self._linked[who] = bool(facts["up"])
            case _:
                return
        whole = not self._faults and all(self._linked.values())
        self.since_ms = entry.at_ms if whole else None
