"""Events and phases: what the badge does. Pure: signals and times in, effects out.

The table of badge.phases is the heart of it; the class here numbers events, keeps
the journal, and says when to advertise what.
"""

from badge import signals
from badge.airtime import Airtime
from badge.journal import Journal
from badge.kept import Kept
from badge.orders import Orders
from badge.phases import (
    ALERT,
    BATTERY,
    CLOCK,
    CLOSE,
    COMMAND,
    CONNECTABLE,
    DOUBLE,
    EXPIRE,
    FAULT,
    FELT,
    FIX,
    GIVE_UP,
    GO_OFF,
    MAN_DOWN,
    MOTION,
    OPEN,
    SINGLE,
    SOS,
    STAGES,
    TICK,
    TRANSITIONS,
    UNANSWERED,
)
from badge.surroundings import Surroundings
from badge.visit import VisitTimer
from wire.command import OP_BUZZ, OP_RESOLVED, OP_TIME, OP_VISIT_TIMER, REPLY_BIT, Command
from wire.frame import (
    KIND_CHECK_IN,
    KIND_CHECK_OUT,
    KIND_GOING_OFF,
    KIND_MAN_DOWN,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_CANCELLED,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
    Report,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Effect = tuple[Any, ...]

# Effects: tuples that begin with one of these, to be carried out in order.
SAVE = 1  # journal
ADVERTISE = 2  # counter, report, interval_ms, connectable
QUIET = 3  # stop advertising
SIGNAL = 4  # pattern of signals
REPLY = 5  # command (opcode with REPLY_BIT)
SET_CLOCK = 6  # unix time in seconds
GNSS = 7  # whether the receiver is on
PROVEN = 8  # the peer whose command this was speaks for the desk now, not from a recording
SWITCH_OFF = 9

COUNTERS_RESERVED = 1024
CLOSING_MS = 10_000
FAIL_MS = 30_000
PENDING_MS = 30_000
SPENT_MS = 4_000  # longer than presses belong together
SEARCH_MS = 60_000  # for a fix that is wanted only because the last is old
FOREVER = 1 << 62


class Core:
    """One badge.

    heartbeat_ms, heartbeat_off_ms: between status reports on and off duty; covert: no
    light, no sound; fix_age_ms: look for a fix when the last is older, 0 = never;
    kept: what suspend() gave before a deep sleep of slept_ms.
    """

    def __init__(
        self,
        journal: Journal,
        heartbeat_ms: int = 60_000,
        heartbeat_off_ms: int = 600_000,
        covert: bool = True,
        drill: bool = False,
        fix_age_ms: int = 0,
        kept: "Kept | None" = None,
        slept_ms: int = 0,
    ) -> None:
        self._saved = journal
        self._fix_age_ms = fix_age_ms
        # Above whatever may have been sent before the reset.
        self._counter = journal.bound - 1
        self._bound = journal.bound
        self._event = journal.event
        self._kind = journal.kind
        self._phase = journal.phase
        self._visit = journal.visit
        self._reached = journal.phase  # the highest phase of this event that the wearer was told
        self._since = 0  # when the event was raised: the advertising schedule's zero
        self._phase_at = 0
        self._failed = False
        self._air = Airtime(heartbeat_ms, heartbeat_off_ms)
        self._gnss = False
        self._search_at = fix_age_ms or FOREVER
        self._search_until = 0
        self._spent_until = 0
        self._timer = VisitTimer()
        self._here = Surroundings(covert, drill)
        self._orders = Orders(journal.bound)
        if kept is not None:
            self._recall(kept, slept_ms)
        self._report = Report(KIND_STATUS, PHASE_IDLE, self._event)

    @property
    def phase(self) -> int:
        return self._phase

    @property
    def event(self) -> int:
        return self._event

    def start(
        self,
        now_ms: int,
        unix_s: "int | None" = None,
        fault: bool = False,
        battery: "tuple[int | None, bool]" = (None, False),
    ) -> "tuple[Effect, ...]":
        """After boot: the open event, if there is one, goes on at full speed.

        unix_s: the wall clock, None when it is not set; battery: percent, whether plugged in.
        """
        self._since = self._phase_at = now_ms
        self._air.report_soon(now_ms)
        self._here.fault = fault
        self._here.set_clock(now_ms, unix_s)
        return self.step(now_ms, BATTERY, battery)

    def step(self, now_ms: int, signal: int, argument: "Any" = None) -> "tuple[Effect, ...]":
        """What to do about a signal at now_ms (milliseconds, never backwards)."""
        effects: "list[Effect]" = []
        self._take(now_ms, signal, argument, effects)
        self._pass_time(now_ms, effects)
        self._speak(now_ms, effects)
        self._power_gnss(now_ms, effects)
        return tuple(effects)

    def deadline(self) -> int:
        """When step(TICK) is due at the latest."""
        searching = self._search_until if self._search_until else self._search_at
        return min(
            self._air.deadline(),
            self._timer.deadline(),
            searching,
            self._phase_deadline(),
            self._fail_deadline(),
        )

    # -- sleep --------------------------------------------------------------

    def may_sleep(self) -> bool:
        """Whether all that is left to do is wait for the deadline, a press or a movement."""
        quiet = self._phase == PHASE_IDLE and self._air.silent
        return quiet and not self._gnss and not self._here.charging

    def suspend(self, now_ms: int) -> Kept:
        """What a deep sleep must not lose, for memory that outlives it."""
        kept = Kept()
        kept.first = self._bound
        kept.counter = self._counter
        kept.event, kept.visit = self._event, self._visit
        kept.beats = self._air.beats
        kept.remind_ms, kept.over_ms = self._timer.left_ms(now_ms)
        kept.proven = self._orders.proven
        kept.answered = self._orders.answered
        kept.position = self._here.position
        kept.position_age_ms = now_ms - self._here.position_at
        kept.still_ms = self._here.still_ms(now_ms)
        kept.reserve = self._here.reserve.state
        return kept

    def _recall(self, kept: Kept, slept_ms: int) -> None:
        if not self._is_own(kept):
            return  # of another life: the journal knows better
        self._bound, self._counter = kept.first, kept.counter
        self._event, self._visit = kept.event, kept.visit
        self._phase = self._reached = PHASE_IDLE  # or it would not have slept
        self._air.beats = kept.beats
        self._here.reserve.state = kept.reserve
        self._timer.recall(kept.remind_ms, kept.over_ms, slept_ms)
        self._orders.proven = kept.proven
        self._orders.answered = kept.answered
        if kept.position is not None:
            self._here.locate(-kept.position_age_ms - slept_ms, kept.position)
        if kept.still_ms >= 0:
            self._here.move(-kept.still_ms - slept_ms, False)

    def _is_own(self, kept: Kept) -> bool:
        """Whether it goes on from the journal, or from what the flash should have taken since."""
        if kept.first == self._bound:
            return kept.counter < self._bound
        return self._bound <= kept.counter < kept.first

    # -- signals ------------------------------------------------------------

    def _take(self, now_ms: int, signal: int, argument: "Any", effects: "list[Effect]") -> None:
        here = self._here
        if signal == COMMAND:
            self._obey(now_ms, argument, effects)
        elif signal == FIX:
            self._search_until = 0
            if here.locate(now_ms, argument) and self._phase in OPEN:
                self._air.report_soon(now_ms)
        elif signal == CLOCK:
            here.set_clock(now_ms, argument)
        elif signal == BATTERY:
            self._charge(now_ms, argument, effects)
        elif signal == MOTION:
            here.move(now_ms, argument)
        elif signal == FAULT:
            self._tell_soon(now_ms, argument != here.fault)
            here.fault = argument
        elif signal == CONNECTABLE:
            self._air.set_connectable(argument)
        elif signal == GO_OFF and self._visit:
            pass  # by hand it is refused, as during an event
        elif signal != TICK:
            self._gesture(now_ms, signal, effects)

    def _charge(self, now_ms: int, argument: "Any", effects: "list[Effect]") -> None:
        percent, charging = argument
        self._tell_soon(now_ms, self._here.charge(percent, charging))
        if self._here.critical:
            self._gesture(now_ms, GO_OFF, effects)

    def _tell_soon(self, now_ms: int, worth: bool) -> None:
        if worth and self._phase == PHASE_IDLE:
            self._air.report_soon(now_ms)

    def _gesture(self, now_ms: int, signal: int, effects: "list[Effect]") -> None:
        if signal in (SINGLE, DOUBLE) and now_ms < self._spent_until:
            return  # the press that cancelled is not a test as well
        if self._phase in OPEN and TRANSITIONS[self._kind] is ALERT:
            self._press_during_alert(now_ms, signal, effects)
        elif signal == SOS:
            self._open(now_ms, KIND_SOS, PHASE_RAISED, effects)
        elif signal == MAN_DOWN:
            if not self._here.charging:
                self._open(now_ms, KIND_MAN_DOWN, PHASE_PENDING, effects)
        elif signal == DOUBLE:
            kind = KIND_CHECK_OUT if self._visit else KIND_CHECK_IN
            self._visit = not self._visit
            self._timer.stop()
            self._open(now_ms, kind, PHASE_RAISED, effects)
        elif self._phase not in OPEN:
            if signal == SINGLE:
                self._open(now_ms, KIND_TEST, PHASE_RAISED, effects)
            elif signal == GO_OFF:
                self._open(now_ms, KIND_GOING_OFF, PHASE_RAISED, effects)

    def _press_during_alert(self, now_ms: int, signal: int, effects: "list[Effect]") -> None:
        if signal == SOS and self._phase != PHASE_PENDING:
            # A wearer who calls again is told where the call stands, and heard faster.
            self._kind = KIND_SOS
            self._since = now_ms
            self._air.report_soon(now_ms)
            self._save(effects)
            effects.append((SIGNAL, FELT[self._phase]))
        else:
            if signal == SOS:
                self._kind = KIND_SOS
            self._move(now_ms, signal, effects)
            if self._phase == PHASE_CANCELLED:
                self._spent_until = now_ms + SPENT_MS

    def _obey(self, now_ms: int, command: Command, effects: "list[Effect]") -> None:
        if not self._orders.admits(command, self._counter):
            return
        phase = self._phase
        stage = command.opcode <= OP_RESOLVED
        taken = self._take_stage if stage else self._take_order
        if not taken(now_ms, command, effects):
            return
        if self._orders.proves(command, moved=phase != self._phase):
            effects.append((PROVEN,))
        effects.append((REPLY, Command(self._counter, self._event, command.opcode | REPLY_BIT)))

    def _take_stage(self, now_ms: int, command: Command, effects: "list[Effect]") -> bool:
        """Whether the wearer was told this stage, now or before."""
        if command.event != self._event:
            return False
        self._move(now_ms, command.opcode, effects)
        return STAGES[command.opcode] <= self._reached < PHASE_CANCELLED

    def _take_order(self, now_ms: int, command: Command, effects: "list[Effect]") -> bool:
        """Time, buzz and visit timer."""
        if not self._orders.is_newer(command):
            return False
        opcode = command.opcode
        if opcode == OP_TIME:
            self._here.set_clock(now_ms, command.number())
            effects.append((SET_CLOCK, command.number()))
        elif opcode == OP_BUZZ:
            effects.append((SIGNAL, signals.buzz(command.number())))
        elif opcode == OP_VISIT_TIMER:
            self._timer.set(now_ms, command.number())
        return True

    # -- events -------------------------------------------------------------

    def _open(self, now_ms: int, kind: int, phase: int, effects: "list[Effect]") -> None:
        self._event = self._event % 0xFFFF + 1
        self._kind = kind
        self._since = now_ms
        self._failed = False
        self._enter(now_ms, phase, effects)

    def _move(self, now_ms: int, signal: int, effects: "list[Effect]") -> None:
        phase = TRANSITIONS[self._kind].get((self._phase, signal))
        if phase is not None:
            if phase == PHASE_RAISED:
                self._since = now_ms
            self._enter(now_ms, phase, effects)

    def _enter(self, now_ms: int, phase: int, effects: "list[Effect]") -> None:
        self._phase = phase
        if phase != PHASE_IDLE:
            self._reached = phase
        self._phase_at = now_ms
        self._air.begin(now_ms)
        self._save(effects)  # before anybody hears or feels it
        if phase in FELT:
            effects.append((SIGNAL, FELT[phase]))
        if phase == PHASE_IDLE and self._kind == KIND_GOING_OFF:
            effects.append((SWITCH_OFF,))

    def _pass_time(self, now_ms: int, effects: "list[Effect]") -> None:
        if now_ms >= self._phase_deadline():
            self._move(now_ms, EXPIRE if self._phase == PHASE_PENDING else CLOSE, effects)
        if now_ms >= self._fail_deadline():
            self._failed = True
            effects.append((SIGNAL, signals.FAILED))
            self._move(now_ms, GIVE_UP, effects)
        reminder = self._timer.step(now_ms)
        if reminder != signals.NONE:
            effects.append((SIGNAL, reminder))

    def _phase_deadline(self) -> int:
        """When the phase ends by itself."""
        if self._phase == PHASE_PENDING:
            return self._phase_at + PENDING_MS
        if (self._phase, CLOSE) in TRANSITIONS[self._kind]:
            return self._phase_at + CLOSING_MS
        return FOREVER

    def _fail_deadline(self) -> int:
        """When the wearer must be told that a test or check in was not delivered."""
        if self._failed or self._phase not in UNANSWERED or TRANSITIONS[self._kind] is ALERT:
            return FOREVER
        return self._since + FAIL_MS

    # -- the air ------------------------------------------------------------

    def _speak(self, now_ms: int, effects: "list[Effect]") -> None:
        idle = self._phase == PHASE_IDLE
        if self._air.fall_silent(now_ms):
            effects.append((QUIET,))
        if self._air.report(now_ms, idle, self._visit or self._here.on_duty(now_ms)):
            self._compose(now_ms, idle, effects)
        if self._air.pace(self._phase, now_ms - self._since):
            interval_ms, connectable = self._air.interval_ms, self._air.connectable(self._phase)
            effects.append((ADVERTISE, self._counter, self._report, interval_ms, connectable))

    def _compose(self, now_ms: int, idle: bool, effects: "list[Effect]") -> None:
        self._counter += 1
        if self._counter >= self._bound:
            self._bound = self._counter + COUNTERS_RESERVED
        self._save(effects)
        kind = KIND_STATUS if idle else self._kind
        tell_position = self._phase in OPEN or self._visit
        self._report = self._here.report(now_ms, kind, self._phase, self._event, tell_position)

    def _save(self, effects: "list[Effect]") -> None:
        journal = Journal(self._bound, self._event, self._kind, self._phase, self._visit)
        if journal != self._saved:
            self._saved = journal
            effects.append((SAVE, journal))

    def _power_gnss(self, now_ms: int, effects: "list[Effect]") -> None:
        if now_ms >= self._search_at:
            self._search_at = now_ms + self._fix_age_ms
            self._search_until = now_ms + SEARCH_MS
        if now_ms >= self._search_until:
            self._search_until = 0
        wanted = self._visit or self._phase in OPEN or self._search_until > 0
        if wanted != self._gnss:
            self._gnss = wanted
            effects.append((GNSS, wanted))
