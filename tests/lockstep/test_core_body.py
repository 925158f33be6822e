"""A badge as its core alone does exactly what the firmware in its VM does, in sleep and awake."""

import heapq
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.keys import block_cipher, command_key, mask_key, seal_key
from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.lockstep.acts import (
    Act,
    Advertises,
    Body,
    Boots,
    Drops,
    Listens,
    Moves,
    Notifies,
    Silent,
    Sleeps,
    Stops,
    Told,
)
from simulator.lockstep.core_body import CoreBody
from simulator.lockstep.core_life import BOOT_MS, Keys, Settings
from simulator.lockstep.vm_body import VmBody
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from wire.command import (
    OP_ACKNOWLEDGED,
    OP_BUZZ,
    OP_DELIVERED,
    OP_HEARD,
    OP_RESOLVED,
    OP_TIME,
    OP_VISIT_TIMER,
    Command,
    seal_command,
)
from wire.frame import (
    KIND_CHECK_IN,
    KIND_GOING_OFF,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_ACKNOWLEDGED,
    PHASE_DELIVERED,
    PHASE_HEARD,
    PHASE_IDLE,
    PHASE_RAISED,
)

UNIX_S = 1_796_119_200
_COMMANDS = block_cipher(command_key(BADGE_KEY))
_ARGUMENTS = {
    OP_ACKNOWLEDGED: b"\5",
    OP_TIME: (UNIX_S + 500).to_bytes(4, "little"),
    OP_BUZZ: b"\1",
    OP_VISIT_TIMER: b"\2\0",
}


class Done(NamedTuple):
    at_ms: int
    act: Act


class Hold(NamedTuple):
    """The thumb is on the button for so many ms."""

    ms: int


class Clicks(NamedTuple):
    """So many presses, and a pause in ms between each and the next."""

    times: int
    pause_ms: int


class Link(NamedTuple):
    """A hub connects as soon as it can, writes these commands, and lets go after so many ms.

    stale: answers no frame of the badge.
    """

    opcodes: tuple[int, ...]
    stale: bool
    stays_ms: int


class Flood(NamedTuple):
    """A stranger connects and says nothing."""


class Cell(NamedTuple):
    millivolts: int


class Fix(NamedTuple):
    """The receiver says where it is, for so many seconds, or that it does not know."""

    found: bool
    seconds: int


class Reset(NamedTuple):
    brown_out: bool


class Off(NamedTuple):
    """The cell is out for so many ms."""

    ms: int


class Crash(NamedTuple):
    pass


Step = Hold | Clicks | Link | Flood | Cell | Fix | Reset | Off | Crash
Script = list[tuple[int, Step]]
Work = Callable[[int], object]


