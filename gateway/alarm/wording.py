"""What people are told, in plain words. Pure."""

from collections.abc import Mapping

from gateway.alarm.case import Case
from gateway.contract.words import KIND_NAMES, Words, clock, where


class Wording:
    """The words of one hub. names: badge number, as text, to wearer or place."""

    def __init__(self, gateway: str, names: Mapping[str, str], *, with_position: bool) -> None:
        self._gateway = gateway
        self._names = names
        self._with_position = with_position

    def call(self, case: Case, call: int, *, up: bool) -> Words:
        """The words of a call. up: whether the broker is in reach."""
        lines = [
            f"{KIND_NAMES[case.kind]} of {self._who(case)} since {clock(case.heard_ms)}.",
            self._why(case, up=up),
        ]
        if case.drill:
            lines.insert(0, "This is a DRILL.")
        if case.covert:
            lines.append("Covert: do not call the wearer.")
        if self._with_position and case.place is None:
            lines.append(where(case.position, case.position_ms))
        lines.append(f"Call {call} by hub {self._gateway}.")
        return Words(self._title(case), "\n".join(lines))

    def call_off(self, case: Case, *, taken: bool) -> Words:
        """The words that follow calls once the desk knows, or somebody took the event."""
        what = "has been taken or is over" if taken else "has reached the desk"
        body = f"{KIND_NAMES[case.kind]} of {self._who(case)} since {clock(case.heard_ms)} {what}."
        return Words(f"Now known: {self._title(case)}", f"{body}\nHub {self._gateway}.")

    def _title(self, case: Case) -> str:
        drill = "DRILL " if case.drill else ""
        return f"{drill}{KIND_NAMES[case.kind]}: {self._who(case)}"

    def _who(self, case: Case) -> str:
        name = self._names.get(str(case.badge)) or case.place
        return f"{name} (badge {case.badge})" if name else f"badge {case.badge}"

    def _why(self, case: Case, *, up: bool) -> str:
        if not up and case.delivered:
            return f"The desk has it, but hub {self._gateway} lost the broker and nobody took it."
        if not up:
            return f"Hub {self._gateway} cannot reach the broker: the desk does not know."
        return f"The desk does not answer hub {self._gateway}: perhaps it does not know."
