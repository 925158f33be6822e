"""5. Silence is noticed.

Within 90 s supervisors see that a hub is dead, cut off, or has a radio that hears nothing, and that
the desk cannot reach the broker; a desk that was away counts from when it is back. A badge whose
battery is out is shown as silent once three heartbeats are missing. A scanner that hears nothing
where there is something to hear is started again within 15 s. A test press that does not come to
the desk fails in the hand.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, key, states, whole, words
from simulator.scenario.duration import milliseconds

NOTICED_MS = 90_000
RESTARTED_MS = 15_000
FAILED_MS = 30_000
MISSED_HEARTBEATS = 3
#: A heartbeat may be lost on the air: so long a desk waits before it says that one is missing.
_MARGIN_MS = 30_000
#: What the thinned ticks of a run may add: 10 s at an idle desk, 1 s at an idle hub.
_DESK_SLACK_MS, _HUB_SLACK_MS, _HAND_SLACK_MS = 11_000, 2_000, 12_000
#: So long a hub learns how much there is to hear, and a desk how often a badge speaks.
_LEARNS_MS, _LEARNS_BEATS = 60_000, 2
#: Of a story's faults: what each does to whom. Ways may be in one condition only.
_RADIO = ("goes deaf", "hangs its adapter", "loses its adapter")
_WAY = {"is cut": True, "swallows": True, "is slow": False}
_BROKER = ("stops", "crashes", "is wiped")


class SilenceIsNoticed(Promise):
    """What does not speak is seen."""

    number = 5
    title = "Silence is noticed"

    def _begin(self) -> None:
        self._since: dict[str, int] = {}  # process that runs, or link that is up: since when
        self._gone: dict[tuple[str, str], int] = {}  # who, and why: since when
        self._deaf: dict[str, int] = {}  # hub whose scan must be started again
        self._unhearing: set[str] = set()  # hubs whose radio has a trouble, noticed or not
        self._tests: dict[str, int] = {}
        self._at_desk: set[str] = set()
        self._statuses: dict[int, set[int]] = {}  # counters of a badge's heartbeats
        self._beats: dict[int, int] = {}  # how many of them came to a hub in a life of the desk
        self._off: set[int] = set()  # badges that said that they go off
        self._broker_seen = False
        self._hubs_seen: dict[str, str] = {}
        self._silent_seen: set[str] = set()
        self._at_ms = 0
        self._silence_ms = MISSED_HEARTBEATS * milliseconds(self.story.heartbeat) + _MARGIN_MS

    def see(self, entry: Entry) -> None:
        if entry.at_ms > self._at_ms:
            self._at_ms = entry.at_ms
            self._judge(entry.at_ms)
        facts = entry.facts
        match entry.who, entry.what:
            case "story", "is over":
                self._mend(entry.at_ms, str(facts["who"]), str(facts["what"]))
            case "story", what:
                self._break(entry.at_ms, str(facts["who"]), what)
            case "desk", "sees":
                self._broker_seen = bool(facts["broker"])
                self._hubs_seen |= states(entry, "gateways")
                self._silent_seen = set(words(entry, "silent"))
            case "desk", "kept" if "delivered" in words(entry, "stages"):
                self._at_desk.add(str(facts["alert"]))
                self._tests.pop(str(facts["alert"]), None)
            case who, "started" | "killed" | "link":
                self._process(entry, who)
            case hub, "rescans" | "resets" | "hears again":
                self._deaf.pop(hub, None)
                if entry.what == "hears again":
                    self._hears(entry.at_ms, hub)
            case who, _ if badge := badge_of(who):
                self._badge(entry, badge)
            case _, "kept" if "counter" in facts:
                badge = whole(entry, "badge")
                if whole(entry, "counter") in self._statuses.get(badge, ()):
                    self._beats[badge] = self._beats.get(badge, 0) + 1

    # -- what happens -------------------------------------------------------

    def _break(self, at_ms: int, who: str, what: str) -> None:
        if what in _RADIO and who not in self._unhearing:
            self._unhearing.add(who)
            self._gone[who, "deaf"] = at_ms
            if self._has_learned(who, at_ms) and what != "loses its adapter":
                self._deaf[who] = at_ms
        elif _WAY.get(what):
            self._gone.setdefault((who, "cut off"), at_ms)
        elif what in _WAY:
            self._gone.pop((who, "cut off"), None)
        elif what in _BROKER:
            self._gone.setdefault((who, "dead"), at_ms)

    def _mend(self, at_ms: int, who: str, what: str) -> None:
        if what in _RADIO:
            self._hears(at_ms, who)
        elif what in _WAY:
            self._gone.pop((who, "cut off"), None)
        elif what in _BROKER:
            self._gone.pop((who, "dead"), None)

    def _hears(self, at_ms: int, hub: str) -> None:
        self._gone.pop((hub, "deaf"), None)
        self._deaf.pop(hub, None)
        self._unhearing.discard(hub)
        self._since[f"ears of {hub}"] = at_ms

    def _process(self, entry: Entry, who: str) -> None:
        if entry.what == "link":
            self._since.pop(f"link of {who}", None)
            if entry.facts["up"]:
                self._since[f"link of {who}"] = entry.at_ms
            return
        self._deaf.pop(who, None)
        self._since.pop(f"link of {who}", None)
        if entry.what == "killed":
            self._since.pop(who, None)
            self._since.pop(f"ears of {who}", None)
            self._gone[who, "dead"] = entry.at_ms
        else:
            self._since[who] = self._since[f"ears of {who}"] = entry.at_ms
            self._gone.pop((who, "dead"), None)
        if who == "desk":  # which knows of whom it had learned the rhythm
            self._beats = {one: n for one, n in self._beats.items() if n >= _LEARNS_BEATS}

    def _badge(self, entry: Entry, badge: int) -> None:
        kind, phase = entry.facts.get("kind"), entry.facts.get("phase")
        match entry.what:
            case "said" if kind == "status":
                self._off.discard(badge)
                self._statuses.setdefault(badge, set()).add(whole(entry, "counter"))
            case "said" if kind == "going_off":
                self._off.add(badge)  # it has said so: nobody need be told that it is silent
                self._forget_tests(badge)
            case "said" if kind != "test":
                self._forget_tests(badge)  # something else goes on, which the hand feels instead
            case "said" if phase == "raised" and key(badge, entry.facts["event"]) in self._at_desk:
                pass  # the badge does not know that yet
            case "said" if phase == "raised":
                self._tests.setdefault(key(badge, entry.facts["event"]), entry.at_ms)
            case "felt" if "failed" in words(entry, "like"):
                self._forget_tests(badge)
            case "goes down":
                self._forget_tests(badge)
            case "loses its cell":
                self._forget_tests(badge)
                if self._beats.get(badge, 0) >= _LEARNS_BEATS and badge not in self._off:
                    self._gone[f"badge {badge}", "silent"] = entry.at_ms
            case "gets a cell":
                self._gone.pop((f"badge {badge}", "silent"), None)

    def _forget_tests(self, badge: int) -> None:
        self._tests = {
            test: at_ms for test, at_ms in self._tests.items() if int(test.split("-")[0]) != badge
        }

    def _has_learned(self, hub: str, at_ms: int) -> bool:
        return self.story.ambient and at_ms - self._since.get(f"ears of {hub}", at_ms) > _LEARNS_MS

    # -- what must have been noticed ----------------------------------------

    def _judge(self, at_ms: int) -> None:
        for (who, why), since_ms in tuple(self._gone.items()):
            self._judge_one(at_ms, who, why, since_ms)
        for hub, deaf_ms in tuple(self._deaf.items()):
            if at_ms - deaf_ms > RESTARTED_MS + _HUB_SLACK_MS:
                del self._deaf[hub]
                self.breaks(at_ms, f"{hub} is deaf, and its scan was not started again")
        for test, raised_ms in tuple(self._tests.items()):
            if at_ms - raised_ms > FAILED_MS + _HAND_SLACK_MS:
                del self._tests[test]
                self.breaks(at_ms, f"test {test} is not at the desk, and the hand felt no failure")

    def _judge_one(self, at_ms: int, who: str, why: str, since_ms: int) -> None:
        if who == "desk" and why == "dead":
            return  # nobody has a screen to see it on
        needed: tuple[str, ...] = (
            ("desk",) if who in ("desk", "broker") else ("desk", "link of desk")
        )
        if why == "deaf":
            needed += (f"link of {who}",)
            if not self._has_learned(who, since_ms):
                return
        counted_ms = max(since_ms, *(self._since.get(one, at_ms) for one in needed))
        limit_ms = self._silence_ms if why == "silent" else NOTICED_MS
        if at_ms - counted_ms <= limit_ms + _DESK_SLACK_MS:
            return
        del self._gone[who, why]
        if not self._noticed(who, why):
            self.breaks(at_ms, f"{who} is {why}, and the desk does not show it")

    def _noticed(self, who: str, why: str) -> bool:
        if why == "silent":
            return who.removeprefix("badge ") in self._silent_seen
        if who in ("desk", "broker"):
            return not self._broker_seen
        return self._hubs_seen.get(who) != "online"
