"""When people are called, when the siren sounds, and when that ends. Pure.

An event is in the dark while nobody has taken it and the desk does not have it,
or the broker is away. What is in the dark for too long is called out, again and
again, until that ends (docs/architecture.md).
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from gateway.alarm.calls import Calls
from gateway.alarm.case import Case, Key, concerns, ends, sight, worse
from gateway.alarm.elapsed import Elapsed
from gateway.alarm.options import AlarmOptions
from gateway.alarm.patterns import State, lamp_state
from gateway.alarm.restored import cases
from gateway.alarm.wording import Wording
from gateway.contract.messages import CommandMessage, Opcode, Phase, Report
from gateway.contract.topics import Topics
from gateway.intake import Accepted
from gateway.reports import to_message
from gateway.steps import (
    Call,
    Called,
    CallOff,
    Commit,
    Effect,
    Heard,
    Input,
    LinkChanged,
    Ordered,
    Restored,
    Silenced,
    Sound,
    Tick,
    Unwatch,
    Watch,
)

PENDING_MS = 60_000  # as at the desk: a badge that broke in the fall can raise nothing more
NEAR_MS = 600_000  # what the desk has concerns a hub while it hears the badge
_NEVER = 1 << 62
_STAGES = (Opcode.DELIVERED, Opcode.ACKNOWLEDGED, Opcode.RESOLVED)
_DELIVERED, _TAKEN = 1, 2


class Means(NamedTuple):
    """What there is to call with: so many targets of notifications, and a siren or none."""

    targets: int
    siren: bool


class Setting(NamedTuple):
    """What an alarm is to do, and with what."""

    options: AlarmOptions
    means: Means


class Alarm:
    """The alarm of one gateway. restored: what an earlier run left on disk."""

    def __init__(
        self,
        gateway: str,
        topics: Topics,
        row_ids: Iterator[int],
        restored: Restored,
        setting: Setting,
    ) -> None:
        options, means = setting
        self._gateway = gateway
        self._options = options
        self._means = means
        self._calls = Calls(gateway, topics, row_ids, means.targets)
        self._wording = Wording(gateway, options.names, with_position=options.position)
        self._after_ms = round(options.after_s * 1000)
        self._repeat_ms = round(options.repeat_s * 1000)
        self._elapsed = Elapsed()
        self._clock_ms = 0
        self._up = False
        self._restored = cases(restored)
        self._cases: dict[Key, Case] = {}
        self._due_ms: dict[Key, int] = {}  # of what is in the dark, by `_elapsed`
        self._heard_ms: dict[Key, int] = {}  # when the badge last showed it, by `_elapsed`
        self._sound_ms: dict[Key, int] = {}  # until when the siren sounds for it
        self._stages: dict[int, tuple[int, int]] = {}  # badge: event, how far the desk has it
        self._sounding = False

    def step(self, now_ms: int, happened: Input) -> tuple[Effect, ...]:
        """What to do about one input at a time in unix ms."""
        self._clock_ms = self._elapsed.at(now_ms)
        self._resume(now_ms)
        effects: tuple[Effect, ...] = ()
        match happened:
            case Heard():
                effects = self._heard(now_ms, happened)
            case Ordered():
                effects = self._ordered(happened.message)
            case LinkChanged():
                effects = self._link_changed(happened.up)
            case Called():
                effects = self._called(happened)
            case Silenced():
                effects = self._silenced()
            case Tick():
                effects = self._call_due(now_ms)
            case _:
                pass
        return (*effects, *self._siren())

    def lamp(self, *, deaf: bool) -> State:
        """What the lamp shows. deaf: no radio hears what it should."""
        options = self._options.lamp
        covert = options is not None and options.covert
        alarm = any(
            self._calls.stands(case) and not case.silenced and (covert or not case.covert)
            for case in self._cases.values()
        )
        return lamp_state(alarm=alarm, deaf=deaf, up=self._up)

    def _resume(self, now_ms: int) -> None:
        restored, self._restored = self._restored, ()
        for case in restored:
            self._cases[case.key] = case
            self._due_ms[case.key] = self._clock_ms + self._left_ms(case, now_ms)

    def _left_ms(self, case: Case, now_ms: int) -> int:
        """How long a case of an earlier run may still wait; the clock may have been set since."""
        if case.standing and (case.silenced or (case.reached and not case.rule.repeats)):
            return _NEVER
        if case.delivered:
            return self._after_ms
        wait_ms = self._repeat_ms if case.reached else self._wait_ms(case)
        passed_ms = now_ms - (case.called_ms if case.reached else case.heard_ms)
        return max(0, wait_ms - passed_ms) if passed_ms >= 0 else 0

    def _wait_ms(self, case: Case) -> int:
        return self._after_ms if case.raised or case.delivered else self._after_ms + PENDING_MS

    def _heard(self, now_ms: int, heard: Heard) -> tuple[Effect, ...]:
        if not isinstance(heard.hearing, Accepted):
            return ()
        report = to_message(heard.hearing, self._gateway, now_ms, heard.rssi)
        return (*self._moved_on(report), *self._told(now_ms, report))

    def _moved_on(self, report: Report) -> tuple[Effect, ...]:
        """A badge in another event shows that those which the desk has are over."""
        return tuple(
            effect
            for key, case in list(self._cases.items())
            if key[0] == report.badge and key[1] != report.event
            if case.delivered
            for effect in self._end(key)
        )

    def _told(self, now_ms: int, report: Report) -> tuple[Effect, ...]:
        key = (report.badge, report.event)
        old = self._cases.get(key)
        if ends(old, report):
            if report.phase is not Phase.CANCELLED:
                self._stages[report.badge] = (report.event, _TAKEN)
            return self._end(key)
        if not concerns(report) or self._stage(key) >= _TAKEN:
            return ()
        self._heard_ms[key] = self._clock_ms
        new = sight(old, report, now_ms)
        return self._keep(replace(new, delivered=new.delivered or self._stage(key) > 0))

    def _stage(self, key: Key) -> int:
        """How far the desk has brought an event, as far as was heard: 0, delivered, or taken."""
        event, stage = self._stages.get(key[0], (0, 0))
        return stage if event == key[1] else 0

    def _ordered(self, message: CommandMessage) -> tuple[Effect, ...]:
        if message.opcode not in _STAGES:
            return ()
        key = (message.badge, message.event)
        stage = _DELIVERED if message.opcode is Opcode.DELIVERED else _TAKEN
        self._stages[message.badge] = (message.event, max(stage, self._stage(key)))
        if stage == _TAKEN:
            return self._end(key)
        case = self._cases.get(key)
        return () if case is None else self._keep(replace(case, delivered=True))

    def _link_changed(self, up: bool) -> tuple[Effect, ...]:
        self._up = up
        return tuple(effect for case in list(self._cases.values()) for effect in self._keep(case))

    def _keep(self, new: Case) -> tuple[Effect, ...]:
        """Keep what is known now of a case, and see whether it is in the dark."""
        key, old = new.key, self._cases.get(new.key)
        if new.delivered and (new.place is not None or not new.rule.repeats):
            return self._end(key, taken=False)
        effects: tuple[Effect, ...] = ()
        if new.delivered and self._up:
            self._due_ms.pop(key, None)
            new, effects = self._part(new, taken=False)
        else:
            due_ms = self._clock_ms + self._wait_ms(new)
            known_ms = self._due_ms.get(key, due_ms)
            sooner = old is not None and worse(old, new)
            self._due_ms[key] = min(known_ms, due_ms) if sooner else known_ms
        self._cases[key] = new
        return effects if new == old else (Commit((_watch(new),)), *effects)

    def _end(self, key: Key, *, taken: bool = True) -> tuple[Effect, ...]:
        case = self._cases.pop(key, None)
        if case is None:
            return ()
        self._due_ms.pop(key, None)
        self._heard_ms.pop(key, None)
        return (Commit((Unwatch(*key),)), *self._part(case, taken=taken)[1])

    def _part(self, case: Case, *, taken: bool) -> tuple[Case, tuple[Effect, ...]]:
        """Call off what was called, if it was, and tell the desk of it."""
        self._sound_ms.pop(case.key, None)
        if not self._calls.stands(case):
            return case, ()
        case, notices = self._calls.part(case)
        words = self._wording.call_off(case, taken=taken)
        return case, (Commit(notices), CallOff(*case.key, words))

    def _call_due(self, now_ms: int) -> tuple[Effect, ...]:
        due = [key for key, due_ms in self._due_ms.items() if due_ms <= self._clock_ms]
        return tuple(effect for key in due for effect in self._call(now_ms, self._cases[key]))

    def _call(self, now_ms: int, case: Case) -> tuple[Effect, ...]:
        key = case.key
        if case.delivered and self._clock_ms - self._heard_ms.get(key, -NEAR_MS) >= NEAR_MS:
            return self._end(key, taken=False)
        sounds = self._sounds(case)
        self._due_ms[key] = self._clock_ms + self._repeat_ms if case.rule.repeats else _NEVER
        call = self._calls.begin(case, now_ms)
        told = replace(case, broker=self._up, siren=case.siren or sounds, silenced=False)
        effects = self._keep(told)
        if not self._means.targets:
            return (*effects, *self._called(Called(*key, call, 0, last=True)))
        return (*effects, Call(*key, call, self._wording.call(told, call, up=self._up)))

    def _sounds(self, case: Case) -> bool:
        options = self._options.siren
        if options is None or not self._means.siren or not case.rule.siren or case.delivered:
            return False
        if case.covert and not options.covert:
            return False
        self._sound_ms[case.key] = self._clock_ms + round(options.sound_s * 1000)
        return True

    def _called(self, called: Called) -> tuple[Effect, ...]:
        old = self._cases.get((called.badge, called.event))
        if old is None:
            late = self._calls.took_late(called)
            return (Commit(late),) if late else ()
        new, notices = self._calls.took(old, called)
        notices += self._calls.took_late(called)
        self._cases[old.key] = new
        changes = notices if new == old else (_watch(new), *notices)
        return (Commit(changes),) if changes else ()

    def _silenced(self) -> tuple[Effect, ...]:
        """Whoever stands at the hub knows now of what was called out; of what comes later, not."""
        effects: tuple[Effect, ...] = ()
        for key, case in list(self._cases.items()):
            if self._calls.stands(case) and not case.silenced:
                self._due_ms[key] = _NEVER
                self._sound_ms.pop(key, None)
                effects += self._keep(replace(case, silenced=True))
        return effects

    def _siren(self) -> tuple[Effect, ...]:
        wanted = any(until_ms > self._clock_ms for until_ms in self._sound_ms.values())
        if wanted == self._sounding:
            return ()
        self._sounding = wanted
        return (Sound(wanted),)


def _watch(case: Case) -> Watch:
    return Watch(case.badge, case.event, msgspec.json.encode(case))
