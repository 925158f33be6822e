"""4. Only the fleet speaks, only the desk is obeyed.

A hub keeps only what one of its badges has said, and no frame twice. A badge uses no counter for
two reports, and answers nobody who has no key.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of


class OnlyTheFleetSpeaks(Promise):
    """Forged, replayed and flooded radio changes nothing."""

    number = 4
    title = "Only the fleet speaks, only the desk is obeyed"

    def _begin(self) -> None:
        self._said: dict[int, int] = {}
        self._counters: dict[int, set[int]] = {}
        self._kept: dict[tuple[str, int], int] = {}

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case who, "said" if badge := badge_of(who):
                counter = int(str(facts["counter"]))
                if counter <= self._said.get(badge, -1):
                    self.breaks(entry.at_ms, f"badge {badge} uses counter {counter} again")
                self._said[badge] = counter
                self._counters.setdefault(badge, set()).add(counter)
            case who, "kept" if who != "desk":
                self._keep(entry, int(str(facts["badge"])), int(str(facts["counter"])))
            case "attacker", "was answered":
                self.breaks(entry.at_ms, f"badge {facts['badge']} answered a stranger")

    def _keep(self, entry: Entry, badge: int, counter: int) -> None:
        if counter not in self._counters.get(badge, ()):
            self.breaks(entry.at_ms, f"{entry.who} took frame {counter} that badge {badge} never"
                        " said")  # fmt: skip
        if counter <= self._kept.get((entry.who, badge), -1):
            self.breaks(
                entry.at_ms, f"{entry.who} took frame {counter} of badge {badge} a second time"
            )
        self._kept[entry.who, badge] = counter
