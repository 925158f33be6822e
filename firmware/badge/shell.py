"""Wires the core to the hardware: inputs in, effects out, in order. Decides nothing."""

import asyncio
import os

import bluetooth
import esp32
import machine

from badge import core, parts, phases, radio
from badge.button import DOUBLE, FOREVER, PRESS, SINGLE, SOS, Button
from badge.charger import Charger
from badge.clock import Monotonic, WallClock
from badge.core import Core
from badge.faults import Faults
from badge.gnss import Gnss
from badge.log import Log
from badge.output import players
from badge.peers import Peers
from badge.radio import Radio
from badge.store import JournalStore
from badge.stumbles import STEADY_MS
from wire import WireError
from wire.command import Command, open_command, seal_command
from wire.frame import Report, encode_report
from wire.seal import NONCE_LENGTH, seal_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import ModuleType
    from typing import Any

    from badge.accelerometer import ManDown
    from badge.core import Effect
    from badge.finger import Finger
    from badge.journal import Journal
    from badge.motion import Motion
    from badge.nmea import Nmea
    from badge.store import Identity
    from badge.stumbles import Stumbles

_WAIT_MAX_MS = 5_000
_BOOT_MS = 200  # from the edge that wakes an ESP32 to the first line here
_NAP_MIN_MS = 2_000  # less is not worth a boot
_DRIFT_S = 2  # the RTC of a sleeping ESP32 errs by minutes a day
_BATTERY_EVERY_MS = 60_000
_CHARGER_EVERY_MS = 500
_WOKEN_BY_BUTTON = (machine.EXT0_WAKE, 7)  # 7: ESP_SLEEP_WAKEUP_GPIO of ESP-IDF, on the C3
_GESTURES = {PRESS: phases.PRESS, SINGLE: phases.SINGLE, DOUBLE: phases.DOUBLE, SOS: phases.SOS}


