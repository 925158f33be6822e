"""What the lamp shows, as times; dark means that the gateway does not run. Pure."""

from typing import Literal, NamedTuple

State = Literal["online", "offline", "deaf", "alarm"]


class Flash(NamedTuple):
    """Light, then dark; both in seconds."""

    lit_s: float
    dark_s: float


#: The flashes of each state, repeated for as long as it lasts.
PATTERNS: dict[State, tuple[Flash, ...]] = {
    "online": (Flash(0.1, 4.9),),
    "offline": (Flash(0.2, 0.3), Flash(0.2, 2.3)),
    "deaf": (Flash(1.0, 1.0),),
    "alarm": (Flash(0.1, 0.1),),
}


def lamp_state(*, alarm: bool, deaf: bool, up: bool) -> State:
    """What to show when several hold: the worst. up: the broker is in reach."""
    if alarm:
        return "alarm"
    if deaf:
        return "deaf"
    return "online" if up else "offline"