class Bench:
    """One body, and what a script does to it and sees of it."""

    def __init__(self, body: Body, ear: Ear) -> None:
        self.body = body
        self.done: list[Done] = []
        self._ear = ear
        self._order = count()
        self._coming: list[tuple[int, int, Work]] = []
        self._speaks: Advertises | None = None
        self._listens_ms: int | None = None  # since when
        self._links: set[int] = set()
        self._awake = False
        self._nonces = 0

    def play(self, script: Script, until_ms: int) -> list[Done]:
        at_ms = 0
        for pause_ms, step in script:
            at_ms += pause_ms
            self._soon(at_ms, partial(self._do, step))
        while self._next_ms <= until_ms:
            now_ms = int(self._next_ms)
            while self._coming and self._coming[0][0] <= now_ms:
                heapq.heappop(self._coming)[2](now_ms)
            for act in self.body.run(now_ms):
                self._see(now_ms, act)
        return self.done

    @property
    def _next_ms(self) -> float:
        coming_ms = self._coming[0][0] if self._coming else float("inf")
        return min(self.body.due_ms, coming_ms)

    def _soon(self, at_ms: int, work: Work) -> None:
        heapq.heappush(self._coming, (at_ms, next(self._order), work))

    def _see(self, now_ms: int, act: Act) -> None:
        match act:
            case Advertises(interval_ms, connectable, payload, _):
                act = self._speaks = Advertises(interval_ms, connectable, payload)
            case Silent():
                self._speaks = None
            case Boots() | Sleeps() | Stops():
                self._go_down()
                self._awake = isinstance(act, Boots)
            case Drops(number):
                self._soon(now_ms + 30, partial(self._unlink, number))
            case Notifies(number, _):
                act = Notifies(number, b"")  # each with a nonce of its own
            case Listens(on):
                self._listens_ms = now_ms if on else None
        self.done.append(Done(now_ms, act))
        if isinstance(act, Stops):
            self._soon(now_ms + 300, partial(self._do, Reset(False)))

    def _do(self, step: Step, now_ms: int) -> None:
        match step:
            case Hold(ms):
                self._press(now_ms, ms)
            case Clicks(times, pause_ms):
                for at in range(times):
                    self._press(now_ms + at * (100 + pause_ms), 100)
            case Link(opcodes, stale, stays_ms):
                self._link(now_ms, opcodes, stale, stays_ms)
            case Flood():
                self._link(now_ms, (), False, 20_000)
            case Cell(millivolts):
                self.body.cell(now_ms, millivolts)
            case Fix(found, seconds):
                self._fix(now_ms, found, seconds)
            case Reset(brown_out):
                self._go_down()
                self.body.reset(now_ms, brown_out=brown_out)
            case Off(ms):
                self._go_down()
                self.body.power_off(now_ms)
                self._soon(now_ms + ms, self.body.power_on)
            case Crash() if self._awake:
                self.body.crash(now_ms)

    def _press(self, at_ms: int, for_ms: int) -> None:
        self._soon(at_ms, partial(self.body.press, down=True))
        self._soon(at_ms + for_ms, partial(self.body.press, down=False))

    def _link(self, now_ms: int, opcodes: tuple[int, ...], stale: bool, stays_ms: int) -> None:
        if self._speaks is None or not self._speaks.connectable or self._links:
            return
        self._links.add(0)
        self.body.connect(now_ms, 0)
        for at, opcode in enumerate(opcodes, 1):
            self._soon(now_ms + 300 * at, partial(self._write, opcode, stale))
        self._soon(now_ms + stays_ms, partial(self._unlink, 0))

    def _write(self, opcode: int, stale: bool, now_ms: int) -> None:
        if self._speaks is None or not self._links:
            return
        heard = self._ear.hear(self._speaks.payload)
        counter = heard.counter + 5_000 if stale else heard.counter
        command = Command(counter, heard.report.event, opcode, _ARGUMENTS.get(opcode, b""))
        self._nonces += 1
        nonce = self._nonces.to_bytes(13, "little")
        self.body.write(now_ms, 0, seal_command(_COMMANDS, 0, nonce, command))

    def _unlink(self, number: int, now_ms: int) -> None:
        if number in self._links:
            self._links.discard(number)
            self.body.disconnect(now_ms, number)

    def _fix(self, now_ms: int, found: bool, seconds: int) -> None:
        """A receiver speaks each second, from a second after it got its power."""
        power_ms = self._listens_ms
        if power_ms is not None:
            first_ms = now_ms - (now_ms - power_ms) % 1_000 + 1_000
            for at_ms in range(first_ms, first_ms + seconds * 1_000, 1_000):
                self._soon(at_ms, partial(self._speak, found, power_ms))

    def _speak(self, found: bool, power_ms: int, now_ms: int) -> None:
        if self._listens_ms == power_ms:
            unix_s = UNIX_S + now_ms // 1000
            told = Told(53.8 + now_ms / 1e8, -1.5, 1.2, 9, 0.5, 90.0, unix_s) if found else None
            self.body.receive(now_ms, told)

    def _go_down(self) -> None:
        self._speaks = self._listens_ms = None
        self._awake = False
        self._links.clear()


