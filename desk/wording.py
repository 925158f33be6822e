"""What the people are told whom the desk calls, in plain words. Pure."""

from collections.abc import Mapping

from desk.alert import Alert
from gateway.contract.messages import Phase
from gateway.contract.words import KIND_NAMES, Words, clock, where


class Wording:
    """The words of one desk. wearers: badge number to name; times are unix ms."""

    def __init__(self, wearers: Mapping[int, str], *, with_position: bool) -> None:
        self._wearers = wearers
        self._with_position = with_position

    def call(self, alert: Alert, step: int, round_: int) -> Words:
        """The words of a call: of the step (from 1) in the round (from 1) of the chain."""
        lines = [self._what(alert)]
        if alert.drill:
            lines.insert(0, "This is a DRILL.")
        if alert.covert:
            lines.append("Covert: do not call the wearer.")
        if self._with_position and alert.place is None:
            fix = alert.fix
            lines.append(where(fix.position if fix else None, fix.heard_ms if fix else 0))
        again = "" if round_ == 1 else f", for the {_nth(round_)} time"
        lines.append(f"Nobody has taken alert {alert.key} yet. You are step {step}{again}.")
        return Words(self._title(alert), "\n".join(lines))

    def call_off(self, alert: Alert) -> Words:
        """The words for those who were called, once it is taken or over."""
        taken = alert.stages.get(Phase.ACKNOWLEDGED) or alert.stages.get(Phase.RESOLVED)
        if alert.phase is Phase.ACKNOWLEDGED and taken:
            minutes = "" if alert.minutes is None else f", help in {alert.minutes} min"
            what = f"{taken.by} has taken it{minutes}."
        else:
            what = "It is over."
        return Words(f"No longer open: {self._title(alert)}", f"{self._what(alert)}\n{what}")

    def _title(self, alert: Alert) -> str:
        drill = "DRILL " if alert.drill else ""
        return f"{drill}{_name(alert)}: {self._who(alert)}"

    def _what(self, alert: Alert) -> str:
        if alert.overdue_ms is not None:
            return f"{self._who(alert)} checked in at {clock(alert.heard_ms)} and is overdue."
        return f"{_name(alert)} of {self._who(alert)} since {clock(alert.heard_ms)}."

    def _who(self, alert: Alert) -> str:
        badge = alert.key.badge
        name = self._wearers.get(badge) or alert.place
        return f"{name} (badge {badge})" if name else f"badge {badge}"


def _name(alert: Alert) -> str:
    return KIND_NAMES.get(alert.kind, "Check-in MISSED")


def _nth(number: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(number, f"{number}th")
