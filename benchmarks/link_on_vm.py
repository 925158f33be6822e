"""The half of bench_link that runs on either virtual machine: `link_on_vm.py ROUNDS`.

Prints a second's worth of each: adverts' frames encoded, the same decoded, advertisements
of strangers, repeats, and new ones through the dongle's interrupt handler.
"""

import gc
import sys
import time

from dongle.hearing import SLOTS, Hearing
from wire.frame import to_advertisement
from wire.framing import Decoder
from wire.link import Advert

COUNT = 32  # the ring takes as many at once
CHUNK = 128  # what the dongle reads in one turn
FOREIGN = b"\x02\x01\x06\x1b\xff\x4c\x00" + bytes(24)


def now_us():
    """Microseconds of a clock that runs on."""
    if sys.implementation.name == "micropython":
        return time.ticks_us()
    return time.perf_counter_ns() // 1000


def payloads():
    """Advertisements as unlike as badges' are."""
    return [
        to_advertisement(bytes((at * 7 + n * 31) & 0xFF for n in range(24))) for at in range(COUNT)
    ]


def encode(adverts):
    """One pass of encoding."""
    for advert in adverts:
        advert.frame()


def decode(chunks):
    """One pass of decoding."""
    decoder = Decoder()
    for chunk in chunks:
        decoder.feed(chunk)


def hear(hearing, heard):
    """One pass through the interrupt handler."""
    address = memoryview(b"abcdef")
    for payload in heard:
        hearing.heard(0, 1, address, -60, payload)


def taken_us(work, *arguments):
    """How long it takes, in microseconds."""
    gc.collect()
    start = now_us()
    work(*arguments)
    return now_us() - start


def main(rounds):
    """Each in turns; the best round of each counts."""
    said = payloads()
    adverts = [Advert(b"abcdef", 1, -60, 3, payload) for payload in said]
    stream = b"".join([advert.frame() for advert in adverts])
    chunks = [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]
    heard = [memoryview(payload) for payload in said]
    strangers = [memoryview(FOREIGN)] * COUNT
    best = [1 << 60] * 5
    for _ in range(rounds):
        hearing = Hearing(0xFFFF)
        times = [
            taken_us(encode, adverts),
            taken_us(decode, chunks),
            taken_us(hear, hearing, strangers),
            taken_us(hear, hearing, heard),
            taken_us(hear, hearing, heard),
        ]
        best = [min(pair) for pair in zip(best, times)]  # noqa: B905
    assert COUNT <= SLOTS // 2
    print(" ".join(str(COUNT * 1000000 // max(1, us)) for us in best))


main(int(sys.argv[1]))
