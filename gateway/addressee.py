"""A badge as its orders see it: what it shows, what is wanted of it, and when to write. Pure."""

from math import inf
from typing import NamedTuple

from gateway.contract.messages import CommandMessage, Opcode, unix_ms
from gateway.intake import CLOCK_SET_MS
from gateway.ordered import STAGE_PHASES, to_command
from wire.command import OP_TIME, Command
from wire.frame import PHASE_HEARD, PHASE_IDLE, PHASE_RAISED

LOUD_DBM = -60
HOLD_BACK_MS_PER_DB = 25
HOLD_BACK_MAX_MS = 1000
RETRY_MAX_MS = 5000
IN_RANGE_MS = 3000
TELL_TIME_EVERY_MS = 60_000
STAGE_LIFE_MS = 60_000
MAX_LIFE_MS = 86_400_000


class Wish(NamedTuple):
    """A command of the desk, and when to give up, by the clock as it was set at arrival."""

    message: CommandMessage
    deadline_ms: int

    @classmethod
    def of(cls, now_ms: int, message: CommandMessage) -> "Wish":
        """A command that arrives now.

        A clock may be wrong by years, and a stage that comes late does no harm: it is
        tried for a while whatever the clock says. Nothing is tried for ever.
        """
        left_ms = unix_ms(message.expires_at) - now_ms
        if message.opcode.number in STAGE_PHASES:
            left_ms = max(STAGE_LIFE_MS, left_ms)
        return cls(message, now_ms + min(MAX_LIFE_MS, left_ms))


class Addressee:
    """What is known of a badge, and what is wanted of it."""

    __slots__ = (
        "address",
        "busy",
        "connected",
        "counter",
        "durable_event",
        "event",
        "failures",
        "held",
        "not_before_ms",
        "number",
        "phase",
        "rssi",
        "seen_ms",
        "shown_at",
        "time_told_ms",
        "time_valid",
        "wishes",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.wishes: dict[str, Wish] = {}
        self.address = ""
        self.rssi = 0
        self.seen_ms: int | None = None
        self.counter = 0
        self.shown_at = -1  # the frame counter of the badge's latest word
        self.event = 0
        self.phase = PHASE_IDLE
        self.time_valid = True
        self.time_told_ms: int | None = None
        self.durable_event: int | None = None
        self.connected = False
        self.busy = False
        self.failures = 0
        self.not_before_ms = 0
        self.held: tuple[int, int] | None = None

    @property
    def restless(self) -> bool:
        """Whether it may need something though nothing is heard of it."""
        return bool(self.wishes) or self.connected or self.phase == PHASE_RAISED

    def due_ms(self, now_ms: int) -> float:
        """When time alone changes what to do about it; infinity: never."""
        due = [wish.deadline_ms for wish in self.wishes.values()]
        if not self.busy:
            if now_ms < self.not_before_ms:
                due.append(self.not_before_ms)
            if self.connected and not self.time_valid and self.time_told_ms is not None:
                due.append(max(now_ms, self.time_told_ms + TELL_TIME_EVERY_MS))
        return min(due, default=inf)

    def clock_moved(self, by_ms: int) -> None:
        """The host's clock was set by so much: what was soon stays soon."""
        self.not_before_ms += by_ms
        self.seen_ms = None if self.seen_ms is None else self.seen_ms + by_ms
        self.time_told_ms = None if self.time_told_ms is None else self.time_told_ms + by_ms
        for name, wish in self.wishes.items():
            self.wishes[name] = wish._replace(deadline_ms=wish.deadline_ms + by_ms)

    def show(self, counter: int, event: int, phase: int) -> None:
        """Take up what the badge itself shows; a frame from before its reply undoes nothing."""
        if counter > self.shown_at:
            self.shown_at, self.event, self.phase = counter, event, phase
        elif event == self.event:
            self.phase = max(self.phase, phase)

    def phase_of(self, event: int) -> int:
        return self.phase if event == self.event else PHASE_IDLE

    def wanted(self, now_ms: int) -> Command | None:
        """The next command to write, if the badge may be written to at all."""
        if self.seen_ms is None:
            return None
        return self._stage() or self._other(now_ms) or self._time(now_ms)

    def _stage(self) -> Command | None:
        stages = [
            wish.message
            for wish in self.wishes.values()
            if wish.message.opcode.number in STAGE_PHASES and wish.message.event == self.event
        ]
        if stages:
            furthest = max(stages, key=lambda message: message.opcode.number)
            return to_command(furthest, self.counter, 0)
        if self.phase == PHASE_RAISED and self.event == self.durable_event:
            return Command(self.counter, self.event, Opcode.HEARD.number)
        return None

    def _other(self, now_ms: int) -> Command | None:
        for message, _ in self.wishes.values():
            names_no_time = message.opcode is Opcode.TIME and message.argument is None
            if message.opcode.number in STAGE_PHASES or (names_no_time and now_ms < CLOCK_SET_MS):
                continue
            return to_command(message, self.counter, now_ms)
        return None

    def _time(self, now_ms: int) -> Command | None:
        told = self.time_told_ms is not None and now_ms - self.time_told_ms < TELL_TIME_EVERY_MS
        awaits_stage = self.phase in (PHASE_RAISED, PHASE_HEARD)  # which must not find it busy
        if self.time_valid or told or awaits_stage or not self.connected or now_ms < CLOCK_SET_MS:
            return None
        return Command(self.counter, self.event, OP_TIME, (now_ms // 1000).to_bytes(4, "little"))

    def hold_back(self, now_ms: int, wish: tuple[int, int]) -> None:
        """Start the wait of a wish that is new: the weaker the signal, the longer."""
        if wish == self.held:
            return
        self.held, self.failures = wish, 0
        weaker_db = 0 if self.connected else max(0, LOUD_DBM - self.rssi)
        self.not_before_ms = now_ms + min(HOLD_BACK_MAX_MS, weaker_db * HOLD_BACK_MS_PER_DB)

    def may_write(self, now_ms: int) -> bool:
        waits = 0 < self.not_before_ms - now_ms <= RETRY_MAX_MS
        return not waits and (self.connected or self.in_range(now_ms))

    def in_range(self, now_ms: int) -> bool:
        """Whether it was heard just now."""
        return self.seen_ms is not None and abs(now_ms - self.seen_ms) < IN_RANGE_MS

    def excuse(self, now_ms: int, message: CommandMessage) -> str:
        """Why a command expired."""
        if not self.in_range(now_ms):
            return "expired: the badge was not in range"
        if message.opcode.number in STAGE_PHASES and message.event != self.event:
            return "expired: the badge is at another event"
        return "expired: the badge did not take it"
