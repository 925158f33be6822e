"""Bluetooth's interrupt as examples write it: what was heard goes into a list.

`naive_interrupt.py` on MicroPython, with the heap locked, as it is when it is full;
prints what became of the first advertisement.
"""

import sys

import micropython


def main():
    heard = []

    def irq(event, told):
        _, address, _, rssi, payload = told
        heard.append((bytes(address), rssi, bytes(payload)))

    said = (1, memoryview(b"badge7"), 0, -60, memoryview(bytes(31)))
    micropython.heap_lock()
    try:
        irq(5, said)
        outcome = "heard"
    except MemoryError:
        outcome = "MemoryError"
    micropython.heap_unlock()
    sys.stdout.write(outcome)


main()
