"""Hears with the heap locked: whatever the interrupt allocates raises MemoryError.

`no_allocation.py ADVERTS` on MicroPython; prints how many were new, repeated, foreign, lost.
"""

import sys

import micropython

from dongle.hearing import SLOTS, Hearing
from wire.frame import to_advertisement


def main(count):
    hearing = Hearing(0xFFFF)
    payloads = [memoryview(to_advertisement(bytes((at,)) * 24)) for at in range(2 * SLOTS)]
    stranger = memoryview(b"\x02\x01\x06\x1b\xff\x4c\x00" + bytes(24))
    address = memoryview(b"abcdef")
    new = 0
    micropython.heap_lock()
    for at in range(count):
        payload = payloads[at % len(payloads)]
        new += hearing.heard(at, 1, address, -60, payload)
        new += hearing.heard(at, 1, address, -50, payload)
        hearing.heard(at, 0, address, -60, stranger)
    micropython.heap_unlock()
    sys.stdout.write(f"{new} {hearing.repeats} {hearing.foreign} {hearing.overflows}\n")


main(int(sys.argv[1]))
