"""4. Only the fleet speaks, only the desk is obeyed.

A hub keeps only what one of its badges has said, and no frame twice. A badge uses no counter for
two reports. Of a stranger it takes nothing: it answers no noise, and lets go of who has only noise
and recordings after three seconds; of who brings a command that it never got, which is as good as a
hub, after a minute of silence. Of a burst of forged frames supervisors are warned.
"""

from simulator.lockstep.log import Entry
from simulator.promises.calm import Calm
from simulator.promises.ledger import Promise, badge_of, states, whole

PATIENCE_MS, IDLE_MS = 3_000, 60_000
_LETS_GO_MS = 1_000
#: So many forged frames in one story's step are a burst, and so long after they began it is seen.
_BURST = 60
_WARNED_MS = 150_000
_RADIO = ("goes deaf", "hangs its adapter", "loses its adapter")


class OnlyTheFleetSpeaks(Promise):
    """Forged, replayed and flooded radio changes nothing."""

    number = 4
    title = "Only the fleet speaks, only the desk is obeyed"

    def _begin(self) -> None:
        self._said: dict[int, int] = {}
        self._counters: dict[int, set[int]] = {}
        self._kept: dict[tuple[str, int], int] = {}
        self._strangers: dict[int, int] = {}  # connected to which badge, and until when at most
        self._calm = Calm()
        self._deaf = False  # whether a hub may be
        self._forged_ms: int | None = None
        self._warned = False

    def see(self, entry: Entry) -> None:
        self._look_at_strangers(entry.at_ms)
        self._look_at_forgers(entry.at_ms)
        self._calm.see(entry)
        facts = entry.facts
        match entry.who, entry.what:
            case "story", "forges frames":
                frames = float(str(facts["amount"])) * whole(entry, "lasts") / 1_000
                if frames >= _BURST and self._said and self._forged_ms is None:
                    self._forged_ms = entry.at_ms
            case "story", what if what in _RADIO:
                self._deaf = True
            case "desk", "sees":
                self._warned = any("intrusion" in told for told in states(entry, "warned").values())
            case who, "said" if badge := badge_of(who):
                self._say(entry.at_ms, badge, whole(entry, "counter"))
            case "desk", "kept":
                pass
            case _, "kept":
                self._keep(entry, whole(entry, "badge"), whole(entry, "counter"))
            case "attacker", "connects":
                self._strangers[whole(entry, "badge")] = entry.at_ms + PATIENCE_MS + _LETS_GO_MS
            case "attacker", "is let go":
                self._strangers.pop(whole(entry, "badge"), None)
            case "attacker", "was answered" if facts["played_back"]:
                self._strangers[whole(entry, "badge")] = entry.at_ms + IDLE_MS + _LETS_GO_MS
            case "attacker", "was answered":
                self.breaks(entry.at_ms, f"badge {facts['badge']} answered noise")

    def _say(self, at_ms: int, badge: int, counter: int) -> None:
        if counter <= self._said.get(badge, -1):
            self.breaks(at_ms, f"badge {badge} uses counter {counter} again")
        self._said[badge] = counter
        self._counters.setdefault(badge, set()).add(counter)

    def _keep(self, entry: Entry, badge: int, counter: int) -> None:
        if counter not in self._counters.get(badge, ()):
            why = f"{entry.who} took frame {counter} that badge {badge} never said"
            self.breaks(entry.at_ms, why)
        if counter <= self._kept.get((entry.who, badge), -1):
            why = f"{entry.who} took frame {counter} of badge {badge} a second time"
            self.breaks(entry.at_ms, why)
        self._kept[entry.who, badge] = counter

    def _look_at_strangers(self, at_ms: int) -> None:
        for badge, until_ms in tuple(self._strangers.items()):
            if at_ms > until_ms:
                del self._strangers[badge]
                self.breaks(at_ms, f"badge {badge} does not let go of a stranger")

    def _look_at_forgers(self, at_ms: int) -> None:
        if self._forged_ms is None or at_ms - self._forged_ms < _WARNED_MS:
            return
        calm_ms, forged_ms, self._forged_ms = self._calm.since_ms, self._forged_ms, None
        whole_since = calm_ms is not None and calm_ms <= forged_ms
        if whole_since and not self._deaf and not self._warned:
            self.breaks(at_ms, "frames were forged, and no supervisor was warned")