@contextmanager
def firmware() -> Iterator[Body]:
    with tempfile.TemporaryDirectory() as folder:
        files = BadgeFiles(Path(folder))
        files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY)
        body = VmBody(files, unix_s=UNIX_S)
        try:
            yield body
        finally:
            body.close()


def core() -> CoreBody:
    mask, seal = mask_key(FLEET_KEY), seal_key(BADGE_KEY)
    keys = Keys(NUMBER, 0, block_cipher(mask), block_cipher(seal), _COMMANDS)
    return CoreBody(keys, Settings(), unix_s=UNIX_S, nonce=bytes)


EAR = Ear(FLEET_KEY, BADGE_KEY)

steps: st.SearchStrategy[Step] = (
    st.builds(Hold, st.sampled_from((30, 120, 700, 1_900, 6_000)))
    | st.builds(Clicks, st.integers(1, 4), st.sampled_from((60, 200, 900)))
    | st.builds(
        Link,
        st.lists(st.sampled_from(range(OP_HEARD, OP_VISIT_TIMER + 1)), max_size=3).map(tuple),
        st.booleans(),
        st.sampled_from((500, 5_000, 70_000)),
    )
    | st.builds(Flood)
    | st.builds(Cell, st.integers(1_550, 2_100).map(lambda half: half * 2))
    | st.builds(Fix, st.booleans(), st.integers(1, 8))
    | st.builds(Reset, st.booleans())
    | st.builds(Off, st.sampled_from((100, 3_000)))
    | st.builds(Crash)
)
scripts: st.SearchStrategy[Script] = st.lists(
    st.tuples(st.integers(1, 400) | st.integers(1, 9_000) | st.integers(1, 90_000), steps),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15)
@given(scripts)
def test_core_and_firmware_do_the_same_at_the_same_times(script: Script) -> None:
    until_ms = sum(pause_ms for pause_ms, _ in script) + 130_000
    with firmware() as body:
        expected = Bench(body, EAR).play(script, until_ms)
    assert by_task(Bench(core(), EAR).play(script, until_ms)) == by_task(expected)


def by_task(done: list[Done]) -> tuple[list[Done], list[Done]]:
    """The motor's, and the rest: which task comes first within a millisecond is asyncio's own."""
    motor = [one for one in done if isinstance(one.act, Moves)]
    return motor, [one for one in done if not isinstance(one.act, Moves)]


# -- what such a badge does, in words -----------------------------------------


def acts(done: list[Done], kind: type) -> list[int]:
    return [one.at_ms for one in done if isinstance(one.act, kind)]


def reports(done: list[Done]) -> list[tuple[int, int, int]]:
    """When it said what kind and phase."""
    heard = [
        (one.at_ms, EAR.hear(one.act.payload).report)
        for one in done
        if isinstance(one.act, Advertises)
    ]
    return [(at_ms, report.kind, report.phase) for at_ms, report in heard]


def played(script: Script, until_ms: int) -> list[Done]:
    return Bench(core(), EAR).play(script, until_ms)


def test_an_idle_badge_sleeps_and_wakes_by_its_timer_for_each_heartbeat() -> None:
    done = played([], 400_000)
    boots_ms, sleeps_ms = acts(done, Boots), acts(done, Sleeps)
    assert len(boots_ms) == len(sleeps_ms) == 7
    for boot_ms, sleep_ms, next_ms in zip(boots_ms, sleeps_ms, boots_ms[1:], strict=False):
        assert 0 < sleep_ms - boot_ms < 1_000
        assert 59_000 <= next_ms - boot_ms <= 61_500
    assert {(kind, phase) for _, kind, phase in reports(done)} == {(KIND_STATUS, PHASE_IDLE)}


