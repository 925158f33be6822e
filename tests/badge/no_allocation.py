"""Feeds a recording with the heap locked: whatever is allocated raises MemoryError.

`no_allocation.py CHUNK FILE` on MicroPython; prints sentences, fixes and bytes of heap taken.
"""

import gc
import sys

import micropython

from badge.nmea import Nmea


def nothing(fix):
    pass


def feed(file, buffer, nmea):
    """All of the file; the number of fixes."""
    fixes = 0
    length = file.readinto(buffer)
    while length:
        fixes += nmea.feed(buffer, length)
        length = file.readinto(buffer)
    return fixes


def main(chunk, path):
    buffer = bytearray(chunk)
    nmea = Nmea(nothing)
    with open(path, "rb") as file:
        feed(file, buffer, nmea)
    nmea = Nmea(nothing)
    with open(path, "rb") as file:
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        micropython.heap_lock()
        fixes = feed(file, buffer, nmea)
        micropython.heap_unlock()
        taken = gc.mem_alloc() - before
    sys.stdout.write(f"{nmea.sentences.whole + nmea.sentences.ignored} {fixes} {taken}\n")


main(int(sys.argv[1]), sys.argv[2])
