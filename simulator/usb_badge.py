"""A badge that a tester can have in hand: the firmware on its flash, its radio and its USB port.

What runs is what `tocsin-badge flash` puts on a board, started by its own main.py, with all that
a T-Beam v1.2 has around its chip. The port is there while the badge has power from its battery;
Ctrl-C on it wakes a badge in deep sleep, in the place of the reset line that a pty does not have.
"""

from __future__ import annotations

import asyncio
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from badge.boards import tbeam_v1_2 as board
from badge.power import percent
from simulator.air import Air
from simulator.badge_files import BadgeFiles
from simulator.badge_radio import BadgeRadio
from simulator.board import start_process
from simulator.motion import Sample
from simulator.retained import BUTTON, MOVED, Retained
from simulator.usb_cable import UsbCable

Words = tuple[str, ...]
Sentences = Callable[[], bytes]

BOARD = "tbeam_v1_2"
_AXP = "34"
_STATUS, _CELL_HIGH, _CELL_LOW, _PERCENT, _RAILS = "00", "34", "35", "a4", "90"
_CELL_THERE, _PLUGGED_IN = 0x08, 0x20
_GNSS_RAIL = 0x04  # ALDO3
_ACCELEROMETER = f"{board.ACCELEROMETER_ADDRESS:02x}"
_MOVEMENT_WAKES = ("wakeon", str(board.ACCELEROMETER_INT), "1")
_UNRETAINED = ("worn", "accel")  # what simulator.retained does not follow
_UART_CHUNK = 256
_SENTENCES_S = 1.0
_SAMPLES_PER_LINE = 25
_SAMPLE_S = 0.02


