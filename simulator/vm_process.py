"""One MicroPython process that runs a board's firmware, and the line to its hardware."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from simulator.badge_files import BadgeFiles
from simulator.firmware import compiled
from simulator.vm_path import micropython


def heap_bytes(esp32_kb: int) -> int:
    """The VM's heap that stands for so many kB of an ESP32's.

    The VM's objects are twice the size here, and the stand-ins take some 56 kB for what a
    board has in silicon.
    """
    return (2 * esp32_kb + 56) * 1024


# An ESP32 has 110 kB or more left with Bluetooth up.
HEAP_BYTES = heap_bytes(110)


class VmProcess:
    """The virtual machine of one board, from power-on to power-off.

    lockstep: time is the simulator's (see simulator/vm/_bus.py); cut_at: the flash
    write during which the power fails, 0 = never; app: the module whose main() runs;
    serial: its terminal, when it has one; heap: bytes.
    """

    def __init__(
        self,
        files: BadgeFiles,
        *,
        lockstep: bool,
        cut_at: int = 0,
        app: str = "badge.app",
        serial: socket.socket | None = None,
        heap: int = HEAP_BYTES,
    ) -> None:
        self.line, theirs = socket.socketpair()
        theirs.setblocking(False)
        command = [
            *micropython(),
            "-X",
            f"heapsize={heap}",
            str(Path(__file__).parent / "vm" / "_start.py"),
            str(compiled()),
            str(theirs.fileno()),
            str(files.image.absolute()),
            str(files.nvs.absolute()),
            "lockstep" if lockstep else "live",
            str(cut_at),
            app,
        ]
        with theirs, (files.directory / "console.log").open("ab") as console:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL if serial is None else serial.fileno(),
                stdout=console if serial is None else serial.fileno(),
                stderr=console,
                env={**os.environ, "TZ": "UTC"},
            )

    def kill(self) -> None:
        """The power goes, at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.line.close()
