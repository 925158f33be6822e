"""One MicroPython process that runs a badge's firmware, and the line to it."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from simulator.badge_files import BadgeFiles
from simulator.firmware import compiled
from simulator.vm_path import micropython

HEAP_BYTES = 192 * 1024  # 64-bit objects are twice an ESP32's, which has about 110 kB left


class VmProcess:
    """The virtual machine of one badge, from power-on to power-off.

    lockstep: time is the simulator's (see simulator/vm/_bus.py); cut_at: the flash
    write during which the power fails, 0 = never.
    """

    def __init__(self, files: BadgeFiles, *, lockstep: bool, cut_at: int = 0) -> None:
        self.line, theirs = socket.socketpair()
        theirs.setblocking(False)
        command = [
            *micropython(),
            "-X",
            f"heapsize={HEAP_BYTES}",
            str(Path(__file__).parent / "vm" / "_start.py"),
            str(compiled()),
            str(theirs.fileno()),
            str(files.image.absolute()),
            str(files.nvs.absolute()),
            "lockstep" if lockstep else "live",
            str(cut_at),
        ]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "TZ": "UTC"},
            )

    def kill(self) -> None:
        """The power goes, at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.line.close()
