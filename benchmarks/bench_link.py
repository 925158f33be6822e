"""The dongle's line and its ear: frames and advertisements a second, on both virtual machines."""

import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure
from simulator.vm_script import run_script

_SCRIPT = Path(__file__).parent / "link_on_vm.py"
_ROUNDS = "200"
_FRAME_LENGTH = 46
_LINE = "what 115,200 baud carry"
_LINE_FRAMES_S = 115_200 / 10 / _FRAME_LENGTH
_AIR = "what fits on one advertising channel"
_AIR_ADVERTS_S = 1e6 / (376 + 150)  # 47 octets at 1 Mbit/s, and the space between frames
_NAMES = (
    ("adverts encoded for the line", "frames/s", _LINE, _LINE_FRAMES_S),
    ("adverts decoded from the line", "frames/s", _LINE, _LINE_FRAMES_S),
    ("strangers heard", "adverts/s", _AIR, _AIR_ADVERTS_S),
    ("badges heard", "adverts/s", _AIR, _AIR_ADVERTS_S),
    ("repeats heard", "adverts/s", _AIR, _AIR_ADVERTS_S),
)


def run() -> list[Figure]:
    """In MicroPython, then in CPython; the ratio says how much slower an ESP32 may be."""
    in_cpython = subprocess.run(
        [sys.executable, str(_SCRIPT), _ROUNDS], capture_output=True, text=True, check=True
    ).stdout
    return [
        *_figures("MicroPython VM", run_script(_SCRIPT, _ROUNDS)),
        *_figures("CPython", in_cpython),
    ]


def _figures(machine: str, output: str) -> list[Figure]:
    return [
        Figure(f"{name}, {machine}", int(word), unit, peer, limit, int(word) / limit)
        for (name, unit, peer, limit), word in zip(_NAMES, output.split(), strict=True)
    ]


if __name__ == "__main__":
    for figure in run():
        sys.stdout.write(f"{figure}\n")
