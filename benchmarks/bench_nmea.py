"""Sentences a second in the MicroPython VM: badge.nmea beside a parser by characters."""

import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from simulator.vm_script import run_script

_HERE = Path(__file__).parent
_RECORDINGS = _HERE.parent / "tests" / "data" / "nmea"
_ROUNDS = 25
_BADGE_SET_UP = "RMC and GGA only"


def run() -> list[Figure]:
    """Each recording as its receiver sent it, then with only what a badge asks a receiver for."""
    figures = []
    for recording in sorted(_RECORDINGS.glob("*.nmea")):
        stream = recording.read_bytes()
        lines = stream.splitlines(keepends=True)
        used = b"".join(line for line in lines if line[3:6] in (b"RMC", b"GGA"))
        figures += _figures(f"NMEA, {recording.stem}", stream)
        figures += _figures(f"NMEA, {recording.stem}, {_BADGE_SET_UP}", used)
    return figures


def _figures(name: str, stream: bytes) -> list[Figure]:
    with tempfile.NamedTemporaryFile(suffix=".nmea") as file:
        file.write(stream)
        file.flush()
        ours, peer, left = _measure(Path(file.name))
    return [
        Figure(name, ours, "sentences/s", "a character at a time, same VM", peer, ours / peer),
        Figure(f"{name}: heap left behind", left, "bytes", None, None, None),
    ]


def _measure(stream: Path) -> tuple[int, int, int]:
    ours, peer, left = run_script(_HERE / "nmea_in_vm.py", stream, str(_ROUNDS)).split()
    return int(ours), int(peer), int(left)


if __name__ == "__main__":
    for figure in run():
        sys.stdout.write(f"{figure}\n")
