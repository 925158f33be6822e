"""Events and phases: what the badge does. Pure: signals and times in, effects out.

The table of badge.phases is the heart of it; the class here numbers events, keeps
the journal, and says when to advertise what.
"""

from badge import signals
from badge.journal import Journal
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
    MAN_DOWN,
    OPEN,
    SINGLE,
    SOS,
    STAGES,
    TICK,
    TRANSITIONS,
    UNANSWERED,
)
from wire.command import (
    COUNTER_WINDOW,
    OP_BUZZ,
    OP_RESOLVED,
    OP_TIME,
    OP_VISIT_TIMER,
    REPLY_BIT,
    Command,
)
from wire.frame import (
    KIND_CHECK_IN,
    KIND_CHECK_OUT,
    KIND_MAN_DOWN,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_CANCELLED,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
    Fix,
    Report,
    accuracy_code,
    age_code,
    minute_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Effect = tuple[Any, ...]

# Effects: tuples that begin with one of these, to be carried out in order.
SAVE = 1  # journal
ADVERTISE = 2  # counter, report, interval_ms, connectable
QUIET = 3  # stop advertising
VIBRATE = 4  # pattern of signals
REPLY = 5  # command (opcode with REPLY_BIT)
SET_CLOCK = 6  # unix time in seconds
GNSS = 7  # whether the receiver is on
PROVEN = 8  # the peer whose command this was speaks for the desk now, not from a recording

COUNTERS_RESERVED = 1024
REFRESH_MS = 5_000
CLOSING_MS = 10_000
FAIL_MS = 30_000
PENDING_MS = 30_000
BURST_MS = 350  # three advertisements
BURST_INTERVAL_MS = 100
WINDOW_MS = 2_000
WINDOW_EVERY = 10  # heartbeats
FOREVER = 1 << 62


class Core:
    """One badge. heartbeat_ms: between status reports; covert: no light, no sound."""

    def __init__(
        self, journal: Journal, heartbeat_ms: int = 60_000, covert: bool = True, drill: bool = False
    ) -> None:
        self._journal = journal
        self._saved = journal
        self._heartbeat_ms = heartbeat_ms
        self._covert = covert
        self._drill = drill
        # Above whatever may have been sent before the reset.
        self._first = journal.bound
        self._counter = self._first - 1
        self._bound = journal.bound
        self._event = journal.event
        self._kind = journal.kind
        self._phase = journal.phase
        self._visit = journal.visit
        self._since = 0  # when the event was raised: the advertising schedule's zero
        self._phase_at = 0
        self._failed = False
        self._frame_at = 0  # when the next report is due
        self._quiet_at = FOREVER
        self._beats = 0
        self._interval_ms = 0
        self._connectable = True
        self._fix: "tuple[int, int, int | None] | None" = None
        self._fix_at = 0
        self._unix_at_0: "int | None" = None
        self._battery: "int | None" = None
        self._charging = False
        self._fault = False
        self._gnss = False
        self._remind_at = FOREVER
        self._reached = journal.phase  # the highest phase of this event that the wearer was told
        # Counters that commands answered; of frames before this start, none counts any more.
        self._proven = self._counter
        self._answered: "dict[int, int]" = {}
        self._report = Report(KIND_STATUS, PHASE_IDLE, self._event)

    @property
    def phase(self) -> int:
        return self._phase

    @property
    def event(self) -> int:
        return self._event

    def start(
        self, now_ms: int, unix_s: "int | None" = None, fault: bool = False
    ) -> "tuple[Effect, ...]":
        """After boot: the open event, if there is one, goes on at full speed.

        unix_s: the wall clock, None when it is not set.
        """
        self._since = self._phase_at = self._frame_at = now_ms
        self._fault = fault
        self._unix_at_0 = None if unix_s is None else unix_s - now_ms // 1000
        return self.step(now_ms, TICK)

    def step(self, now_ms: int, signal: int, argument: "Any" = None) -> "tuple[Effect, ...]":
        """What to do about a signal at now_ms (milliseconds, never backwards)."""
        effects: "list[Effect]" = []
        self._take(now_ms, signal, argument, effects)
        self._pass_time(now_ms, effects)
        self._speak(now_ms, effects)
        self._power_gnss(effects)
        return tuple(effects)

    def deadline(self) -> int:
        """When step(TICK) is due at the latest."""
        return min(
            self._frame_at,
            self._quiet_at,
            self._remind_at,
            self._phase_deadline(),
            self._fail_deadline(),
        )

    # -- signals ------------------------------------------------------------

    def _take(self, now_ms: int, signal: int, argument: "Any", effects: "list[Effect]") -> None:
        if signal == COMMAND:
            self._obey(now_ms, argument, effects)
        elif signal == FIX:
            first = self._fix is None and self._phase in OPEN
            self._fix, self._fix_at = argument, now_ms
            if first:
                self._frame_at = now_ms
        elif signal == CLOCK:
            self._unix_at_0 = argument - now_ms // 1000
        elif signal == BATTERY:
            self._battery, self._charging = argument
        elif signal == FAULT:
            self._fault = argument
        elif signal == CONNECTABLE:
            if argument != self._connectable:
                self._connectable = argument
                self._interval_ms = 0  # the same report again, with the new type
        elif signal != TICK:
            self._gesture(now_ms, signal, effects)

    def _gesture(self, now_ms: int, signal: int, effects: "list[Effect]") -> None:
        alerting = self._phase in OPEN and TRANSITIONS[self._kind] is ALERT
        if alerting:
            self._press_during_alert(now_ms, signal, effects)
        elif signal == SOS:
            self._open(now_ms, KIND_SOS, PHASE_RAISED, effects)
        elif signal == MAN_DOWN:
            self._open(now_ms, KIND_MAN_DOWN, PHASE_PENDING, effects)
        elif signal == DOUBLE:
            kind = KIND_CHECK_OUT if self._visit else KIND_CHECK_IN
            self._visit = not self._visit
            self._open(now_ms, kind, PHASE_RAISED, effects)
        elif signal == SINGLE and self._phase not in OPEN:
            self._open(now_ms, KIND_TEST, PHASE_RAISED, effects)

    def _press_during_alert(self, now_ms: int, signal: int, effects: "list[Effect]") -> None:
        if signal == SOS and self._phase != PHASE_PENDING:
            # A wearer who calls again is told where the call stands, and heard faster.
            self._kind = KIND_SOS
            self._since = self._frame_at = now_ms
            self._save(effects)
            effects.append((VIBRATE, FELT[self._phase]))
        else:
            if signal == SOS:
                self._kind = KIND_SOS
            self._move(now_ms, signal, effects)

    def _obey(self, now_ms: int, command: Command, effects: "list[Effect]") -> None:
        if not 0 <= self._counter - command.counter <= COUNTER_WINDOW:
            return
        if command.opcode & REPLY_BIT:
            return  # a reply of ours, sent back at us
        before = (self._event, self._phase)
        stage = command.opcode <= OP_RESOLVED
        taken = self._take_stage if stage else self._take_order
        if not taken(now_ms, command, effects):
            return
        if command.counter > self._proven or before != (self._event, self._phase):
            self._proven = max(self._proven, command.counter)
            effects.append((PROVEN,))
        effects.append((REPLY, Command(self._counter, self._event, command.opcode | REPLY_BIT)))

    def _take_stage(self, now_ms: int, command: Command, effects: "list[Effect]") -> bool:
        """Whether the wearer was told this stage, now or before."""
        if command.event != self._event:
            return False
        self._move(now_ms, command.opcode, effects)
        return STAGES[command.opcode] <= self._reached < PHASE_CANCELLED

    def _take_order(self, now_ms: int, command: Command, effects: "list[Effect]") -> bool:
        """Time, buzz and visit timer, each for a newer frame than the one before: no recording."""
        opcode = command.opcode
        if command.counter <= self._answered.get(opcode, self._first - 1):
            return False
        self._answered[opcode] = command.counter
        if opcode == OP_TIME:
            self._unix_at_0 = command.number() - now_ms // 1000
            effects.append((SET_CLOCK, command.number()))
        elif opcode == OP_BUZZ:
            effects.append((VIBRATE, signals.ATTENTION))
        elif opcode == OP_VISIT_TIMER:
            minutes = command.number()
            self._remind_at = now_ms + minutes * 60_000 if minutes else FOREVER
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
        self._frame_at = now_ms
        self._quiet_at = FOREVER
        self._save(effects)  # before anybody hears or feels it
        if phase in FELT:
            effects.append((VIBRATE, FELT[phase]))

    def _pass_time(self, now_ms: int, effects: "list[Effect]") -> None:
        if now_ms >= self._phase_deadline():
            self._move(now_ms, EXPIRE if self._phase == PHASE_PENDING else CLOSE, effects)
        if now_ms >= self._fail_deadline():
            self._failed = True
            effects.append((VIBRATE, signals.FAILED))
            self._move(now_ms, GIVE_UP, effects)
        if now_ms >= self._remind_at:
            self._remind_at = FOREVER
            effects.append((VIBRATE, signals.REMINDER))

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
        if now_ms >= self._quiet_at:
            self._quiet_at = FOREVER
            self._interval_ms = 0
            effects.append((QUIET,))
        idle = self._phase == PHASE_IDLE
        interval_ms = BURST_INTERVAL_MS if idle else self._interval(now_ms)
        if now_ms >= self._frame_at:
            self._new_frame(now_ms, idle, effects)
        elif interval_ms == self._interval_ms or (idle and self._quiet_at == FOREVER):
            return
        self._interval_ms = interval_ms
        window = not idle or self._beats % WINDOW_EVERY == 0
        effects.append(
            (ADVERTISE, self._counter, self._report, interval_ms, window and self._connectable)
        )

    def _new_frame(self, now_ms: int, idle: bool, effects: "list[Effect]") -> None:
        self._counter += 1
        if self._counter >= self._bound:
            self._bound = self._counter + COUNTERS_RESERVED
        self._save(effects)
        self._report = self._compose(now_ms)
        if idle:
            self._beats += 1
            self._frame_at = now_ms + self._heartbeat_ms
            window = self._beats % WINDOW_EVERY == 0
            self._quiet_at = now_ms + (WINDOW_MS if window else BURST_MS)
        else:
            self._frame_at = now_ms + REFRESH_MS

    def _interval(self, now_ms: int) -> int:
        if self._phase not in UNANSWERED:
            return 250
        raised_ms = now_ms - self._since
        return 20 if raised_ms < 30_000 else 100 if raised_ms < 300_000 else 250

    def _compose(self, now_ms: int) -> Report:
        idle = self._phase == PHASE_IDLE
        shown = self._fix if self._phase in OPEN or self._visit else None
        fix = None
        if shown is not None:
            latitude, longitude, accuracy_m = shown
            age_s = (now_ms - self._fix_at) // 1000
            fix = Fix(latitude, longitude, age_code(age_s), accuracy_code(accuracy_m))
        return Report(
            KIND_STATUS if idle else self._kind,
            self._phase,
            self._event,
            self._battery,
            self._charging,
            fix,
            self._covert,
            self._drill,
            False,
            self._fault,
            None if self._unix_at_0 is None else minute_of(self._unix_at_0 + now_ms // 1000),
        )

    def _save(self, effects: "list[Effect]") -> None:
        journal = Journal(self._bound, self._event, self._kind, self._phase, self._visit)
        if journal != self._saved:
            self._saved = journal
            effects.append((SAVE, journal))

    def _power_gnss(self, effects: "list[Effect]") -> None:
        wanted = self._visit or self._phase in OPEN
        if wanted != self._gnss:
            self._gnss = wanted
            effects.append((GNSS, wanted))
