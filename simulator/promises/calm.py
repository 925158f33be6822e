"""Since when all between a badge and the desk is whole: hubs, networks, broker and desk."""

from simulator.lockstep.log import Entry

#: Faults between them that the story begins and ends. Who died is back once its link is up again.
_FAULTS = (
    "has a full disk", "is cut", "swallows", "is slow",
    "stops", "crashes", "is wiped", "goes mute", "sends twice",
)  # fmt: skip


class Calm:
    """`since_ms` when it became so; None while it is not."""

    def __init__(self) -> None:
        self.since_ms: int | None = None
        self._faults: set[tuple[str, str]] = set()
        self._linked: dict[str, bool] = {"desk": False}

    def see(self, entry: Entry) -> None:
        """Takes an entry up."""
        facts = entry.facts
        match entry.who, entry.what:
            case "story", "is over":
                self._faults.discard((str(facts["who"]), str(facts["what"])))
            case "story", what if what in _FAULTS:
                self._faults.add((str(facts["who"]), what))
            case who, "started" | "killed":
                self._linked[who] = False
            case who, "link":
                self._linked[who] = bool(facts["up"])
            case _:
                return
        whole = not self._faults and all(self._linked.values())
        self.since_ms = entry.at_ms if whole else None
