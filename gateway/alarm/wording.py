"""What people are told, in plain words. Pure."""

from collections.abc import Mapping
from datetime import datetime

from gateway.alarm.case import Case
from gateway.contract.messages import Kind, Position
from gateway.steps import Words

_MS_PER_S = 1000
_NAMES = {
    Kind.STATUS: "Open event",
    Kind.TEST: "TEST",
    Kind.GOING_OFF: "Badge going off",
    Kind.ASSIST: "Assist",
    Kind.MAN_DOWN: "MAN DOWN",
    Kind.SOS: "SOS",
}


class Wording:
    """The words of one hub. names: badge number, as text, to wearer or place."""

    def __init__(self, gateway: str, names: Mapping[str, str], *, with_position: bool) -> None:
        self._gateway = gateway
        self._names = names
        self._with_position = with_position

    def call(self, case: Case, call: int, *, up: bool) -> Words:
        """The words of a call. up: whether the broker is in reach."""
        lines = [
            f"{_NAMES[case.kind]} of {self._who(case)} since {_clock(case.heard_ms)}.",
            self._why(case, up=up),
        ]
        if case.drill:
            lines.insert(0, "This is a DRILL.")
        if case.covert:
            lines.append("Covert: do not call the wearer.")
        if self._with_position and case.place is None:
            lines.append(_where(case))
        lines.append(f"Call {call} by hub {self._gateway}.")
        return Words(self._title(case), "\n".join(lines))

    def call_off(self, case: Case, *, taken: bool) -> Words:
        """The words that follow calls once the desk knows, or somebody took the event."""
        what = "has been taken or is over" if taken else "has reached the desk"
        body = f"{_NAMES[case.kind]} of {self._who(case)} since {_clock(case.heard_ms)} {what}."
        return Words(f"Now known: {self._title(case)}", f"{body}\nHub {self._gateway}.")

    def _title(self, case: Case) -> str:
        drill = "DRILL " if case.drill else ""
        return f"{drill}{_NAMES[case.kind]}: {self._who(case)}"

    def _who(self, case: Case) -> str:
        name = self._names.get(str(case.badge)) or case.place
        return f"{name} (badge {case.badge})" if name else f"badge {case.badge}"

    def _why(self, case: Case, *, up: bool) -> str:
        if not up and case.delivered:
            return f"The desk has it, but hub {self._gateway} lost the broker and nobody took it."
        if not up:
            return f"Hub {self._gateway} cannot reach the broker: the desk does not know."
        return f"The desk does not answer hub {self._gateway}: perhaps it does not know."


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms // _MS_PER_S).astimezone():%H:%M:%S %Z}"


def _where(case: Case) -> str:
    fix = case.position
    if fix is None:
        return "Position: not known."
    age = "of unknown age" if fix.age_s is None else f"less than {fix.age_s} s old"
    told = f"Position: {fix.latitude:.5f}, {fix.longitude:.5f}{_accuracy(fix)}"
    return f"{told}, {age} at {_clock(case.position_ms)}."


def _accuracy(fix: Position) -> str:
    return "" if fix.accuracy_m is None else f" within {fix.accuracy_m} m"