class Shell:
    """The badge at work.

    whole: whether the configuration is; board: a module of badge.boards; directory: where the
    badge's files are.
    """

    def __init__(
        self,
        identity: "Identity",
        config: "dict[str, Any]",
        whole: bool,
        board: "ModuleType",
        directory: str,
        finger: "Finger",
        stumbles: "Stumbles",
        watchdog: machine.WDT,
    ) -> None:
        self._identity = identity
        self._stumbles = stumbles
        self._watchdog = watchdog
        self._board = board
        self._wake = asyncio.ThreadSafeFlag()
        self._clock = Monotonic()
        self._wall = WallClock(machine.RTC())
        self._store = JournalStore(directory, esp32.NVS("tocsin"))
        kept, slept_ms = self._wall.recall()
        self._upright = None if kept is None else kept.upright
        self._faults = Faults(0 if kept is None else kept.faults)
        self._faults.set("configuration", not whole)
        self._faults.set("power", stumbles.weak)
        self._core = Core(
            self._store.load(),
            config["heartbeat_ms"],
            config["heartbeat_off_ms"],
            config["covert"],
            config["drill"],
            config["fix_age_ms"],
            kept,
            slept_ms,
        )
        self._log = Log(directory)
        self._peers = Peers()
        self._button = Button(config["hold_ms"], config["press_window_ms"], config["debounce_ms"])
        self._finger = finger
        self._finger.wake = self._wake
        self._blocked = (0, 0)  # from when until when a write to the flash kept interrupts waiting
        self._players = players(board, config["covert"])
        self._charger = Charger()
        i2c = parts.bus(board)
        self._supply = parts.supply(board, i2c)
        self._supply.gauge.recall(0 if kept is None else kept.cell)
        self._motion: "Motion | None" = None
        self._moved_pin: "machine.Pin | None" = None
        self._man_down = self._watch_for_falls(config, board, i2c)
        # A badge that watches for falls sleeps only where a movement can wake it.
        self._may_sleep: bool = config["sleep"] and (
            self._man_down is None or self._moved_pin is not None
        )
        # The stubs are wrong about handles: see badge.radio.Controller.
        ble: "Any" = bluetooth.BLE()
        self._radio = Radio(ble, config["company"], self._wake)
        self._gnss = Gnss(
            parts.receiver(board),
            self._supply.gnss,
            self._on_fix,
            lambda mute: self._fault("receiver", mute),
            board.GNSS_BAUD,
        )
        self._gnss_wanted = False
        self._crash: "Exception | None" = None  # what a task died of
        self._caller = -1  # the connection whose command is being obeyed

    async def run(self, started: "Callable[[], object] | None" = None) -> None:
        """Until the power goes.

        started: called once the first frame is on the air, and every part has begun its work.
        """
        self._resume_motion()
        if machine.reset_cause() == machine.DEEPSLEEP_RESET:
            self._resume_button()
        battery = self._read_supply()
        now_ms = self._clock.now_ms()
        unix_s, faulty = self._wall.unix_s(), self._faults.any
        self._perform(self._core.start(now_ms, unix_s, faulty, battery))
        self._tasks = [asyncio.create_task(self._watch(task)) for task in self._parts()]
        await self._turn()  # in which every task has its first turn
        if started is not None and self._crash is None:
            started()
        while True:
            await self._turn()

    def _resume_button(self) -> None:
        looked_ms = self._clock.at(self._finger.looked_at)
        pressed = machine.wake_reason() in _WOKEN_BY_BUTTON
        self._button.wake(looked_ms - _BOOT_MS, looked_ms, self._finger.was_down, pressed)

    def _resume_motion(self) -> None:
        if self._motion is None:
            return
        if self._upright is not None:
            self._motion.upright.teach(*self._upright)
        if machine.wake_reason() == machine.TIMER_WAKE:
            self._motion.go_on_resting()

    def _parts(self) -> "list[Coroutine[Any, Any, None]]":
        playing = [player.run() for player in self._players]
        watching = [] if self._man_down is None else [self._man_down.run()]
        return playing + watching + [self._gnss.run(), self._measure()]

    def _watch_for_falls(
        self, config: "dict[str, Any]", board: "ModuleType", i2c: "machine.I2C | None"
    ) -> "ManDown | None":
        if not config["man_down"] or i2c is None or board.ACCELEROMETER_ADDRESS is None:
            return None
        # Only here: a badge that does not watch for falls has the memory for other things.
        from badge.accelerometer import ManDown
        from badge.motion import Motion

        self._motion = Motion(still_ms=config["still_ms"])
        if board.BUTTON_WAKES == "ext0" and board.ACCELEROMETER_INT is not None:
            self._moved_pin = machine.Pin(board.ACCELEROMETER_INT, machine.Pin.IN)
        address = board.ACCELEROMETER_ADDRESS
        return ManDown(
            i2c,
            address,
            self._motion,
            self._on_fall,
            lambda faulty: self._fault("accelerometer", faulty),
        )

    def _on_fall(self, event: int) -> None:
        self._step(self._clock.now_ms(), phases.MAN_DOWN)
        self._wake.set()

    def _fault(self, part: str, broken: bool) -> None:
        """To the log now, and with the next turn on the air: effects are under way, maybe."""
        if self._faults.set(part, broken):
            if broken:
                self._log.write("fault: " + part)
            self._wake.set()

    async def _watch(self, task: "Coroutine[Any, Any, None]") -> None:
        try:
            await task
        except Exception as error:
            self._crash = error
            self._wake.set()

    async def _turn(self) -> None:
        if self._crash is not None:
            raise self._crash
        now_ms = self._clock.now_ms()
        self._read_button(now_ms)
        self._read_radio(now_ms)
        self._step(now_ms, phases.CONNECTABLE, self._peers.connectable(now_ms))
        self._step(now_ms, phases.FAULT, self._faults.any)
        if self._motion is not None:
            self._step(now_ms, phases.MOTION, self._motion.moving)
        if self._stumbles.count and now_ms >= STEADY_MS:
            self._be_steady()
        if not [task for task in self._tasks if task.done()]:
            self._watchdog.feed()
        due_ms = min(self._core.deadline(), self._button.deadline(), self._peers.deadline(now_ms))
        if due_ms - now_ms > _NAP_MIN_MS and self._all_still(now_ms):
            self._sleep_deep(now_ms, due_ms - now_ms)
        await self._wait(due_ms - now_ms)

    def _be_steady(self) -> None:
        self._stumbles.steady()
        self._fault("power", False)
        self._power_gnss(self._gnss_wanted)

    def _all_still(self, now_ms: int) -> bool:
        """Whether nothing needs the processor until the next deadline."""
        pressed = not self._finger.at_rest or self._button.deadline() != FOREVER
        playing = [player for player in self._players if player.busy]
        free = self._may_sleep and not playing and not self._peers.any()
        handled = pressed or self._charger.watching(now_ms)
        moved = self._motion is not None and not self._motion.may_rest
        return free and not handled and not moved and self._core.may_sleep()

    def _sleep_deep(self, now_ms: int, for_ms: int) -> None:
        """Ends here, unless the accelerometer will not watch; waking is a start."""
        kept = self._core.suspend(now_ms)
        moved = self._moved_pin
        if self._man_down is not None and self._motion is not None and moved is not None:
            if not self._man_down.rest():
                return
            kept.upright = self._motion.upright.direction
            esp32.wake_on_ext1((moved,), esp32.WAKEUP_ANY_HIGH)
        kept.cell, kept.faults = self._supply.gauge.keep(), self._faults.bits
        self._wall.keep(kept)
        self._stumbles.steady()
        parts.wake_by(self._finger.pin, self._board)
        machine.deepsleep(for_ms)

    async def _wait(self, for_ms: int) -> None:
        """Until something happens, or for so long."""
        wait_ms = max(0, min(for_ms, _WAIT_MAX_MS))
        try:
            await asyncio.wait_for_ms(self._wake.wait(), wait_ms)
        except asyncio.TimeoutError:
            pass

    def _step(self, now_ms: int, signal: int, argument: "Any" = None) -> None:
        self._perform(self._core.step(now_ms, signal, argument))

    # -- inputs -------------------------------------------------------------

    def _read_button(self, now_ms: int) -> None:
        gestures: "tuple[int, ...]" = ()
        edge = self._finger.take()
        while edge is not None:
            at_ms = self._clock.at(edge[0])
            gestures += self._button.edge(at_ms, edge[1], self._unwatched_ms(at_ms))
            edge = self._finger.take()
        for gesture in gestures + self._button.step(now_ms, self._finger.down):
            self._step(now_ms, _GESTURES[gesture])

    def _unwatched_ms(self, at_ms: int) -> int:
        """For how long an interrupt that came at at_ms may have waited."""
        from_ms, until_ms = self._blocked
        if not from_ms <= at_ms <= until_ms:
            return 0
        self._blocked = at_ms, until_ms
        return at_ms - from_ms

    def _read_radio(self, now_ms: int) -> None:
        note = self._radio.take()
        while note is not None:
            event, connection = note
            if event == radio.CONNECTED:
                self._peers.connected(now_ms, connection)
            elif event == radio.DISCONNECTED:
                self._peers.disconnected(now_ms, connection)
            else:
                self._read_command(now_ms, connection)
            note = self._radio.take()
        for connection in self._peers.overdue(now_ms):
            if not self._radio.disconnect(connection):
                self._peers.disconnected(now_ms, connection)  # its end was not noted

    def _read_command(self, now_ms: int, connection: int) -> None:
        try:
            command = open_command(self._identity.command, self._radio.command())
        except WireError:
            return  # the peer's patience clock runs on
        self._caller = connection
        self._step(now_ms, phases.COMMAND, command)

    def _on_fix(self, nmea: "Nmea") -> None:
        now_ms = self._clock.now_ms()
        unix_s = nmea.unix_s()
        known_s = self._wall.unix_s()
        if unix_s is not None and (known_s is None or abs(unix_s - known_s) > _DRIFT_S):
            self._wall.set(unix_s)
            self._step(now_ms, phases.CLOCK, unix_s)
        fix = (nmea.latitude_udeg, nmea.longitude_udeg, nmea.accuracy_m())
        self._step(now_ms, phases.FIX, fix)
        self._wake.set()

    async def _measure(self) -> None:
        while True:
            now_ms = self._clock.now_ms()
            watching = self._charger.watching(now_ms)
            await asyncio.sleep_ms(_CHARGER_EVERY_MS if watching else _BATTERY_EVERY_MS)
            self._step(self._clock.now_ms(), phases.BATTERY, self._read_supply())

    def _read_supply(self) -> "tuple[int | None, bool]":
        """What the cell and the charger say, for the core; and what follows for the others."""
        level, charging = self._supply.battery()
        now_ms = self._clock.now_ms()
        self._fault("supply", self._supply.faulty)
        self._fault("battery", level is None and not self._supply.faulty)
        if self._motion is not None:
            self._motion.set_charging(charging)
        # A chip that does not answer says nothing about the charger.
        if not self._supply.faulty and self._charger.step(now_ms, charging):
            self._step(now_ms, phases.GO_OFF)
        self._wake.set()
        return level, charging

    # -- effects ------------------------------------------------------------

    def _perform(self, effects: "tuple[Effect, ...]") -> None:
        for effect in effects:
            perform = self._PERFORM[effect[0]]
            perform(self, *effect[1:])

    def _save(self, journal: "Journal") -> None:
        began_ms = self._clock.now_ms()
        try:
            self._store.save(journal)
            self._fault("flash", False)
        except OSError as error:
            # The alert goes out all the same; the desk sees the fault flag.
            self._fault("flash", True)
            self._log.write("journal: %s" % error)
        self._blocked = began_ms, self._clock.now_ms()

    def _advertise(self, counter: int, report: Report, interval_ms: int, connectable: bool) -> None:
        badge = self._identity
        plain = encode_report(report)
        frame = seal_frame(badge.mask, badge.seal, badge.epoch, badge.number, counter, plain)
        self._radio.advertise(frame, interval_ms, connectable)

    def _signal(self, pattern: int) -> None:
        if self._stumbles.weak:
            return  # all that the cell gives is for the radio
        for player in self._players:
            player.play(pattern)

    def _switch_off(self) -> None:
        self._log.write("switched off")
        self._radio.quiet()
        self._supply.off()
        parts.wake_by(self._finger.pin, self._board)
        machine.deepsleep()

    def _prove(self) -> None:
        self._peers.proven(self._clock.now_ms(), self._caller)

    def _reply(self, command: Command) -> None:
        nonce = os.urandom(NONCE_LENGTH)
        sealed = seal_command(self._identity.command, self._identity.epoch, nonce, command)
        try:
            self._radio.reply(self._caller, sealed)
        except OSError:
            pass  # the peer has gone; it will ask again

    def _power_gnss(self, on: bool) -> None:
        self._gnss_wanted = on
        self._gnss.power(on and not self._stumbles.weak)

    _PERFORM: "dict[int, Any]" = {
        core.SAVE: _save,
        core.ADVERTISE: _advertise,
        core.QUIET: lambda self: self._radio.quiet(),
        core.SIGNAL: _signal,
        core.PROVEN: _prove,
        core.REPLY: _reply,
        core.SET_CLOCK: lambda self, unix_s: self._wall.set(unix_s),
        core.GNSS: _power_gnss,
        core.SWITCH_OFF: _switch_off,
    }
