"""The badge's firmware in its VM: how quick, how big, how hard on its flash.

The VM runs on this machine's processor. An ESP32 at 240 MHz runs MicroPython some 30 to 60
times slower than a laptop (its own benchmark suite: tests/perf_bench), so a figure of
1 ms here is some 50 ms there.
"""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from simulator.badge_files import BadgeFiles
from simulator.firmware import compiled
from simulator.lockstep.single import LockstepBadge
from simulator.vm_process import HEAP_BYTES
from simulator.vm_script import run_script

PRESSES = 40
SEALS = 2_000
DAY_MS = 86_400_000
CYCLES = 100_000  # erase cycles of a flash block, by the data sheets of ESP32 modules' flash
BLOCKS = 64  # of the file system in the simulator; a board has more

_SEALING = """
import sys, time
sys.path[:] = [sys.argv[1], ".frozen"]
from cryptolib import aes
from wire.frame import Fix, Report, encode_report
from wire.seal import seal_frame
mask, seal = aes(bytes(16), 1).encrypt, aes(bytes(range(16)), 1).encrypt
report = Report(1, 2, 9, 80, False, Fix(51529510, -126680, 2, 3))
count = int(sys.argv[2])
start = time.ticks_us()
for counter in range(count):
    seal_frame(mask, seal, 0, 7, counter, encode_report(report))
print(time.ticks_diff(time.ticks_us(), start) / count)
"""


def run() -> list[Figure]:
    """Times in ms of this machine's VM; sizes in bytes of a 64-bit VM."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as directory:
        figures = []
        for measure in (_presses, _memory, _wear):
            files = BadgeFiles(Path(directory) / measure.__name__)
            files.make(7, 0, bytes(16), bytes(16), sleep=False)
            figures += measure(files)
        script = Path(directory) / "sealing.py"
        script.write_text(_SEALING)
        sealing_us = float(run_script(script, str(compiled()), str(SEALS)))
    size = sum(path.stat().st_size for path in (compiled() / "badge").rglob("*.mpy"))
    size += sum(path.stat().st_size for path in (compiled() / "wire").rglob("*.mpy"))
    return [
        *figures,
        Figure("report to sealed frame", sealing_us / 1000, "ms", None, None, None),
        Figure("compiled firmware, badge and wire", size, "bytes", None, None, None),
    ]


def _presses(files: BadgeFiles) -> list[Figure]:
    """From the tick at which the hold is complete to gap_advertise, journal written."""
    times_ms = []
    with LockstepBadge(files) as badge:
        for _ in range(PRESSES):
            badge.run(1_000)
            badge.press(for_ms=1_700)
            badge.run(1_499)
            start = time.perf_counter()
            said = badge.run(1)
            assert any(s.words[0] == "adv" for s in said)
            times_ms.append(1000 * (time.perf_counter() - start))
            badge.run(1_000)
    return [
        Figure(
            "hold complete to advertising p50", statistics.median(times_ms), "ms", None, None, None
        ),
        Figure("hold complete to advertising max", max(times_ms), "ms", None, None, None),
    ]


def _memory(files: BadgeFiles) -> list[Figure]:
    with LockstepBadge(files) as badge:
        badge.press(for_ms=2_000)
        high = 0
        for _ in range(60):
            badge.send("memory")
            said = badge.run(10_000)
            high = max(high, *(int(s.words[1]) for s in said if s.words[0] == "memory"))
    return [
        Figure(
            "heap in use, alert open", high, "bytes", "heap given", HEAP_BYTES, high / HEAP_BYTES
        )
    ]


def _wear(files: BadgeFiles) -> list[Figure]:
    """A day with four events."""
    with LockstepBadge(files) as badge:
        badge.run(60_000)
        writes: dict[str, int] = {"write": 0, "erase": 0}
        for _ in range(4):
            badge.press(for_ms=100)
            for said in badge.run(DAY_MS // 4):
                if said.words[0] == "flash":
                    writes[said.words[1]] += 1
    erases = max(1, writes["erase"])
    years = CYCLES * BLOCKS / erases / 365
    return [
        Figure("flash writes a day, four events", writes["write"], "writes", None, None, None),
        Figure("flash erases a day, four events", erases, "erases", None, None, None),
        Figure("years until the flash is worn", years, "years", None, None, None),
    ]
