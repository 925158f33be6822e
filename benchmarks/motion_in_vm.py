"""The half of bench_motion that runs in MicroPython: `micropython motion_in_vm.py FILE ROUNDS`.

FILE: `x,y,z` in milli-g in each line. Prints samples a second through badge.motion, and the
bytes of heap that one pass leaves behind.
"""

import gc
import sys
import time
from array import array

from badge.motion import Motion


def load(path):
    """All numbers of the file, one after the other."""
    samples = array("h")
    with open(path) as file:
        for line in file:
            for part in line.split(","):
                samples.append(int(part))
    return samples


def one_pass(samples):
    """Microseconds, and bytes of heap left behind."""
    step = Motion().step
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    start = time.ticks_us()
    now_ms = 0
    for at in range(0, len(samples), 3):
        now_ms += 20
        step(now_ms, samples[at], samples[at + 1], samples[at + 2])
    taken = time.ticks_diff(time.ticks_us(), start)
    left = gc.mem_alloc() - before
    gc.enable()
    return taken, left


def main(path, rounds):
    """The best round counts."""
    samples = load(path)
    best, left = 1 << 60, 0
    for _ in range(rounds):
        taken, left = one_pass(samples)
        best = min(best, taken)
    print(len(samples) // 3 * 1000000 // best, left)


main(sys.argv[1], int(sys.argv[2]))
