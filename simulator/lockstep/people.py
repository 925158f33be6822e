"""Who presses and who answers: wearers with a thumb, supervisors with patience."""

from collections.abc import Callable

from simulator.lockstep.agenda import Agenda
from simulator.lockstep.badge import Badge
from simulator.lockstep.log import Log
from simulator.world.draws import Draws

HOLD_MS = 1_900  # longer than a badge asks for: people wait for the buzz
CLICK_MS = 120
PAUSE_MS = 260
BOUNCES_MS = (0, 3, 4, 9, 11)  # closes, opens, ... of a worn switch
FELT_WITHIN_MS = 6_000
TRIES = 4
_ANSWERS = ("recognised", "heard", "delivered", "acknowledged")


class Wearer:
    """One person with a badge. Who holds the button and feels nothing, holds it again."""

    def __init__(self, name: str, badge: Badge, agenda: Agenda, log: Log) -> None:
        self.name = name
        self.badge = badge
        self.bounces = False
        self._agenda = agenda
        self._log = log
        self._felt_ms = -1
        self._stuck = False

    def feel(self, names: tuple[str, ...]) -> None:
        """The hand feels something."""
        if any(name in _ANSWERS for name in names):
            self._felt_ms = self._agenda.now_ms

    def hold(self, tries: int = TRIES) -> None:
        """A call for help."""
        self._log.note(self.name, "holds the button", badge=self.badge.number)
        self._down(self._agenda.now_ms, HOLD_MS)
        self._agenda.after(FELT_WITHIN_MS, self._again, self._agenda.now_ms, tries - 1)

    def click(self, times: int) -> None:
        """So many short presses in a row."""
        self._log.note(self.name, "presses", badge=self.badge.number, times=times)
        for at in range(times):
            self._down(self._agenda.now_ms + at * (CLICK_MS + PAUSE_MS), CLICK_MS)

    def fall(self) -> None:
        """Falls, and lies."""
        self._log.note(self.name, "falls", badge=self.badge.number)
        self.badge.body.fall(self._agenda.now_ms)
        self.badge.plan()

    def stick(self, for_ms: int) -> None:
        """The button hangs, down."""
        self._log.note(self.name, "has the button down", badge=self.badge.number)
        self._stuck = True
        self.badge.press(down=True)
        self._agenda.after(for_ms, self._loosen)

    def _loosen(self) -> None:
        self._stuck = False
        self.badge.press(down=False)

    def _again(self, held_ms: int, tries: int) -> None:
        if self._felt_ms < held_ms and tries > 0:
            self.hold(tries)

    def _down(self, at_ms: int, for_ms: int) -> None:
        edges = BOUNCES_MS if self.bounces else (0,)
        for begin_ms, level in ((at_ms, True), (at_ms + for_ms, False)):
            for number, edge_ms in enumerate(edges):
                down = level if number % 2 == 0 else not level
                self._agenda.at(begin_ms + edge_ms, self._press, down)

    def _press(self, down: bool) -> None:
        if not self._stuck:
            self.badge.press(down=down)


class Supervisor:
    """Somebody at the desk, who answers what calls for a person.

    ask: looks at, acknowledges or resolves an alert at the desk; False when it could not be.
    """

    def __init__(
        self, agenda: Agenda, log: Log, draws: Draws, ask: Callable[[str, str], bool]
    ) -> None:
        self.awake = True
        self._agenda = agenda
        self._log = log
        self._draws = draws.under("supervisor")
        self._ask = ask
        self._seen: set[str] = set()
        self._taken: set[str] = set()

    def see(self, alert: str, *, waits: bool, over: bool) -> None:
        """The screen shows an alert: whether it waits for a person, or is over."""
        if over:
            self._seen.discard(alert)
            self._taken.discard(alert)
        elif waits and alert not in self._seen:
            self._seen.add(alert)
            self._later(8, 40, "looks", alert, self._look)

    def wake(self, waiting: "list[str]") -> None:
        """Back at the desk, before a screen with these alerts."""
        self.awake = True
        for alert in waiting:
            self._later(3, 15, "looks", alert, self._look)

    def called(self, alert: str, by: str) -> None:
        """A contact whom the desk called takes the alert."""
        if alert not in self._taken and self._do("acknowledge", alert, by):
            self._later(60, 180, "ends", alert, self._end)

    def _look(self, alert: str) -> None:
        """Who is it, and where? And then a moment to think."""
        if not self.awake or alert in self._taken:
            return
        if self._ask("look", alert):
            self._log.note("supervisor", "looks", alert=alert)
        self._later(2, 20, "thinks", alert, self._take)

    def _take(self, alert: str) -> None:
        if not self.awake or alert in self._taken:
            return
        if self._do("acknowledge", alert, "supervisor"):
            self._later(60, 180, "ends", alert, self._end)
        else:
            self._agenda.after(5_000, self._take, alert)

    def _end(self, alert: str) -> None:
        if not self._do("resolve", alert, "supervisor"):
            self._agenda.after(5_000, self._end, alert)

    def _do(self, what: str, alert: str, by: str) -> bool:
        self._log.note(by, "tries", to=what, alert=alert)
        done = self._ask(what, alert)
        if done:
            self._log.note(by, what, alert=alert)
        if done and what == "acknowledge":  # the screen has shown by now what an end has changed
            self._taken.add(alert)
        return done

    def _later(
        self, least_s: int, most_s: int, why: str, alert: str, call: Callable[[str], object]
    ) -> None:
        pause_s = self._draws.between(least_s, most_s, why, alert, self._agenda.now_ms)
        self._agenda.after(int(pause_s * 1_000), call, alert)
