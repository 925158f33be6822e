"""What people are told when they are called, in plain words. Pure."""

from datetime import datetime
from typing import NamedTuple

from gateway.contract.messages import Kind, Position

_MS_PER_S = 1000
#: What each kind of event that calls for people, or proves that they can be called, is called.
KIND_NAMES = {
    Kind.STATUS: "Open event",
    Kind.TEST: "TEST",
    Kind.GOING_OFF: "Badge going off",
    Kind.ASSIST: "Assist",
    Kind.MAN_DOWN: "MAN DOWN",
    Kind.SOS: "SOS",
}


class Words(NamedTuple):
    """What people are told; it may hold a position."""

    title: str
    body: str

    def __repr__(self) -> str:
        return "<Words>"


def clock(at_ms: int) -> str:
    """A time (unix ms) as people of this place read it."""
    return f"{datetime.fromtimestamp(at_ms // _MS_PER_S).astimezone():%H:%M:%S %Z}"


def where(fix: Position | None, at_ms: int) -> str:
    """A position, and how old it was at at_ms (unix ms)."""
    if fix is None:
        return "Position: not known."
    age = "of unknown age" if fix.age_s is None else f"less than {fix.age_s} s old"
    accuracy = "" if fix.accuracy_m is None else f" within {fix.accuracy_m} m"
    told = f"Position: {fix.latitude:.5f}, {fix.longitude:.5f}{accuracy}"
    return f"{told}, {age} at {clock(at_ms)}."
