"""One life of a badge without the VM: from a start of the processor to its sleep or end.

What badge.shell does around the core is done here in the same order and at the same times;
tests/lockstep/test_same.py holds the two against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from badge import core, phases
from badge.button import DOUBLE, FOREVER, PRESS, SINGLE, SOS, Button
from badge.core import Core
from badge.faults import Faults
from badge.journal import Journal
from badge.kept import Kept, decode, encode
from badge.nmea import RANGE_ERROR_M
from badge.peers import Peers
from badge.power import Gauge
from badge.stumbles import STEADY_MS, Stumbles
from simulator.lockstep.acts import (
    Act,
    Advertises,
    Drops,
    Hides,
    Listens,
    Notifies,
    Said,
    Silent,
    Told,
)
from simulator.lockstep.core_flash import CoreFlash
from simulator.lockstep.core_player import CorePlayer
from simulator.retained import BUTTON, MOVED, TIMER, Retained
from wire import WireError
from wire.command import Command, open_command, seal_command
from wire.frame import Report, encode_report, to_advertisement
from wire.seal import NONCE_LENGTH, seal_frame

if TYPE_CHECKING:
    from badge.core import Effect  # types of the firmware, which the badge has no use for
    from wire import BlockCipher

# Of badge.shell, badge.radio and badge.clock, which belong to the VM.
BOOT_MS = 200
_WAIT_MAX_MS = 5_000
_NAP_MIN_MS = 2_000
_BATTERY_EVERY_MS = 60_000
_POLL_MS = 100
_MUTE_MS = 299 * _POLL_MS  # the 300th look at a receiver that says nothing
_DRIFT_S = 2
_SLOWEST_UNCONNECTABLE_MS = 100
_CLOCK_SET_S = 1_704_067_200  # 2024: an RTC that lost its power shows 2000
_EPOCH_2000_S = 946_684_800
_GESTURES = {PRESS: phases.PRESS, SINGLE: phases.SINGLE, DOUBLE: phases.DOUBLE, SOS: phases.SOS}
_NEVER = float("inf")


class SwitchedOffError(Exception):
    """The processor is off, at this very point: machine.deepsleep() does not return."""


@dataclass(frozen=True)
class Keys:
    """Who a badge is: number, epoch, and block functions under its derived keys."""

    number: int
    epoch: int
    mask: "BlockCipher" = field(repr=False)
    seal: "BlockCipher" = field(repr=False)
    command: "BlockCipher" = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """As in the badge's configuration."""

    heartbeat_ms: int = 60_000
    heartbeat_off_ms: int = 600_000
    covert: bool = True
    drill: bool = False
    fix_age_ms: int = 0


@dataclass
class Board:
    """What is around the processor, and outlives it. nonce: gives so many bytes, never the same."""

    keys: Keys
    settings: Settings
    retained: Retained
    nonce: Callable[[int], bytes] = field(repr=False)
    flash: CoreFlash = field(default_factory=CoreFlash)
    cell_mv: int = 3_900
    down: bool = False  # the button


