"""5. Silence is noticed.

A hub that is dead, or cut off, is visible at the desk within 90 s, unless the desk cannot know,
and then it shows that the broker is away. A scanner that hears nothing where there is something
to hear is started again within 15 s. A test press that does not come to the desk fails in the
hand. A badge that is not heard any more is shown as silent.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, key
from simulator.scenario.duration import milliseconds

NOTICED_MS = 90_000
RESTARTED_MS = 15_000
FAILED_MS = 30_000
#: What the thinned ticks of a run may add: 10 s at an idle desk, 1 s at an idle hub.
_DESK_SLACK_MS = 11_000
_HUB_SLACK_MS = 2_000
_HAND_SLACK_MS = 12_000
_LEARNS_MS = 60_000
_HEARTBEATS = 3
_DEAF = ("goes deaf", "hangs its adapter")


class SilenceIsNoticed(Promise):
    """What does not speak is seen."""

    number = 5
    title = "Silence is noticed"

    def _begin(self) -> None:
        self._connected_ms: int | None = None
        self._seen: dict[str, str] = {}
        self._seen_ever: set[str] = set()
        self._silent: set[int] = set()
        self._alive: dict[str, int] = {}
        self._dead: dict[str, int] = {}
        self._deaf: dict[str, int] = {}
        self._tests: dict[str, int] = {}
        self._heard: dict[int, int] = {}
        self._looked_ms = 0
        heartbeat_ms = milliseconds(self.story.heartbeat)
        self._silence_ms = _HEARTBEATS * heartbeat_ms + heartbeat_ms + NOTICED_MS

    def see(self, entry: Entry) -> None:
        self._look(entry.at_ms)
        facts = entry.facts
        match entry.who, entry.what:
            case "desk", "started" | "killed" | "link":
                self._desk_connected(entry)
            case "desk", "sees":
                self._seen = {str(hub): str(state) for hub, state in facts["gateways"].items()}  # type: ignore[union-attr]
                self._silent = {int(str(badge)) for badge in facts["silent"]}  # type: ignore[union-attr]
                self._seen_ever |= self._seen.keys()
            case hub, "killed" if hub in self._alive:
                self._dead[hub] = entry.at_ms
                del self._alive[hub]
                self._deaf.pop(hub, None)
            case hub, "started":
                self._alive[hub] = entry.at_ms
                self._dead.pop(hub, None)
            case "story", what if what in _DEAF:
                self._grow_deaf(entry)
            case hub, "rescans" | "resets":
                self._deaf.pop(hub, None)
            case who, _ if badge := badge_of(who):
                self._badge(entry, badge)
            case _, "kept" if "badge" in facts:
                self._heard[int(str(facts["badge"]))] = entry.at_ms
        if entry.what == "kept" and entry.who == "desk" and "delivered" in facts["stages"]:  # type: ignore[operator]
            self._tests.pop(str(facts["alert"]), None)

    def _desk_connected(self, entry: Entry) -> None:
        up = entry.what == "link" and bool(entry.facts["up"])
        self._connected_ms = entry.at_ms if up else None

    def _grow_deaf(self, entry: Entry) -> None:
        hub = str(entry.facts["who"])
        since_ms = self._alive.get(hub)
        learned = since_ms is not None and entry.at_ms - since_ms > _LEARNS_MS
        if learned and self.story.ambient:
            self._deaf.setdefault(hub, entry.at_ms)

    def _badge(self, entry: Entry, badge: int) -> None:
        facts = entry.facts
        match entry.what:
            case "said" if facts["kind"] == "test" and facts["phase"] == "raised":
                self._tests.setdefault(key(badge, facts["event"]), entry.at_ms)
            case "said" if facts["kind"] not in ("test", "status"):
                self._forget_tests(badge)  # something else goes on, which the hand feels instead
            case "felt" if "failed" in facts["like"]:  # type: ignore[operator]
                self._forget_tests(badge)
            case "goes down" | "loses its cell":
                self._forget_tests(badge)

    def _forget_tests(self, badge: int) -> None:
        self._tests = {
            test: at_ms for test, at_ms in self._tests.items() if int(test.split("-")[0]) != badge
        }

    def _look(self, at_ms: int) -> None:
        if at_ms == self._looked_ms:
            return
        self._looked_ms = at_ms
        self._look_at_hubs(at_ms)
        for test, since_ms in tuple(self._tests.items()):
            if at_ms - since_ms > FAILED_MS + _HAND_SLACK_MS:
                del self._tests[test]
                self.breaks(at_ms, f"test {test} is not at the desk, and the hand felt no failure")

    def _look_at_hubs(self, at_ms: int) -> None:
        for hub, deaf_ms in tuple(self._deaf.items()):
            if at_ms - deaf_ms > RESTARTED_MS + _HUB_SLACK_MS:
                del self._deaf[hub]
                self.breaks(at_ms, f"{hub} is deaf, and its scan was not started again")
        if self._connected_ms is None:
            return
        for hub, dead_ms in tuple(self._dead.items()):
            known = hub in self._seen_ever
            since_ms = max(dead_ms, self._connected_ms)
            if known and at_ms - since_ms > NOTICED_MS + _DESK_SLACK_MS:
                del self._dead[hub]
                if self._seen.get(hub) == "online":
                    self.breaks(at_ms, f"{hub} is dead, and the desk shows it online")
