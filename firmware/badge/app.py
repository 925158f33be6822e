"""Wires the core to the hardware: inputs in, effects out, in order. Decides nothing."""

import asyncio
import os
import sys

import bluetooth
import esp32
import machine

from badge import core, parts, phases, radio, signals
from badge.button import DOUBLE, FOREVER, PRESS, SINGLE, SOS, Button
from badge.charger import Charger
from badge.clock import Monotonic, WallClock
from badge.core import Core
from badge.errors import BadgeError
from badge.gnss import Gnss
from badge.log import Log
from badge.output import Player
from badge.peers import Peers
from badge.radio import Radio
from badge.store import Identity, JournalStore, load_config, load_identity
from wire import WireError
from wire.command import Command, open_command, seal_command
from wire.frame import Report, encode_report
from wire.seal import NONCE_LENGTH, seal_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import ModuleType
    from typing import Any

    from badge.accelerometer import ManDown
    from badge.core import Effect
    from badge.journal import Journal
    from badge.motion import Motion
    from badge.nmea import Nmea

_WATCHDOG_MS = 30_000
_WAIT_MAX_MS = 5_000
_BOOT_MS = 200  # from the edge that wakes an ESP32 to the first line here
_NAP_MIN_MS = 2_000  # less is not worth a boot
_BATTERY_EVERY_MS = 60_000
_CHARGER_EVERY_MS = 500
_WOKEN_BY_BUTTON = (machine.EXT0_WAKE, 7)  # 7: ESP_SLEEP_WAKEUP_GPIO of ESP-IDF, on the C3
_GESTURES = {PRESS: phases.PRESS, SINGLE: phases.SINGLE, DOUBLE: phases.DOUBLE, SOS: phases.SOS}


