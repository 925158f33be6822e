"""A hub that asks and does not read, and then reads: `line_to_a_deaf_hub.py REQUESTS`.

Prints how many requests the line took while the hub was deaf, whether waiting for it ended
before its time, how many news found room then, and how many answers came in the end.
"""

import io
import select
import sys
import time

from dongle.line import OUT_LENGTH, Line, Wake
from wire.link import BUSY, Advert, Receiver, Write, WriteResult

ADVERT = Advert(b"badge7", 1, -60, 0, bytes(31)).frame()
WAIT_MS = 50


class Stream(io.IOBase):
    def __init__(self):
        self.content = b""
        self.is_open = True

    def ioctl(self, request, argument):
        if request != 3:
            return -1
        ready = select.POLLIN if self.content else 0
        if self.is_open:
            ready |= select.POLLOUT
        return argument & ready

    def readinto(self, buffer):
        buffer[0] = self.content[0]
        self.content = self.content[1:]
        return 1

    def write(self, chunk):
        self.content += bytes(chunk)
        return len(chunk)


def turn(line):
    """What was asked for and is answered; None when nothing more comes."""
    asked = line.read()
    for write in asked:
        line.send(WriteResult(write.request, BUSY).frame())
    line.flush()
    return len(asked)


def main(count):
    hub, dongle = Stream(), Stream()
    dongle.is_open = False
    hub.content = b"".join(Write(b"badge7", 1, n, b"x").frame() for n in range(count))
    line = Line(hub, dongle, Wake())
    heard = 0
    while line.has_room(len(ADVERT)):
        line.send(ADVERT)
        heard += 1
    taken = 0
    for _ in range(OUT_LENGTH):
        taken += turn(line)
    before = time.ticks_ms()
    line.wait(WAIT_MS)
    waited = time.ticks_diff(time.ticks_ms(), before) >= WAIT_MS
    dongle.is_open = True
    receiver = Receiver()
    answers = []
    for _ in range(count + OUT_LENGTH):
        turn(line)
        answers += [m.request for m in receiver.feed(dongle.content) if m.KIND == WriteResult.KIND]
        dongle.content = b""
    in_order = answers == list(range(count))
    sys.stdout.write(f"{taken} {waited:d} {heard} {len(answers)} {in_order:d}\n")


main(int(sys.argv[1]))