class Life:
    """badge.shell.Shell, from start to end. sleeps_until: set once it has gone to sleep."""

    def __init__(self, board: Board, now_ms: int, cause: str) -> None:
        self.acts: list[Act] = []
        self.sleeps_until: float | None = None
        self._turn_ms: float = now_ms
        self._waits_ms = now_ms  # since when it waits for that
        self._board = board
        self._zero_ms = now_ms
        self._cause = cause
        self._clock_s = board.retained.unix_s(now_ms / 1000) - now_ms // 1000
        self._edges: list[tuple[int, bool]] = []
        self._notes: list[tuple[str, int, bytes]] = []
        self._stumbles = Stumbles(board.flash, cause in (TIMER, BUTTON, MOVED))
        self._rests = self._stumbles.rest_ms() if self._stumbles.weak and not board.down else 0
        if self._rests:
            return
        kept, slept_ms = self._recall(now_ms)
        self._faults = Faults(0 if kept is None else kept.faults)
        self._faults.set("power", self._stumbles.weak)
        wish = board.settings
        self._core = Core(
            board.flash.load(),
            wish.heartbeat_ms,
            wish.heartbeat_off_ms,
            wish.covert,
            wish.drill,
            wish.fix_age_ms,
            kept,
            slept_ms,
        )
        self._peers = Peers()
        self._button = Button()
        self._player = CorePlayer()
        self._gauge = Gauge()
        self._gauge.recall(0 if kept is None else kept.cell)
        self._listens = self._wants_fix = False
        self._woken = False  # something happened in this turn that the next one must look at
        self._mute_ms: float = _NEVER
        self._held: Told | None = None
        self._epochs = 0
        self._caller = -1
        self._measure_ms = now_ms + _BATTERY_EVERY_MS

    def begin(self, now_ms: int, *, fallen: bool = False) -> None:
        """fallen: the accelerometer is sure of it, and waits to be asked."""
        if self._rests:
            self.sleeps_until = now_ms + self._rests
            return
        self.acts.append(Hides())
        if self._cause in (TIMER, BUTTON, MOVED):
            pressed = self._cause == BUTTON
            self._button.wake(-BOOT_MS, 0, self._board.down, pressed)
        battery = self._battery()
        effects = self._core.start(0, self._unix_s(now_ms), self._faults.any, battery)
        self._perform(now_ms, effects)
        if fallen:
            self._step(now_ms, phases.MAN_DOWN)
        self._turn(now_ms)

    def edge(self, now_ms: int, down: bool) -> None:
        self._edges.append((now_ms - self._zero_ms, down))
        self._turn_ms = now_ms

    def note(self, now_ms: int, what: str, connection: int, sealed: bytes) -> None:
        """The radio's interrupt."""
        self._notes.append((what, connection, sealed))
        self._turn_ms = now_ms

    def falls(self, now_ms: int) -> None:
        self._step(now_ms, phases.MAN_DOWN)
        self._turn(now_ms)

    def receive(self, now_ms: int, told: Told | None) -> None:
        if self._listens and now_ms >= self._turn_ms and now_ms - self._waits_ms > _POLL_MS:
            self._turn(now_ms)  # it has waited longer than the receiver's task
        if self._listens and self.sleeps_until is None:
            self._mute_ms = _NEVER
            self._fault("receiver", False)
            if self._hear(now_ms, told) or self._woken:
                self._turn(now_ms)

    @property
    def due_ms(self) -> float:
        return min(self._turn_ms, self._measure_ms, self._mute_ms, self._player.due_ms)

    def run(self, now_ms: int) -> None:
        """The tasks that are due, first the one that has waited longest, as asyncio has it. The
        motor's alone gives the shell no turn."""
        if now_ms >= self._measure_ms:
            self._measure_ms = now_ms + _BATTERY_EVERY_MS
            self._step(now_ms, phases.BATTERY, self._battery())
            self._turn_ms = now_ms
        if now_ms >= self._turn_ms:
            self._turn(now_ms)
        else:
            self.acts += self._player.run(now_ms)
        if now_ms >= self._mute_ms and self.sleeps_until is None:
            self._mute_ms = _NEVER
            self._fault("receiver", True)
            self._turn(now_ms)

    def _turn(self, now_ms: int) -> None:
        own_ms = now_ms - self._zero_ms
        self._read_button(now_ms, own_ms)
        self._read_radio(now_ms, own_ms)
        self._step(now_ms, phases.CONNECTABLE, self._peers.connectable(own_ms))
        self._step(now_ms, phases.FAULT, self._faults.any)
        if self._stumbles.count and own_ms >= STEADY_MS:
            self._stumbles.steady()
            self._fault("power", False)
            self._listen(now_ms, self._wants_fix)
        self.acts += self._player.run(now_ms)
        self._rest_or_wait(now_ms, own_ms)

    def _rest_or_wait(self, now_ms: int, own_ms: int) -> None:
        core_due = min(self._core.deadline(), self._button.deadline(), self._peers.deadline(own_ms))
        still = not (
            self._board.down
            or self._edges
            or self._button.deadline() != FOREVER
            or self._player.busy
            or self._peers.any()
        )
        if core_due - own_ms > _NAP_MIN_MS and still and self._core.may_sleep():
            self._sleep(now_ms, core_due - own_ms)
            return
        wait_ms = 0 if self._woken else max(0, min(core_due - own_ms, _WAIT_MAX_MS))
        self._woken = False
        self._waits_ms, self._turn_ms = now_ms, now_ms + wait_ms

    def _sleep(self, now_ms: int, for_ms: int) -> None:
        kept = self._core.suspend(now_ms - self._zero_ms)
        kept.cell, kept.faults = self._gauge.keep(), self._faults.bits
        record = encode(kept, self._count_s(now_ms))
        self._board.retained.said(now_ms / 1000, ("rtcmem", record.hex()))
        self._stumbles.steady()
        self.sleeps_until = now_ms + for_ms

    def _recall(self, now_ms: int) -> tuple[Kept | None, int]:
        found = decode(self._board.retained.memory)
        self._board.retained.said(now_ms / 1000, ("rtcmem", ""))
        if found is None:
            return None, 0
        kept, asleep_at_s = found
        return kept, max(0, self._count_s(now_ms) - asleep_at_s) * 1000

    # -- inputs -------------------------------------------------------------

    def _read_button(self, now_ms: int, own_ms: int) -> None:
        gestures: tuple[int, ...] = ()
        for at_ms, down in self._edges:
            gestures += self._button.edge(at_ms, down)
        self._edges.clear()
        for gesture in gestures + self._button.step(own_ms, self._board.down):
            self._step(now_ms, _GESTURES[gesture])

    def _read_radio(self, now_ms: int, own_ms: int) -> None:
        notes, self._notes = self._notes, []
        for what, connection, sealed in notes:
            if what == "connected":
                self._peers.connected(own_ms, connection)
            elif what == "disconnected":
                self._peers.disconnected(own_ms, connection)
            else:
                self._read_command(now_ms, connection, sealed)
        for connection in self._peers.overdue(own_ms):
            self.acts.append(Drops(connection))

    def _read_command(self, now_ms: int, connection: int, sealed: bytes) -> None:
        try:
            command = open_command(self._board.keys.command, sealed)
        except WireError:
            return
        self._caller = connection
        self._step(now_ms, phases.COMMAND, command)

    def _hear(self, now_ms: int, told: Told | None) -> bool:
        """Whether there is a fix. badge.nmea.Nmea: the first epoch is over only when another
        begins, or the fix is lost."""
        held, self._held = self._held, None
        if held is not None:
            self._fix(now_ms, held)
        if told is not None and self._epochs == 0:
            self._held = told
        elif told is not None:
            self._fix(now_ms, told)
        fixed = held is not None or (told is not None and self._epochs > 0)
        self._epochs += told is not None
        return fixed

    def _fix(self, now_ms: int, told: Told) -> None:
        known_s = self._unix_s(now_ms)
        if known_s is None or abs(told.unix_s - known_s) > _DRIFT_S:
            self._set_clock(now_ms, told.unix_s)
            self._step(now_ms, phases.CLOCK, told.unix_s)
        accuracy_m = (round(told.hdop * 100) * RANGE_ERROR_M + 99) // 100
        fix = (_microdegrees(told.latitude), _microdegrees(told.longitude), accuracy_m)
        self._step(now_ms, phases.FIX, fix)

    def _battery(self) -> tuple[int | None, bool]:
        return self._gauge.step(self._board.cell_mv), False

    # -- the clock ----------------------------------------------------------

    def _unix_s(self, now_ms: int) -> int | None:
        unix_s = now_ms // 1000 + self._clock_s
        return None if unix_s < _CLOCK_SET_S else unix_s

    def _count_s(self, now_ms: int) -> int:
        return now_ms // 1000 + self._clock_s - _EPOCH_2000_S

    def _set_clock(self, now_ms: int, unix_s: int) -> None:
        self._clock_s = unix_s - now_ms // 1000
        self._board.retained.said(now_ms / 1000, ("rtc", str(unix_s)))

    # -- effects ------------------------------------------------------------

    def _step(self, now_ms: int, signal: int, argument: object = None) -> None:
        self._perform(now_ms, self._core.step(now_ms - self._zero_ms, signal, argument))

    def _perform(self, now_ms: int, effects: "tuple[Effect, ...]") -> None:
        for effect in effects:
            match effect[0]:
                case core.SAVE:
                    self._save(effect[1])
                case core.ADVERTISE:
                    self._advertise(*effect[1:])
                case core.QUIET:
                    self.acts.append(Silent())
                case core.SIGNAL:
                    if not self._stumbles.weak:
                        self._player.play(now_ms, effect[1])
                case core.REPLY:
                    self._reply(effect[1])
                case core.SET_CLOCK:
                    self._set_clock(now_ms, effect[1])
                case core.GNSS:
                    self._wants_fix = effect[1]
                    self._listen(now_ms, effect[1])
                case core.PROVEN:
                    self._peers.proven(now_ms - self._zero_ms, self._caller)
                case core.SWITCH_OFF:
                    self.acts.append(Silent())
                    self._listen(now_ms, False)
                    self.sleeps_until = _NEVER
                    raise SwitchedOffError

    def _save(self, journal: Journal) -> None:
        try:
            self._board.flash.save(journal)
            self._fault("flash", False)
        except OSError:
            self._fault("flash", True)

    def _fault(self, part: str, broken: bool) -> None:
        if self._faults.set(part, broken):
            self._woken = True

    def _advertise(self, counter: int, report: Report, interval_ms: int, connectable: bool) -> None:
        keys = self._board.keys
        plain = encode_report(report)
        frame = seal_frame(keys.mask, keys.seal, keys.epoch, keys.number, counter, plain)
        if not connectable:
            interval_ms = max(interval_ms, _SLOWEST_UNCONNECTABLE_MS)
        said = Said(counter, report)
        self.acts.append(Advertises(interval_ms, connectable, to_advertisement(frame), said))

    def _reply(self, command: Command) -> None:
        keys = self._board.keys
        sealed = seal_command(keys.command, keys.epoch, self._board.nonce(NONCE_LENGTH), command)
        self.acts.append(Notifies(self._caller, sealed))

    def _listen(self, now_ms: int, on: bool) -> None:
        on = on and not self._stumbles.weak
        if on and not self._listens:
            self._mute_ms = now_ms + _MUTE_MS
            self._held, self._epochs = None, 0
        elif not on:
            self._mute_ms = _NEVER
        if on != self._listens:
            self.acts.append(Listens(on))
        self._listens = on


def _microdegrees(degrees: float) -> int:
    """As badge.sentence reads what a receiver writes: minutes with five digits."""
    whole, rest = divmod(abs(degrees), 1)
    minutes = round(rest * 60 * 100_000)
    return (1 if degrees >= 0 else -1) * (int(whole) * 1_000_000 + (minutes + 3) // 6)
