"""The receiver's task on MicroPython before a line that never stops: `gnss_in_vm.py STAND_INS`.

Prints how often another task had its turn in a second.
"""

import sys


class Line:
    """In the place of the simulator's line: waiting moves the time."""

    lockstep = True
    now_ms = 0

    def send(self, *words):
        pass

    def stamp(self):
        pass

    def wait(self, ms):
        self.now_ms += max(ms, 0)


sys.path.insert(0, sys.argv[1])

import _bus  # noqa: E402

line = _bus.bus = Line()

import asyncio  # noqa: E402

from badge.gnss import Gnss  # noqa: E402


class Chatter:
    """A UART that always has more."""

    left = 1_000_000

    def any(self):
        self.left -= 1
        return self.left > 0

    def readinto(self, buffer):
        return len(buffer)

    def write(self, message):
        pass

    def init(self, baudrate):
        pass


async def main():
    gnss = Gnss(Chatter(), lambda on: None, lambda nmea: None, lambda mute: None)
    gnss.power(True)
    running = asyncio.create_task(gnss.run())
    turns = 0
    while line.now_ms < 1_000:
        await asyncio.sleep_ms(100)
        turns += 1
    running.cancel()
    sys.stdout.write(f"{turns}\n")


asyncio.run(main())
