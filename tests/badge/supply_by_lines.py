"""A board's supply on the stand-ins: lines of a script in, what it gives and says out.

`supply_by_lines.py STAND_INS SCRIPT` on MicroPython. A line is `board NAME`, which makes the
supply, one of the simulator's to the hardware, or `battery`, `cell`, `gnss 0 | 1`, `off`.
"""

import sys

sys.path.insert(0, sys.argv[1])

import _bus
import machine


def say(*words):
    """One line of the answer."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


class Bus:
    """Says what the hardware does. No time passes."""

    lockstep = True
    now_ms = 0

    def send(self, *words):
        say(*words)

    def stamp(self):
        pass

    def wait(self, ms):
        sys.exit(0)


def obey(words, supply):
    """One line; the supply."""
    kind = words[0]
    if kind == "board":
        from badge import parts

        board = __import__("badge.boards." + words[1], None, None, ("BUTTON",))
        return parts.supply(board, parts.bus(board))
    if kind == "battery":
        percent, powered = supply.battery()
        say("battery", percent, powered, "fault" if supply.faulty else "fine")
    elif kind == "cell":
        say("cell", supply.cell_mv())
    elif kind == "gnss":
        supply.gnss(words[1] == "1")
    elif kind == "off":
        supply.off()
    else:
        getattr(machine, "sim_" + kind)(words)
    return supply


def main(path):
    _bus.bus = Bus()
    supply = None
    with open(path) as file:
        for line in file:
            supply = obey(line.split(), supply)


main(sys.argv[2])
