"""Wires radio and line together: waits, passes on, carries effects out. Decides nothing."""

import gc
import sys

import bluetooth
import machine
import micropython

from dongle import VERSION
from dongle.clock import Monotonic, ticks_ms
from dongle.hearing import Hearing
from dongle.line import Line, Wake
from dongle.radio import Radio
from dongle.writes import REPLY, RESULT, Writes
from wire.frame import ADVERTISEMENT_LENGTH, COMPANY_TESTS
from wire.link import LINK_VERSION, Health, Hello, Stop, Write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dongle.line import Incoming, Outgoing
    from dongle.writes import Effects
    from wire.link import Message

HEALTH_MS = 5_000
DEAF_MS = 10_000  # no advertisement at all, a stranger's neither: scanning is started anew

_WATCHDOG_MS = 30_000
_WAIT_MAX_MS = 1_000
_RELAYED_AT_ONCE = 16  # then the line is looked at again
_ADVERT_FRAME_LENGTH = ADVERTISEMENT_LENGTH + 15
_HEALTH_FRAME_LENGTH = 29
_COUNT = 0x3FFF_FFFF  # the counters of Hearing wrap here


class App:
    """The dongle at work."""

    def __init__(self, incoming: "Incoming", outgoing: "Outgoing") -> None:
        self._clock = Monotonic()
        self._hearing = Hearing(COMPANY_TESTS)
        self._writes = Writes()
        wake = Wake()
        self._line = Line(incoming, outgoing, wake)
        # The stubs are wrong about handles: see dongle.radio.Controller.
        ble: "Any" = bluetooth.BLE()
        self._radio = Radio(ble, self._hearing, wake.set)
        self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)
        self._health_ms = HEALTH_MS
        self._told = (0, 0)  # adverts and foreign at the last health message
        self._heard = (0, 0)  # the same when they last changed
        self._heard_ms = 0

    def run(self, started: "Callable[[], None]") -> None:
        """Until the power goes, or KeyboardInterrupt when the hub's side says stop.

        started: called once its radio is up and it has said hello.
        """
        self._line.send(b"\0")  # ends what the chip and MicroPython have said at their start
        self._say_hello()
        self._turn()
        started()
        while True:
            self._line.wait(self._wait_ms())
            self._turn()

    def _turn(self) -> None:
        now_ms = self._clock.now_ms()
        for message in self._line.read():
            self._obey(now_ms, message)
        self._read_radio(now_ms)
        self._perform(now_ms, self._writes.tick(now_ms))
        self._listen(now_ms)
        self._relay()
        self._say_health(now_ms)
        self._line.flush()
        self._watchdog.feed()

    def _wait_ms(self) -> int:
        due_ms = min(self._writes.deadline(), self._health_ms)
        if self._hearing.waiting and self._line.has_room(_ADVERT_FRAME_LENGTH):
            return 0
        return max(0, min(due_ms - self._clock.now_ms(), _WAIT_MAX_MS))

    # -- the hub ------------------------------------------------------------

    def _obey(self, now_ms: int, message: "Message") -> None:
        if isinstance(message, Write):
            self._perform(now_ms, self._writes.request(now_ms, message))
        elif isinstance(message, Hello):
            self._hearing.company = message.company
            self._say_hello()
        elif isinstance(message, Stop):
            raise KeyboardInterrupt

    def _say_hello(self) -> None:
        self._line.send(Hello(LINK_VERSION, self._hearing.company, VERSION).frame())

    def _relay(self) -> None:
        now_ticks = ticks_ms()
        for _ in range(_RELAYED_AT_ONCE):
            if not self._line.has_room(_ADVERT_FRAME_LENGTH):
                self._hearing.drop_stale(now_ticks)
                return
            advert = self._hearing.take(now_ticks)
            if advert is None:
                return
            self._line.send(advert.frame())

    def _say_health(self, now_ms: int) -> None:
        if now_ms < self._health_ms:
            return
        if not self._line.has_room(_HEALTH_FRAME_LENGTH):
            self._health_ms = now_ms + _WAIT_MAX_MS
            return
        self._health_ms = now_ms + HEALTH_MS
        hearing = self._hearing
        adverts, foreign = self._told
        self._told = (hearing.adverts, hearing.foreign)
        gc.collect()  # told is what a collection leaves; and better now than in a burst
        health = Health(
            self._told[0] - adverts & _COUNT,
            self._told[1] - foreign & _COUNT,
            now_ms // 1000,
            gc.mem_free(),
            self._line.receiver.damaged,
            hearing.overflows + hearing.stale,
        )
        self._line.send(health.frame())

    # -- the radio ----------------------------------------------------------

    def _read_radio(self, now_ms: int) -> None:
        for signal, connection, first, second in self._radio.news():
            reply = self._radio.reply() if signal == REPLY else b""
            effects = self._writes.step(now_ms, signal, connection, first, second, reply)
            self._perform(now_ms, effects)

    def _perform(self, now_ms: int, effects: "Effects") -> None:
        for effect in effects:
            if effect[0] == RESULT:
                self._line.send(effect[1].frame())
                continue
            try:
                self._radio.perform(effect)
            except OSError:
                self._perform(now_ms, self._writes.failed(now_ms))

    def _listen(self, now_ms: int) -> None:
        """Scans whenever the radio does not connect, and anew when it seems deaf."""
        if self._writes.initiating:
            self._heard_ms = now_ms
            return
        heard = (self._hearing.adverts, self._hearing.foreign)
        try:
            if heard != self._heard:
                self._heard = heard
                self._heard_ms = now_ms
            elif now_ms - self._heard_ms >= DEAF_MS:
                self._heard_ms = now_ms
                self._radio.deafen()
            self._radio.listen()
        except OSError:
            pass  # the controller is busy: again at the next turn


def _nothing() -> None:
    pass


def main(started: "Callable[[], None]" = _nothing) -> None:
    """Runs the dongle on the port's own serial line. started: see App.run."""
    micropython.kbd_intr(-1)  # a frame may hold the byte of Ctrl-C
    try:
        App(sys.stdin.buffer, sys.stdout.buffer).run(started)
    except Exception as error:
        sys.print_exception(error)
        machine.reset()
    finally:
        micropython.kbd_intr(3)