@pytest.mark.parametrize(
    ("press", "kind"),
    [(Hold(1_900), KIND_SOS), (Clicks(3, 200), KIND_SOS), (Clicks(2, 400), KIND_CHECK_IN),
     (Clicks(1, 0), KIND_TEST)],
)  # fmt: skip
@pytest.mark.parametrize("at_ms", [100, 30_000, 59_700])
def test_a_press_wakes_it_and_is_what_it_would_be_had_it_been_awake(
    press: Step, kind: int, at_ms: int
) -> None:
    done = played([(at_ms, press)], at_ms + 10_000)
    assert KIND_STATUS in {said for _, said, _ in reports(done)}
    raised_ms, said, phase = next(one for one in reports(done) if one[1] != KIND_STATUS)
    assert (said, phase) == (kind, PHASE_RAISED)
    assert raised_ms <= at_ms + 3_000
    slept = any(sleep_ms < at_ms for sleep_ms in acts(done, Sleeps))
    assert not slept or any(0 <= boot_ms - at_ms <= BOOT_MS for boot_ms in acts(done, Boots))


STAGES = (OP_HEARD, OP_DELIVERED, OP_ACKNOWLEDGED, OP_RESOLVED)


@pytest.mark.parametrize("stages", range(len(STAGES) + 1))
def test_presses_in_every_phase_change_nothing_of_an_alert_until_it_is_resolved(
    stages: int,
) -> None:
    told: Script = [(0, Hold(1_900))] + [(2_500, Link((opcode,), False, 2_000))
                                         for opcode in STAGES[:stages]]  # fmt: skip
    at_ms = 2_500 * stages + 2_500
    done = played([*told, (2_500, Hold(1_900))], at_ms + 8_000)
    after = {one[1:] for one in reports(done) if one[0] > at_ms + 1_600}
    phases = (PHASE_RAISED, PHASE_HEARD, PHASE_DELIVERED, PHASE_ACKNOWLEDGED, PHASE_RAISED)
    assert after == {(KIND_SOS, phases[stages])}
    events = {EAR.hear(one.act.payload).report.event
              for one in done if isinstance(one.act, Advertises)}  # fmt: skip
    assert max(events) == (2 if stages == len(STAGES) else 1)


@pytest.mark.parametrize("end", [Reset(False), Reset(True), Off(3_000), Crash()])
def test_an_open_event_goes_on_after_whatever_ended_the_start_before(end: Step) -> None:
    done = played([(0, Hold(1_900)), (5_000, end)], 20_000)
    after = [one for one in reports(done) if one[0] > 8_500]
    assert {one[1:] for one in after} == {(KIND_SOS, PHASE_RAISED)}
    counters = [EAR.hear(one.act.payload).counter
                for one in done if isinstance(one.act, Advertises)]  # fmt: skip
    assert counters == sorted(counters)
    assert counters[-1] > 1_024  # above all that might have been used


def test_an_empty_cell_says_so_and_the_badge_goes_off_until_the_button_is_pressed() -> None:
    done = played([(1_000, Cell(3_000)), (400_000, Cell(3_900)), (1_000, Hold(1_900))], 420_000)
    off_ms = next(at_ms for at_ms, kind, _ in reports(done) if kind == KIND_GOING_OFF)
    last_ms = max(at_ms for at_ms in acts(done, Sleeps) if at_ms < 401_000)
    assert off_ms < last_ms < 300_000
    assert [at_ms for at_ms in acts(done, Boots) if at_ms > last_ms] == [402_000 + BOOT_MS]


def test_starts_that_follow_too_fast_leave_the_motor_off_and_then_rest() -> None:
    script: Script = [(0, Hold(1_900)), *[(2_500, Reset(True)) for _ in range(6)]]
    done = played(script, 40_000)
    boots_ms = acts(done, Boots)
    third_ms = boots_ms[3]
    assert not any(isinstance(one.act, Moves) for one in done if one.at_ms >= third_ms)
    rests = [one.at_ms for one in done if isinstance(one.act, Sleeps)]
    assert rests
    assert {kind for at_ms, kind, _ in reports(done) if at_ms > 2_000} == {KIND_SOS}
