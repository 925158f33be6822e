"""2. No false comfort.

A badge says and lets feel a stage only once it is durably true: heard when a hub has the event
on disk, delivered when the desk has, acknowledged and resolved when a person did that and the
desk has it on disk.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, key

_STAGES = ("heard", "delivered", "acknowledged", "resolved")


class NoFalseComfort(Promise):
    """What a hand feels, and what a frame says, was true before."""

    number = 2
    title = "No false comfort"

    def _begin(self) -> None:
        self._true: dict[str, dict[str, int]] = {stage: {} for stage in _STAGES}
        self._current: dict[int, list[tuple[int, str]]] = {}

    def see(self, entry: Entry) -> None:
        facts = entry.facts
        match entry.who, entry.what:
            case who, "kept" if who != "desk" and facts["event"] is not None:
                self._is_true("heard", key(int(str(facts["badge"])), facts["event"]), entry.at_ms)
            case "desk", "kept":
                for stage in facts["stages"]:  # type: ignore[union-attr]
                    if stage in _STAGES:
                        self._is_true(str(stage), str(facts["alert"]), entry.at_ms)
            case who, "said" if badge := badge_of(who):
                event = key(badge, facts["event"])
                self._current.setdefault(badge, []).append((entry.at_ms, event))
                phase = str(facts["phase"])
                if phase in _STAGES and facts["kind"] != "status":
                    self._check(entry.at_ms, f"badge {badge} says", phase, event)
            case who, "felt" if badge := badge_of(who):
                self._feel(badge, int(str(facts["began"])), facts["like"])  # type: ignore[arg-type]

    def _feel(self, badge: int, began_ms: int, like: tuple[str, ...]) -> None:
        # One short is both `recognised` and `heard`: what the badge then says tells which.
        for stage in ("delivered", "acknowledged", "resolved"):
            if stage in like:
                events = [event for at_ms, event in self._current[badge] if at_ms <= began_ms]
                if not any(self._holds(stage, event, began_ms) for event in events[-8:]):
                    self.breaks(began_ms, f"badge {badge} lets feel {stage}, which is not true")

    def _is_true(self, stage: str, event: str, at_ms: int) -> None:
        self._true[stage].setdefault(event, at_ms)

    def _holds(self, stage: str, event: str, at_ms: int) -> bool:
        known = self._true[stage].get(event)
        return known is not None and known <= at_ms

    def _check(self, at_ms: int, who: str, stage: str, event: str) -> None:
        if not self._holds(stage, event, at_ms):
            self.breaks(at_ms, f"{who} {stage} of event {event}, which is not true")