class UsbBadge:
    """Hardware around the unmodified firmware; use from one event loop.

    name: on the air; port: the path of a link to its serial port, there while it has power;
    unique_id: of the chip, 12 hexadecimal digits; sentences: what its GNSS receiver says each
    second while it is switched on; on_said: called with the words of each line that the hardware
    says (see simulator/vm/_bus.py), and `("ended",)` when it has gone off by itself.
    """

    def __init__(
        self,
        air: Air,
        files: BadgeFiles,
        name: str,
        port: Path,
        *,
        unique_id: str,
        sentences: Sentences,
        on_said: Callable[[Words], None],
        rng: random.Random,
    ) -> None:
        self.files = files
        self.port = port
        self.awake = asyncio.Event()
        self.asleep = False  # deeply; neither of both while it starts
        self._unique_id = unique_id
        self._sentences = sentences
        self._on_said = on_said
        self._radio = BadgeRadio(air, name, self._tell, rng)
        self._cable: UsbCable | None = None
        self._around: dict[str, str] = {}  # what is around the chip: the latest line of each sort
        self._retained = Retained(0)
        self._retaining = threading.Lock()  # the cable asks in its own thread
        self._cause = ""
        self._moved_wakes = False
        self._gnss_on = False
        self._gnss: asyncio.Task[None] | None = None
        self._watchdog_s = 0.0
        self._watchdog: asyncio.TimerHandle | None = None
        self._does: dict[str, Callable[[Words], None]] = {
            "boot": self._boot,
            "deepsleep": self._sleep,
            "reset": lambda _: self._halt(),
            "off": lambda _: self._end(),
            "reg": self._switch_rails,
            "wakeon": self._note_waking,
            "watchdog": self._start_watchdog,
            "feed": self._feed_watchdog,
        }
        self._put_together()

    def _put_together(self) -> None:
        self.set(f"i2c {_AXP} axp2101", f"pin {board.BUTTON} 1")
        self.solder_accelerometer(there=True)
        self.set_cell(3.9)
        self.plug_in_charger(plugged=False)

    # -- what a tester does to it -------------------------------------------

    @property
    def on(self) -> bool:
        """Whether it has power; it may be asleep."""
        return self._cable is not None

    def power_on(self) -> None:
        """The battery goes in. Does nothing when it is in."""
        if self._cable is not None:
            return
        self._retained = Retained(_now_s())
        for line in self._around.values():
            self._retained.told(line)
        self._gnss_on = True  # as the power chip has it at first
        loop = asyncio.get_running_loop()
        cable: list[UsbCable] = []  # known to its own thread before it is to us

        def answer(words: Words) -> list[str]:
            answered = self._answer(words)
            loop.call_soon_threadsafe(lambda: self._take(cable[0], words))
            return answered

        cable.append(UsbCable(self._start, answer))
        self._cable = cable[0]
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(self._cable.port)
        self._gnss = asyncio.create_task(self._receive())

    def power_off(self) -> None:
        """The battery comes out, at once and without warning."""
        if self._cable is None:
            return
        self._halt()
        self._cable.pull()
        self._cable = None
        self.asleep = False
        self.port.unlink(missing_ok=True)
        if self._gnss is not None:
            self._gnss.cancel()
            self._gnss = None

    def button(self, *, down: bool) -> None:
        """The wearer's thumb."""
        self.set(f"pin {board.BUTTON} {0 if down else 1}")
        self._look_at_button()

    async def feel(self, samples: Sequence[Sample]) -> None:
        """The accelerometer feels this, in its own time; a badge that it wakes is woken first."""
        for at in range(0, len(samples), _SAMPLES_PER_LINE):
            if self.asleep and self._moved_wakes and self._cable is not None:
                self._cable.wake(MOVED)
            await self.awake.wait()
            piece = samples[at : at + _SAMPLES_PER_LINE]
            forces = (axis.to_bytes(2, "little", signed=True) for s in piece for axis in s[1:])
            self._tell(f"accels {b''.join(forces).hex()}")
            await asyncio.sleep(_SAMPLE_S * len(piece))

    def rest(self, at: Sample) -> None:
        """From now on it lies still, as it was at that sample."""
        self.set(f"accel {at.x} {at.y} {at.z}")

    def set_cell(self, volts: float) -> None:
        """The battery's voltage, and what the power chip makes of it."""
        cell_mv = round(volts * 1000)
        self._register(_CELL_HIGH, cell_mv >> 8)
        self._register(_CELL_LOW, cell_mv & 0xFF)
        self._register(_PERCENT, percent(cell_mv))

    def plug_in_charger(self, *, plugged: bool) -> None:
        """Power from outside, or not; one that has switched itself off starts with it."""
        self._register(_STATUS, _CELL_THERE | (_PLUGGED_IN if plugged else 0))

    def solder_accelerometer(self, *, there: bool) -> None:
        """The accelerometer is on its bus, or does not answer."""
        self.set(f"i2c {_ACCELEROMETER} {'lis3dh' if there else '-'}")

    def wear_flash_out(self, *, worn: bool) -> None:
        """Nothing can be written to the flash any more, or all is well again."""
        self.set(f"worn {int(worn)}")

    def crash(self) -> None:
        """An exception that nobody expects, in the middle of the firmware's loop."""
        self._tell("crash")

    def set(self, *lines: str) -> None:
        """What is around the chip from now on, also after a start; lines of `pin`, `worn`, ..."""
        with self._retaining:
            for line in lines:
                kind, which, *_ = line.split(" ")
                self._around[kind if kind in _UNRETAINED else f"{kind} {which}"] = line
                self._retained.told(line)
        self._tell(*lines)

    def _register(self, register: str, value: int) -> None:
        self.set(f"reg {_AXP}:{register} {value:02x}")

    def _tell(self, *lines: str) -> None:
        if self._cable is not None:
            self._cable.tell(*lines)

    def _look_at_button(self) -> None:
        pressed = self._around[f"pin {board.BUTTON}"].endswith(" 0")
        if pressed and self.asleep and self._cable is not None:
            self._cable.wake(BUTTON)

    # -- in the thread of the cable -----------------------------------------

    def _start(
        self, bus: socket.socket, terminal: int, cause: str, *, raw: bool
    ) -> subprocess.Popen[bytes]:
        self._cause = cause
        return start_process(self.files, bus, terminal, raw=raw, unique_id=self._unique_id)

    def _answer(self, words: Words) -> list[str]:
        with self._retaining:
            self._retained.said(_now_s(), words)
            if words != ("boot",):
                return []
            more = [self._around[kind] for kind in _UNRETAINED if kind in self._around]
            return self._retained.lines(_now_s(), self._cause) + more

    # -- what the hardware says ---------------------------------------------

    def _take(self, cable: UsbCable, words: Words) -> None:
        if cable is not self._cable:
            return  # of a life before
        if words[0] in self._does:
            self._does[words[0]](words)
        self._radio.take(words)
        self._on_said(words)

    def _boot(self, _: Words) -> None:
        # The watchdog goes on: a soft reset does not stop it.
        self._moved_wakes = self.asleep = False
        self._radio.start()
        self.awake.set()

    def _sleep(self, _: Words) -> None:
        self._halt()
        self.asleep = True
        self._look_at_button()

    def _halt(self) -> None:
        """The processor stops, and its radio with it."""
        self._stop_watchdog()
        self._radio.stop()
        self.awake.clear()

    def _end(self) -> None:
        """It has switched itself off, by its power chip."""
        self.power_off()
        self._on_said(("ended",))

    def _note_waking(self, words: Words) -> None:
        self._moved_wakes = words == _MOVEMENT_WAKES or self._moved_wakes

    def _switch_rails(self, words: Words) -> None:
        if words[1] == f"{_AXP}:{_RAILS}":
            self._gnss_on = int(words[2], 16) & _GNSS_RAIL != 0

    async def _receive(self) -> None:
        while True:
            said = self._sentences() if self._gnss_on and self.awake.is_set() else b""
            for at in range(0, len(said), _UART_CHUNK):
                self._tell(f"uart {board.GNSS_UART} {said[at : at + _UART_CHUNK].hex()}")
            await asyncio.sleep(_SENTENCES_S)

    def _start_watchdog(self, words: Words) -> None:
        self._watchdog_s = int(words[1]) / 1000
        self._feed_watchdog(words)

    def _feed_watchdog(self, _: Words) -> None:
        self._stop_watchdog()
        loop = asyncio.get_running_loop()
        self._watchdog = loop.call_later(self._watchdog_s, self._bite)

    def _stop_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None

    def _bite(self) -> None:
        if self._cable is not None:
            self._halt()
            self._cable.reset()


def _now_s() -> float:
    return time.monotonic()
