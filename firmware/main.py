"""What a badge or a dongle runs: the firmware in its slot, and a new one on trial.

/fw/slot says which: "a" - the firmware in /fw/a; "ab" - a is good, b waits for its trial;
"ab!" - b is on trial, or its trial ended without a start: back to a. Every change of it is
one rename, so that a power cut leaves the state before or the state after.

A trial is passed when the firmware says so: a badge's first frame is on the air, and all its
parts are at work; a dongle's radio is up. Whatever ends it before that, a crash, a watchdog or
a power cut, fails it.
"""

import os
import sys

import machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STATE = "/fw/slot"
_WATCHDOG_MS = 30_000


def _read() -> str:
    try:
        with open(_STATE) as file:
            state: str = file.read()
            return state
    except OSError:
        return "a"


def _write(state: str) -> bool:
    try:
        with open(_STATE + ".new", "w") as file:
            file.write(state)
        os.rename(_STATE + ".new", _STATE)
    except OSError:
        return False
    return True


def _choose() -> "tuple[str, bool]":
    """The slot to run, and whether it is on trial."""
    state = _read()
    if len(state) == 2 and _write(state + "!"):
        return state[1], True
    if len(state) == 3:
        print("tocsin: slot", state[1], "did not start, back to", state[0])
        _write(state[0])
    return state[:1], False


def _note_start(slot: str) -> None:
    if _write(slot):
        print("tocsin: slot", slot, "has started")


def _app(slot: str) -> "Any":
    """The program of the slot, which alone knows what the board is."""
    sys.path.insert(0, "/fw/" + slot)
    try:
        os.stat("/fw/" + slot + "/dongle/app.mpy")
    except OSError:
        import badge.app

        return badge.app
    import dongle.app

    return dongle.app


def _run() -> None:
    slot, trial = _choose()
    print("tocsin: slot", slot, "on trial" if trial else "")
    if trial:
        machine.WDT(timeout=_WATCHDOG_MS)
    try:
        app = _app(slot)
        if trial:
            app.main(started=lambda: _note_start(slot))
        else:
            app.main()
    except Exception as error:
        sys.print_exception(error)
    if trial:
        machine.reset()


_run()
