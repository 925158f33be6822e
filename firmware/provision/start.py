"""Watches a new firmware start: by what the board says, or by the slot that it chose."""

import re

from provision.board import Program, survey
from provision.errors import BoardError, LinkError
from provision.link import Link

# From the reset to the line that says the trial was passed; what hangs in it is reset by its
# watchdog after 30, and then the old firmware says so.
_START_S = 40.0
_LATE_S = 10.0  # the same, where the line may have been said before the port was back
_QUIET_S = 2.0  # a badge without keys says no more after that
_TROUBLE = re.compile(r"\w*(Error|Exception)\b")  # the last line of a traceback


def watch_start(link: Link, slot: str, program: Program, *, trial: bool) -> None:
    """Restarts the board, and waits until the firmware has started.

    Raises BoardError with its last words when it has not; the old one runs then, if there is one.
    """
    awaited = trial or program is Program.DONGLE
    try:
        link.reset()
        trouble = _listen(link, slot, awaited=awaited, trial=trial)
        if trouble is not None and trial and link.missed:
            trouble = _look(link, slot, trouble)
    except LinkError as error:
        raise LinkError(
            f"{link.port}: the board has the firmware, but was gone before it started; plug it in"
            " and run tocsin-badge list to see which one runs"
        ) from error
    if trouble is not None and (trouble or awaited):
        raise BoardError(
            f"{link.port}: the firmware does not start: {trouble or 'it said nothing'}"
        )


def _listen(link: Link, slot: str, *, awaited: bool, trial: bool) -> str | None:
    """None when it says that it has started, else the last error that it told."""
    trouble = ""
    limit_s = _LATE_S if link.missed else _START_S
    for said in link.said(limit_s if awaited else _QUIET_S, limit_s):
        if not isinstance(said, str):
            if not trial:  # a dongle's first message
                return None
        elif said == f"tocsin: slot {slot} has started":
            return None
        elif said.startswith("tocsin: ") and "did not start" in said:
            raise _fell_back(link, trouble)
        elif _TROUBLE.match(said):
            trouble = said
            if not trial:  # nothing comes after it
                break
    return trouble


def _look(link: Link, slot: str, trouble: str) -> str | None:
    """The same, by what the flash holds: the port came back too late to hear it."""
    link.interrupt()
    state = survey(link).slot
    link.reset()
    if state == slot:
        return None
    if state[:1] != slot and len(state) == 1:
        raise _fell_back(link, trouble)
    return trouble


def _fell_back(link: Link, trouble: str) -> BoardError:
    return BoardError(
        f"{link.port}: the new firmware did not start ({trouble or 'it said nothing'}); the old"
        " one runs again"
    )
