"""One script in MicroPython, with the firmware to import; for tests and benchmarks."""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.vm_path import micropython


def run_script(script: Path, *arguments: str | Path) -> str:
    """What the script writes. It can import the firmware, and files from its own directory.

    Raises SimulatorError with the script's last words when it fails.
    """
    path = f"{firmware()}:{script.parent}:.frozen"
    done = subprocess.run(  # noqa: S603
        [*micropython(), str(script), *map(str, arguments)],
        env={**os.environ, "MICROPYPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SimulatorError(f"{script.name} failed in MicroPython: {done.stdout}{done.stderr}")
    return done.stdout


def firmware() -> Path:
    """The directory that holds the firmware's packages."""
    spec = find_spec("wire")
    if spec is None or spec.origin is None:
        raise SimulatorError("the firmware's package wire is not installed: pip install tocsin")
    return Path(spec.origin).parent.parent