class App:
    """The badge at work. board: a module of badge.boards; directory: where its files are."""

    def __init__(
        self,
        identity: Identity,
        config: "dict[str, Any]",
        whole: bool,
        board: "ModuleType",
        directory: str,
    ) -> None:
        self._identity = identity
        self._wake = asyncio.ThreadSafeFlag()
        self._clock = Monotonic()
        self._wall = WallClock(machine.RTC())
        self._store = JournalStore(directory, esp32.NVS("tocsin"))
        kept, slept_ms = self._wall.recall()
        self._upright = None if kept is None else kept.upright
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
        self._faults = [] if whole else ["configuration"]
        self._peers = Peers()
        self._button = Button(config["hold_ms"], config["press_window_ms"], config["debounce_ms"])
        self._button_pin = parts.button(board)
        self._wakes_by: str = board.BUTTON_WAKES
        self._button_pin.irq(self._on_button, machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING)
        self._players = _players(board, config["covert"])
        self._charger = Charger()
        i2c = parts.bus(board)
        self._supply = parts.supply(board, i2c)
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
        self._gnss = Gnss(parts.receiver(board), self._supply.gnss, self._on_fix, board.GNSS_BAUD)
        self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)
        self._measured = False
        self._crash: "Exception | None" = None  # what a task died of
        self._caller = -1  # the connection whose command is being obeyed

    async def run(self) -> None:
        """Until the power goes."""
        now_ms = self._clock.now_ms()
        self._resume_motion()
        if machine.wake_reason() in _WOKEN_BY_BUTTON:
            self._button.woken(now_ms - _BOOT_MS)
        self._perform(self._core.start(now_ms, self._wall.unix_s(), bool(self._faults)))
        self._tasks = [asyncio.create_task(self._watch(task)) for task in self._parts()]
        while True:
            await self._turn()

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
        return ManDown(i2c, address, self._motion, self._on_fall, self._on_accelerometer)

    def _on_fall(self, event: int) -> None:
        self._step(self._clock.now_ms(), phases.MAN_DOWN)
        self._wake.set()

    def _on_accelerometer(self, faulty: bool) -> None:
        self._fault("accelerometer", faulty)

    def _fault(self, part: str, broken: bool) -> None:
        """One flag on the air for all parts; the log says which."""
        if broken == (part in self._faults):
            return
        if broken:
            self._faults.append(part)
            self._log.write("fault: " + part)
        else:
            self._faults.remove(part)
        self._step(self._clock.now_ms(), phases.FAULT, bool(self._faults))

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
        if not [task for task in self._tasks if task.done()]:
            self._watchdog.feed()
        due_ms = min(self._core.deadline(), self._button.deadline(), self._peers.deadline(now_ms))
        if due_ms - now_ms > _NAP_MIN_MS and self._all_still():
            self._sleep_deep(now_ms, due_ms - now_ms)
        await self._wait(due_ms - now_ms)

    def _all_still(self) -> bool:
        """Whether nothing needs the processor until the next deadline."""
        at_rest = self._button_pin.value() == 1 and self._button.deadline() == FOREVER
        playing = [player for player in self._players if player.busy]
        free = self._may_sleep and self._measured and not playing and not self._peers.any()
        at_rest = at_rest and (self._motion is None or self._motion.may_rest)
        return free and at_rest and self._core.may_sleep()

    def _sleep_deep(self, now_ms: int, for_ms: int) -> None:
        """Ends here, unless the accelerometer will not watch: waking is a start, which finds
        what is kept.
        """
        kept = self._core.suspend(now_ms)
        moved = self._moved_pin
        if self._man_down is not None and self._motion is not None and moved is not None:
            if not self._man_down.rest():
                return
            kept.upright = self._motion.upright.direction
            esp32.wake_on_ext1((moved,), esp32.WAKEUP_ANY_HIGH)
        self._wall.keep(kept)
        self._wake_on_button()
        machine.deepsleep(for_ms)

    def _wake_on_button(self) -> None:
        if self._wakes_by == "ext0":
            esp32.wake_on_ext0(self._button_pin, esp32.WAKEUP_ALL_LOW)
        else:
            esp32.wake_on_gpio((self._button_pin,), esp32.WAKEUP_ALL_LOW)

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

    def _on_button(self, pin: machine.Pin) -> None:
        self._wake.set()

    def _read_button(self, now_ms: int) -> None:
        for gesture in self._button.step(now_ms, self._button_pin.value() == 0):
            self._step(now_ms, _GESTURES[gesture])

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
            self._radio.disconnect(connection)

    def _read_command(self, now_ms: int, connection: int) -> None:
        try:
            command = open_command(self._identity.command, self._radio.command())
        except WireError:
            return  # the peer's patience clock runs on
        self._caller = connection
        self._step(now_ms, phases.COMMAND, command)

    def _on_fix(self, nmea: "Nmea") -> None:
        now_ms = self._clock.now_ms()
        unix_s = nmea.unix_s
        if unix_s is not None and self._wall.unix_s() is None:
            self._wall.set(unix_s)
            self._step(now_ms, phases.CLOCK, unix_s)
        fix = (nmea.latitude_udeg, nmea.longitude_udeg, nmea.accuracy_m)
        self._step(now_ms, phases.FIX, fix)
        self._wake.set()

    async def _measure(self) -> None:
        while True:
            level, charging = self._supply.battery()
            now_ms = self._clock.now_ms()
            self._step(now_ms, phases.BATTERY, (level, charging))
            self._fault("supply", self._supply.faulty)
            if self._motion is not None:
                self._motion.set_charging(charging)
                self._step(now_ms, phases.MOTION, self._motion.moving)
            if self._charger.step(now_ms, charging):
                self._step(now_ms, phases.GO_OFF)
            self._measured = True
            self._wake.set()
            watching = self._charger.watching(now_ms)
            await asyncio.sleep_ms(_CHARGER_EVERY_MS if watching else _BATTERY_EVERY_MS)

    # -- effects ------------------------------------------------------------

    def _perform(self, effects: "tuple[Effect, ...]") -> None:
        for effect in effects:
            perform = self._PERFORM[effect[0]]
            perform(self, *effect[1:])

    def _save(self, journal: "Journal") -> None:
        try:
            self._store.save(journal)
        except OSError as error:
            self._log.write("journal: %s" % error)
            # The alert goes out all the same; the desk sees the fault flag.
            self._fault("flash", True)

    def _advertise(self, counter: int, report: Report, interval_ms: int, connectable: bool) -> None:
        badge = self._identity
        plain = encode_report(report)
        frame = seal_frame(badge.mask, badge.seal, badge.epoch, badge.number, counter, plain)
        self._radio.advertise(frame, interval_ms, connectable)

    def _quiet(self) -> None:
        self._radio.quiet()

    def _signal(self, pattern: int) -> None:
        for player in self._players:
            player.play(pattern)

    def _switch_off(self) -> None:
        self._log.write("switched off")
        self._radio.quiet()
        self._supply.off()
        self._wake_on_button()
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

    def _set_clock(self, unix_s: int) -> None:
        self._wall.set(unix_s)

    def _power_gnss(self, on: bool) -> None:
        self._gnss.power(on)

    _PERFORM: "dict[int, Any]" = {
        core.SAVE: _save,
        core.ADVERTISE: _advertise,
        core.QUIET: _quiet,
        core.SIGNAL: _signal,
        core.PROVEN: _prove,
        core.REPLY: _reply,
        core.SET_CLOCK: _set_clock,
        core.GNSS: _power_gnss,
        core.SWITCH_OFF: _switch_off,
    }


def _players(board: "ModuleType", covert: bool) -> "list[Player]":
    """The motor; light and sound only where the badge has them and need not be covert."""
    found = [Player(machine.Pin(board.MOTOR, machine.Pin.OUT), signals.VIBRATION)]
    light = None if covert else parts.light(board)
    if light is not None:
        found.append(Player(light, signals.LIGHT))
    if board.BUZZER is not None and not covert:
        found.append(Player(machine.Pin(board.BUZZER, machine.Pin.OUT), signals.SOUND))
    return found


def main(directory: str = "") -> None:
    """Runs the badge whose files are in directory (the root of its flash)."""
    config, whole = load_config(directory)
    try:
        identity = load_identity(esp32.NVS("tocsin"))
    except BadgeError as error:
        print("tocsin:", error)
        return
    name = "badge.boards." + config["board"]
    try:
        board = __import__(name, None, None, ("BUTTON",))
    except ImportError:
        print("tocsin: config.json: board %r is not known" % config["board"])
        return
    try:
        asyncio.run(App(identity, config, whole, board, directory).run())
    except Exception as error:
        sys.print_exception(error)
        Log(directory).write("crash: %s %s" % (type(error).__name__, error))
        machine.reset()  # the open event is in the journal: it goes on
