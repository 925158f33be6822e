"""Feeds samples with the heap locked: `motion_without_heap.py FILE` on MicroPython.

FILE: `ms,x,y,z` in each line. Prints ms:event for each event, and the bytes of heap taken.
"""

import gc
import sys
from array import array

import micropython

from badge.motion import Motion


def load(path):
    numbers = array("i")
    with open(path) as file:
        for line in file:
            for part in line.split(","):
                numbers.append(int(part))
    return numbers


def feed(motion, numbers, told):
    """Events into told, as ms and event; how many numbers that is."""
    count = 0
    for at in range(0, len(numbers), 4):
        event = motion.step(numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3])
        if event:
            told[count] = numbers[at]
            told[count + 1] = event
            count += 2
    return count


def main(path):
    numbers = load(path)
    told = array("i", [0] * 64)
    motion = Motion()
    gc.collect()
    before = gc.mem_alloc()
    micropython.heap_lock()
    count = feed(motion, numbers, told)
    micropython.heap_unlock()
    taken = gc.mem_alloc() - before
    for at in range(0, count, 2):
        sys.stdout.write(f"{told[at]}:{told[at + 1]}\n")
    sys.stdout.write(f"{taken}\n")


main(sys.argv[1])
