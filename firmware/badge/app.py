"""Starts the badge. Looks at the button first, for it may be pressed just now."""

import asyncio
import sys

import esp32
import machine

from badge import parts
from badge.errors import BadgeError
from badge.finger import Finger
from badge.log import Log
from badge.store import load_config, load_identity
from badge.stumbles import WEAK, Stumbles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_WATCHDOG_MS = 30_000
_WEAK_HZ = 80_000_000  # the least that Bluetooth works with


def main(directory: str = "", started: "Callable[[], object] | None" = None) -> None:
    """Runs the badge whose files are in directory (the root of its flash).

    started: called once, when it is on the air and all its parts are at work.
    """
    config, whole = load_config(directory)
    board = _board(config["board"])
    if board is None:
        print("tocsin: config.json: board %r is not known" % config["board"])
        return
    finger = Finger(parts.button(board))
    nvs = esp32.NVS("tocsin")
    try:
        identity = load_identity(nvs)
    except BadgeError as error:
        print("tocsin:", error)
        return
    watchdog = machine.WDT(timeout=_WATCHDOG_MS)
    try:
        stumbles = Stumbles(nvs, machine.reset_cause() == machine.DEEPSLEEP_RESET)
        _recover(stumbles, finger, board, directory)
        from badge.shell import Shell  # all the rest of the firmware, which takes a while

        shell = Shell(identity, config, whole, board, directory, finger, stumbles, watchdog)
        asyncio.run(shell.run(started))
    except Exception as error:
        sys.print_exception(error)
        Log(directory).write("crash: %s %s" % (type(error).__name__, error))
        machine.reset()  # the open event is in the journal: it goes on


def _board(name: str) -> "ModuleType | None":
    try:
        found: "ModuleType" = __import__("badge.boards." + name, None, None, ("BUTTON",))
    except ImportError:
        return None
    return found


def _recover(stumbles: Stumbles, finger: Finger, board: "ModuleType", directory: str) -> None:
    """After too many starts in a row: spends less, and rests, unless the button is pressed."""
    if not stumbles.weak:
        return
    machine.freq(_WEAK_HZ)
    if stumbles.count == WEAK:
        Log(directory).write("fault: power: start %d that did not last" % stumbles.count)
    rest_ms = stumbles.rest_ms()
    if rest_ms and finger.at_rest:
        parts.wake_by(finger.pin, board)
        machine.deepsleep(rest_ms)
