"""The half of bench_nmea that runs in MicroPython: `micropython nmea_in_vm.py STREAM ROUNDS`.

Prints sentences a second: of badge.nmea, of the parser by characters, and the bytes of
heap that one pass of badge.nmea leaves behind.
"""

import gc
import sys
import time

from nmea_by_character import ByCharacter

from badge.nmea import Nmea

CHUNK = 96  # what comes in 100 ms at 9,600 baud


def chunks(stream):
    """The stream in the pieces that a UART gives."""
    return [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]


def ours(pieces):
    """One pass of badge.nmea: microseconds, and bytes of heap left behind."""
    nmea = Nmea(lambda fix: None)
    nmea.feed(pieces[0])
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    start = time.ticks_us()
    for piece in pieces:
        nmea.feed(piece)
    taken = time.ticks_diff(time.ticks_us(), start)
    left = gc.mem_alloc() - before
    gc.enable()
    return taken, left


def by_character(pieces):
    """One pass of the yardstick: microseconds."""
    gc.collect()
    parser = ByCharacter()
    start = time.ticks_us()
    for piece in pieces:
        for byte in piece:
            parser.update(chr(byte))
    return time.ticks_diff(time.ticks_us(), start)


def main(path, rounds):
    """Both in turns; the best round of each counts."""
    with open(path, "rb") as file:
        stream = file.read()
    pieces = chunks(stream)
    sentences = stream.count(b"$")
    best, best_peer, left = 1 << 60, 1 << 60, 0
    for _ in range(rounds):
        taken, left = ours(pieces)
        best = min(best, taken)
        best_peer = min(best_peer, by_character(pieces))
    print(sentences * 1000000 // best, sentences * 1000000 // best_peer, left)


main(sys.argv[1], int(sys.argv[2]))
