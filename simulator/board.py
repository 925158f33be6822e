"""A board on USB: one MicroPython process behind a pty, for `mpremote` and all that uses it."""

import json
import os
import queue
import socket
import subprocess
import time
from pathlib import Path

from badge.boards import esp32_generic
from simulator.badge_files import BadgeFiles
from simulator.errors import SimulatorError
from simulator.retained import POWER_ON, Retained
from simulator.rom_loader import RomLoader
from simulator.usb_cable import NativeUsb, UsbCable
from simulator.vm_path import micropython
from simulator.vm_process import HEAP_BYTES

_HEAP_BYTES = HEAP_BYTES + 128 * 1024  # the stand-in for the accelerometer keeps a long queue
BLOCK_SIZE = 4096
UNIQUE_ID = "a0b1c2d3e4f5"
BLOCKS = 128  # 512 kB; an ESP32 with 4 MB of flash has 2 MB for files

_SENTENCE = b"$GNRMC,,V,,,,,,,,,,N,V*37\r\n"  # of a receiver that is awake and has no fix yet

#: What is around the chip, as lines of simulator/vm/_bus.py: a cell of 3.9 V, an accelerometer.
HEALTHY = (
    f"adc {esp32_generic.BATTERY_ADC} 1950000",
    f"i2c {esp32_generic.ACCELEROMETER_ADDRESS:02x} lis3dh",
)

Words = tuple[str, ...]


def make_bare(files: BadgeFiles, blocks: int = BLOCKS) -> BadgeFiles:
    """The flash of a board as it comes: so many erased blocks for files, and no keys."""
    files.directory.mkdir(parents=True, exist_ok=True)
    files.image.write_bytes(b"\xff" * (BLOCK_SIZE * blocks))
    files.nvs.write_text(json.dumps({}))
    files.nvs.chmod(0o600)
    return files


class Board:
    """A board whose USB port is a pty: `port` is what `mpremote connect` takes.

    chip: as `os.uname` names it; cut_at: the write to the flash, counted from every start,
    during which the power fails (0 = never); trace: takes a copy of all that is written (see
    simulator.flash_trace); hardware: the parts around the chip; receiver: what the GNSS receiver
    says when it is switched on; loader: answers before MicroPython runs (BOOT is held down);
    native: its USB is the chip's own. A context manager that plugs it in and pulls the cable.
    """

    def __init__(
        self,
        files: BadgeFiles,
        *,
        chip: str = "ESP32",
        unique_id: str = UNIQUE_ID,
        cut_at: int = 0,
        trace: Path | None = None,
        hardware: tuple[str, ...] = HEALTHY,
        receiver: bytes = _SENTENCE,
        loader: RomLoader | None = None,
        native: NativeUsb | None = None,
    ) -> None:
        self.files = files
        self.cut_at = cut_at
        self.said: queue.Queue[Words] = queue.Queue()
        self._hardware = hardware
        self._receiver = receiver
        self._retained = Retained(0)
        self._cause = POWER_ON
        self._chip = chip
        self._unique_id = unique_id
        self._trace = trace
        self._loader = loader
        self._native = native
        self._cable: UsbCable | None = None

    @property
    def port(self) -> str:
        """The path of its serial port. Raises SimulatorError when it is not plugged in."""
        if self._cable is None:
            raise SimulatorError("the board is not plugged in; call plug_in first")
        return self._cable.port

    def __enter__(self) -> "Board":
        self.plug_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def plug_in(self) -> None:
        """Power on, and a port. Does nothing when it is plugged in."""
        if self._cable is None:
            self._retained = Retained(time.monotonic())
            for line in self._hardware:
                self._retained.told(line)
            self._cable = UsbCable(self._start, self._answer, self._loader, self._native)
            self._loader = None  # BOOT is let go

    def unplug(self) -> None:
        """The cable is pulled: the port is gone and so is the power, at once."""
        if self._cable is not None:
            self._cable.pull()
            self._cable = None

    def tell(self, line: str) -> None:
        """Something happens to its hardware (see simulator/vm/_bus.py). Nothing does unplugged."""
        if self._cable is not None:
            self._cable.tell(line)

    def wait_for(self, word: str, timeout_s: float = 60.0) -> Words:
        """The next line that its hardware says with this first word (see simulator/vm/_bus.py).

        Raises SimulatorError when none comes in time.
        """
        try:
            while (words := self.said.get(timeout=timeout_s))[0] != word:
                pass
        except queue.Empty:
            raise SimulatorError(f"the board did not say {word} within {timeout_s} s") from None
        return words

    def _answer(self, words: Words) -> list[str]:
        """What the hardware around the chip does about what the firmware said."""
        self.said.put(words)
        self._retained.said(time.monotonic(), words)
        if words == ("boot",):
            return self._retained.lines(time.monotonic(), self._cause)
        if words == ("pin", str(esp32_generic.GNSS_ENABLE), "1"):
            return [f"uart {esp32_generic.GNSS_UART} {self._receiver.hex()}"]
        return []

    def _start(
        self, bus: socket.socket, terminal: int, cause: str, *, raw: bool
    ) -> "subprocess.Popen[bytes]":
        self._cause = cause
        return start_process(
            self.files,
            bus,
            terminal,
            raw=raw,
            cut_at=self.cut_at,
            chip=self._chip,
            unique_id=self._unique_id,
            trace=self._trace,
        )


def start_process(
    files: BadgeFiles,
    bus: socket.socket,
    terminal: int,
    *,
    raw: bool,
    cut_at: int = 0,
    chip: str = "ESP32",
    unique_id: str = UNIQUE_ID,
    trace: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """One start of a board's processor: MicroPython, which runs what is on its flash.

    bus: its line to the hardware; terminal: its serial port; raw: its raw REPL comes back.
    The rest as of Board.
    """
    command = [
        *micropython(),
        "-X",
        f"heapsize={_HEAP_BYTES}",
        "-i",
        str(Path(__file__).parent / "vm" / "_board.py"),
        str(bus.fileno()),
        str(files.image.absolute()),
        str(files.nvs.absolute()),
        str(cut_at),
        chip,
        unique_id,
        "raw" if raw else "friendly",
        str(trace.absolute()) if trace else "-",
    ]
    return subprocess.Popen(  # noqa: S603
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        pass_fds=[bus.fileno()],
        start_new_session=True,  # Ctrl-C in the simulator's own terminal is not the badge's
        env={**os.environ, "TZ": "UTC", "HOME": "/nonexistent"},
    )
