"""2. No false comfort.

A badge says and lets feel a stage only once it is durably true: heard when a hub has the event
on disk, delivered when the desk has, acknowledged and resolved when a person did that and the
desk has it on disk. Who is called is told of a drill that it is one, and of nothing else.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, key, whole, words

#: In the order of the opcodes: what a hand feels later was true before.
_STAGES = ("heard", "delivered", "acknowledged", "resolved")
_OF_A_PERSON = {"acknowledge": "acknowledged", "resolve": "resolved"}
#: What is felt belongs to an event that the badge has said so long ago at most: patterns wait for
#: each other.
_FELT_MS = 8_000


class NoFalseComfort(Promise):
    """What a hand feels, and what a frame says, was true before."""

    number = 2
    title = "No false comfort"

    def _begin(self) -> None:
        self._kept: dict[tuple[str, str], int] = {}  # stage and event: on disk since when
        self._answered: set[tuple[str, str]] = set()  # stage and event: a person did that
        wearers = enumerate(self.story.wearers, 1)
        self._drills = {number for number, wearer in wearers if wearer.drill}
        self._current: dict[int, dict[str, int]] = {}  # of each badge: when it said which event

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case "desk", "kept":
                for stage in words(entry, "stages"):
                    self._kept.setdefault((stage, str(facts["alert"])), entry.at_ms)
            case _, "kept" if facts["event"] is not None:
                event = key(whole(entry, "badge"), facts["event"])
                self._kept.setdefault(("heard", event), entry.at_ms)
            case _, "tries" if facts["to"] in _OF_A_PERSON:
                self._answered.add((_OF_A_PERSON[str(facts["to"])], str(facts["alert"])))
            case "desk", "calls" if "drill" in facts:
                self._call(entry, bool(facts["drill"]))
            case who, "said" if badge := badge_of(who):
                self._say(entry, badge, key(badge, facts["event"]))
            case who, "felt" if badge := badge_of(who):
                self._feel(badge, whole(entry, "began"), words(entry, "like"))

    def _holds(self, stage: str, event: str, at_ms: int) -> bool:
        kept_ms = self._kept.get((stage, event))
        done = stage not in _OF_A_PERSON.values() or (stage, event) in self._answered
        return done and kept_ms is not None and kept_ms <= at_ms

    def _call(self, entry: Entry, drill: bool) -> None:
        alert, contact = str(entry.facts["alert"]), entry.facts["contact"]
        if (int(alert.split("-", maxsplit=1)[0]) in self._drills) != drill:
            told = "a drill" if drill else "no drill"
            self.breaks(entry.at_ms, f"{contact} is told that alert {alert} is {told}, not true")

    def _say(self, entry: Entry, badge: int, event: str) -> None:
        self._current.setdefault(badge, {})[event] = entry.at_ms
        phase = str(entry.facts["phase"])
        stage = phase in _STAGES and entry.facts["kind"] != "status"
        if stage and not self._holds(phase, event, entry.at_ms):
            self.breaks(entry.at_ms, f"badge {badge} says {phase} of event {event}, not true")

    def _feel(self, badge: int, began_ms: int, like: tuple[str, ...]) -> None:
        # One short is both `recognised` and `heard`: what the badge then says tells which.
        for stage in set(_STAGES[1:]).intersection(like):
            said = self._current.get(badge, {}).items()
            events = [event for event, at_ms in said if at_ms > began_ms - _FELT_MS]
            if not any(self._holds(stage, event, began_ms) for event in events):
                self.breaks(began_ms, f"badge {badge} lets feel {stage}, not true")
