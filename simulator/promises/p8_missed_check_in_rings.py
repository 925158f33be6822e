"""8. A missed check-in rings by itself, with badge, phone and gateway all dead.

A visit whose check in came to the desk, and which no later check out of the badge ended, rings at
the desk once its time and the grace after it are over. A desk whose clock is set while it is away
cannot know how long that was: it goes on from where it was.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Promise, badge_of, whole, words
from simulator.scenario.duration import milliseconds

#: After its start a desk waits a little for a check out that is on its way.
_SETTLE_MS = 20_000
_SLACK_MS = 20_000
#: So far back may be what a desk last kept of its time.
_KEPT_MS = 60_000


class MissedCheckInRings(Promise):
    """The timers live at the desk."""

    number = 8
    title = "A missed check-in rings by itself"

    def _begin(self) -> None:
        self._length_ms = milliseconds(self.story.desk.visit) + milliseconds(self.story.desk.grace)
        self._due: dict[tuple[int, int], int] = {}  # of each check in, by badge and event
        self._known: set[tuple[int, int]] = set()
        self._latest: dict[int, int] = {}  # check in or out that the badge has said
        self._up = False
        self._died_ms = 0
        self._clock_set_ms: int | None = None

    def see(self, entry: Entry) -> None:
        match entry.who, entry.what:
            case "desk", "started":
                self._up = True
                lost_ms = self._lost(entry.at_ms)
                late_ms = entry.at_ms + _SETTLE_MS + _SLACK_MS
                self._due = {visit: max(due + lost_ms, late_ms) for visit, due in self._due.items()}
            case "desk", "killed":
                self._up, self._died_ms = False, entry.at_ms
            case "story", "has the clock set" if entry.facts["who"] == "desk":
                self._clock_set_ms = entry.at_ms
            case who, "said" if badge := badge_of(who):
                if entry.facts["kind"] in ("check_in", "check_out"):
                    self._say(badge, whole(entry, "event"))
            case "desk", "kept" if entry.facts["kind"] == "check_in":
                self._check_in(entry, _visit(entry))
            case "desk", "shows" if entry.facts["waits"]:
                self._due.pop(_visit(entry), None)
        self._look(entry.at_ms)

    def _lost(self, at_ms: int) -> int:
        """The time that a desk which starts now cannot know of: its clock was set meanwhile, or so
        shortly before its death that it had not kept that."""
        away_ms = at_ms - self._died_ms + _KEPT_MS
        was_set = self._clock_set_ms is not None and at_ms - self._clock_set_ms <= away_ms
        return away_ms if was_set else 0

    def _say(self, badge: int, event: int) -> None:
        """A later check in or out ends a visit, should it come to the desk or not."""
        self._latest[badge] = max(event, self._latest.get(badge, 0))
        self._due = {
            visit: due for visit, due in self._due.items() if visit[0] != badge or visit[1] >= event
        }

    def _check_in(self, entry: Entry, visit: tuple[int, int]) -> None:
        """Each begins one visit, when the desk first keeps it."""
        over = visit in self._known or "resolved" in words(entry, "stages")
        if not over and visit[1] >= self._latest.get(visit[0], 0):
            self._due[visit] = entry.at_ms + self._length_ms + _SLACK_MS
        self._known.add(visit)

    def _look(self, at_ms: int) -> None:
        for visit, due_ms in tuple(self._due.items()) if self._up else ():
            if at_ms > due_ms:
                del self._due[visit]
                name = "-".join(map(str, visit))
                self.breaks(at_ms, f"the visit of check in {name} is long over, and nothing rings")


def _visit(entry: Entry) -> tuple[int, int]:
    badge, event = str(entry.facts["alert"]).split("-")
    return int(badge), int(event)
