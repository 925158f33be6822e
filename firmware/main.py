"""What the badge runs: the firmware in its slot, and a new one on trial.

/fw/slot says which: "a" - the firmware in /fw/a; "ab" - a is good, b waits for its trial;
"ab!" - b is on trial, or its trial ended without a start: back to a. Every change of it is
one rename, so that a power cut leaves the state before or the state after.
"""

import asyncio
import os
import sys

import machine

_STATE = "/fw/slot"
# Whose loop ran for so long has started: its parts are open, its first frame is out. It must
# be less than a badge is awake for a heartbeat.
_TRIAL_MS = 250
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
    if len(state) == 3 and machine.reset_cause() == machine.DEEPSLEEP_RESET:
        _note_start(state[1])  # who went to sleep by itself had started
        return state[1], False
    if len(state) == 3:
        print("tocsin: slot", state[1], "did not start, back to", state[0])
        _write(state[0])
    return state[:1], False


async def _confirm(slot: str) -> None:
    await asyncio.sleep_ms(_TRIAL_MS)
    _note_start(slot)


def _note_start(slot: str) -> None:
    if _write(slot):
        print("tocsin: slot", slot, "has started")


def _run() -> None:
    slot, trial = _choose()
    sys.path.insert(0, "/fw/" + slot)
    print("tocsin: slot", slot, "on trial" if trial else "")
    if trial:
        machine.WDT(timeout=_WATCHDOG_MS)
        confirmation = asyncio.create_task(_confirm(slot))  # runs in the firmware's own loop
    try:
        import badge.app  # its slot is known only now

        badge.app.main()
    except Exception as error:
        sys.print_exception(error)
    if trial:
        confirmation.cancel()
        machine.reset()


_run()
