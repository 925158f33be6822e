"""Bytes of heap that the decoder takes: `decoder_memory.py` on MicroPython.

Prints, for garbage of 128 bytes in one chunk and for an advertisement's frame, what feeding
them allocates.
"""

import gc
import sys

from wire.framing import Decoder
from wire.link import Advert


def taken(chunk):
    decoder = Decoder()
    decoder.feed(chunk)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    decoder.feed(chunk)
    after = gc.mem_alloc()
    gc.enable()
    return after - before


advert = Advert(b"abcdef", 1, -60, 3, bytes(31)).frame()
sys.stdout.write(f"{taken(b'x' * 128)} {taken(advert)}\n")
