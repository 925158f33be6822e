"""From the desk to the hand: which command is written to which badge, and when. Pure.

A badge has at most one write under way. Of the stages that are wanted, only
the furthest is written, until the badge itself shows it or the command
expires. A gateway that hears the badge badly holds back: a better placed one
is likely to be faster, and then the badge's own phase ends the wish.
"""

from collections.abc import Collection, Iterator
from math import inf

from gateway.addressee import RETRY_MAX_MS, Addressee, Wish
from gateway.contract.messages import CommandMessage, CommandResult, encode, rfc3339
from gateway.contract.topics import Topics
from gateway.intake import Accepted
from gateway.ordered import STAGE_PHASES
from gateway.reports import is_open
from gateway.steps import (
    Await,
    ClockMoved,
    Commit,
    Committed,
    Disconnect,
    Done,
    Effect,
    Heard,
    Input,
    Keep,
    LinkChanged,
    Ordered,
    Put,
    Replied,
    Restored,
    Row,
    Tick,
    Urgency,
    WriteCommand,
    WriteFailed,
)
from wire.command import OP_TIME, REPLY_BIT

RETRY_FIRST_MS = 300
MAX_WISHES = 32  # a badge


class Orders:
    """Every badge's wishes: the desk's commands, our own `heard`, and the time."""

    def __init__(
        self,
        gateway: str,
        topics: Topics,
        row_ids: Iterator[int],
        badges: Collection[int],
        restored: Restored,
        buttons: Collection[int] = (),
    ) -> None:
        self._gateway = gateway
        self._topics = topics
        self._row_ids = row_ids
        self._up = False
        self._registered = frozenset(badges)
        self._buttons = frozenset(buttons)
        self._badges: dict[int, Addressee] = {}  # those with something to know
        self._restless: dict[int, None] = {}  # those that are looked at each tick
        self._kept = restored.commands
        for awaited in restored.awaiting:
            self._committed(awaited)

    def due_ms(self, now_ms: int) -> float:
        """When a tick may bring anything, if nothing happens until then; infinity: never."""
        return min((self._badges[one].due_ms(now_ms) for one in self._restless), default=inf)

    def renew(self, badges: Collection[int], buttons: Collection[int]) -> None:
        """The registry has other numbers now."""
        self._registered, self._buttons = frozenset(badges), frozenset(buttons)

    def step(self, now_ms: int, happened: Input) -> tuple[Effect, ...]:
        """What to do about one input."""
        if self._kept:
            self._take_up(now_ms)
        effects: tuple[Effect, ...] = ()
        match happened:
            case Heard():
                effects = self._heard(now_ms, happened)
            case Committed():
                touched = {self._committed(change) for change in happened.changes}
                effects = self._next_of(now_ms, touched)
            case Ordered():
                effects = self._ordered(now_ms, happened.message)
            case Replied():
                effects = self._replied(now_ms, happened)
            case WriteFailed():
                effects = self._write_failed(now_ms, self._badges[happened.badge])
            case LinkChanged():
                self._up = happened.up
                effects = self._next_of(now_ms, tuple(self._restless))
            case ClockMoved():
                for badge in self._badges.values():
                    badge.clock_moved(happened.by_ms)
            case Tick():
                effects = self._next_of(now_ms, tuple(self._restless))
            case _:
                pass
        return effects

    def _heard(self, now_ms: int, heard: Heard) -> tuple[Effect, ...]:
        hearing = heard.hearing
        if hearing.badge not in self._registered:
            return ()  # a button
        badge, report = self._addressee(hearing.badge), hearing.report
        # Anybody may repeat a frame from an address of his own: whoever said it first is meant.
        if isinstance(hearing, Accepted) or badge.failures or not badge.in_range(now_ms):
            badge.address = heard.address
        badge.rssi, badge.seen_ms = heard.rssi, now_ms
        badge.counter, badge.time_valid = hearing.counter, report.minute is not None
        badge.show(hearing.counter, report.event, report.phase)
        return self._next(now_ms, badge)

    def _committed(self, change: object) -> int:
        """The badge whose open event is on disk now; 0: no such change."""
        if isinstance(change, Await) and change.badge in self._registered:
            self._addressee(change.badge).durable_event = change.event
            return change.badge
        return 0

    def _addressee(self, number: int) -> Addressee:
        badge = self._badges.get(number)
        if badge is None:
            badge = self._badges[number] = Addressee(number)
        return badge

    def _take_up(self, now_ms: int) -> None:
        """Commands of an earlier run arrive, as it were, with the first input of this one."""
        for message in self._kept:
            badge = self._addressee(message.badge)
            badge.wishes[message.id] = Wish.of(now_ms, message)
            self._restless[message.badge] = None
        self._kept = ()

    def _ordered(self, now_ms: int, message: CommandMessage) -> tuple[Effect, ...]:
        if message.badge in self._buttons:
            return self._refuse(now_ms, message, "a button cannot take commands")
        if message.badge not in self._registered:
            return self._refuse(now_ms, message, "this gateway's registry has no such badge")
        badge = self._addressee(message.badge)
        if message.id in badge.wishes:
            return ()
        badge.wishes[message.id] = Wish.of(now_ms, message)
        effects: tuple[Effect, ...] = (Commit((Keep(message.id, encode(message)),)),)
        if len(badge.wishes) > MAX_WISHES:
            # What the desk says now goes before what it said long ago.
            oldest = next(iter(badge.wishes.values())).message
            effects += self._finish(now_ms, badge, oldest, f"{MAX_WISHES} later commands wait")
        return effects + self._next(now_ms, badge)

    def _replied(self, now_ms: int, replied: Replied) -> tuple[Effect, ...]:
        badge, reply = self._badges[replied.badge], replied.command
        opcode = reply.opcode & ~REPLY_BIT
        badge.busy, badge.connected, badge.failures = False, True, 0
        # Should its frames go on to deny what the reply said, it is told again, but not at once.
        badge.not_before_ms = now_ms + RETRY_FIRST_MS
        if opcode == OP_TIME:
            badge.time_told_ms = now_ms
        if opcode in STAGE_PHASES:
            badge.show(reply.counter, reply.event, STAGE_PHASES[opcode])
            return self._next(now_ms, badge)
        taken = [one for one, _ in badge.wishes.values() if one.opcode.number == opcode]
        effects = self._finish(now_ms, badge, taken[0], None) if taken else ()
        return effects + self._next(now_ms, badge)

    def _write_failed(self, now_ms: int, badge: Addressee) -> tuple[Effect, ...]:
        badge.busy, badge.connected = False, False
        delay_ms = min(RETRY_MAX_MS, RETRY_FIRST_MS << min(badge.failures, 8))
        badge.failures += 1
        badge.not_before_ms = now_ms + delay_ms
        return self._next(now_ms, badge)

    def _next_of(self, now_ms: int, numbers: Collection[int]) -> tuple[Effect, ...]:
        effects: tuple[Effect, ...] = ()
        for number in numbers:
            if number in self._badges:
                effects += self._next(now_ms, self._badges[number])
        return effects

    def _next(self, now_ms: int, badge: Addressee) -> tuple[Effect, ...]:
        """Settle what is over, then write the next wish, or let go."""
        effects = self._decide(now_ms, badge)
        if badge.restless:
            self._restless[badge.number] = None
        else:
            self._restless.pop(badge.number, None)
        return effects

    def _decide(self, now_ms: int, badge: Addressee) -> tuple[Effect, ...]:
        effects = self._settle(now_ms, badge) if badge.wishes else ()
        if badge.busy:
            return effects
        command = badge.wanted(now_ms)
        if command is None:
            return effects + self._let_go(badge)
        badge.hold_back(now_ms, (command.event, command.opcode))
        if not badge.may_write(now_ms):
            return effects
        badge.busy = True
        return (*effects, WriteCommand(badge.number, badge.address, command))

    def _settle(self, now_ms: int, badge: Addressee) -> tuple[Effect, ...]:
        effects: tuple[Effect, ...] = ()
        for message, deadline_ms in tuple(badge.wishes.values()):
            stage = STAGE_PHASES.get(message.opcode.number)
            if stage is not None and badge.phase_of(message.event) >= stage:
                effects += self._finish(now_ms, badge, message, None)
            elif deadline_ms <= now_ms:
                effects += self._finish(now_ms, badge, message, badge.excuse(now_ms, message))
        return effects

    def _let_go(self, badge: Addressee) -> tuple[Effect, ...]:
        # Held without the desk's reach, a connection would shut other gateways out.
        if badge.connected and not (self._up and is_open(badge.phase)):
            badge.connected = False
            return (Disconnect(badge.number),)
        return ()

    def _finish(
        self, now_ms: int, badge: Addressee, message: CommandMessage, reason: str | None
    ) -> tuple[Effect, ...]:
        del badge.wishes[message.id]
        return self._refuse(now_ms, message, reason)

    def _refuse(
        self, now_ms: int, message: CommandMessage, reason: str | None
    ) -> tuple[Effect, ...]:
        """The command's end: its result instead of it, in one commit. reason: None when taken."""
        result = CommandResult(
            id=message.id,
            badge=message.badge,
            event=message.event,
            opcode=message.opcode,
            gateway=self._gateway,
            taken=reason is None,
            at=rfc3339(now_ms),
            reason=reason,
        )
        topic = self._topics.result(message.badge, self._gateway)
        row = Row(next(self._row_ids), Urgency.RESULT, message.badge, topic, encode(result))
        return (Commit((Done(message.id), Put(row))),)
