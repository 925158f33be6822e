"""Everything that Bluetooth says, with the heap locked; then a peer that notifies without end.

Prints the signals that came through, and how many of the endless ones one turn gets.
"""

import sys

import micropython


class UUID:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value

    def __hash__(self):
        return hash(self.value)


class Bluetooth:
    UUID = UUID


sys.modules["bluetooth"] = Bluetooth

from dongle.hearing import Hearing  # noqa: E402
from dongle.radio import Radio  # noqa: E402
from wire.command import COMMAND_UUID  # noqa: E402


class Controller:
    def active(self, active):
        pass

    def config(self, mtu):
        pass

    def irq(self, handler):
        self.handler = handler

    gattc_exchange_mtu = gattc_discover_characteristics = gap_disconnect = None


def nothing():
    pass


def main():
    controller = Controller()
    radio = Radio(controller, Hearing(0xFFFF), nothing)
    address, reply = memoryview(b"badge7"), memoryview(bytes(range(40)))
    said = (
        (5, (1, address, 0, -60, memoryview(bytes(31)))),
        (6, ()),
        (7, (3, 1, address)),
        (21, (3, 128)),
        (9, (3, 14, 19, UUID("a service"))),
        (10, (3, 0)),
        (11, (3, 17, 16, 8, UUID(COMMAND_UUID))),
        (11, (3, 20, 19, 16, UUID("another"))),
        (12, (3, 0)),
        (17, (3, 16, 0)),
        (18, (3, 19, reply)),
        (8, (3, 1, address)),
        (99, (1, 2, 3)),
    )
    say = controller.handler
    micropython.heap_lock()
    for event, told in said:
        say(event, told)
    micropython.heap_unlock()
    signals = [note[0] for note in radio.news()]
    whole = radio.reply() == bytes(reply)
    for _ in range(10_000):
        say(18, (3, 19, reply))
    endless = len(radio.news())
    sys.stdout.write(f"{signals} {whole:d} {endless} {len(radio.news())}\n")


main()
