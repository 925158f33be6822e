"""Whether broker and gateways are there: silence must be seen."""

from typing import Literal

import msgspec

from gateway.contract.messages import GatewayState

#: A gateway that says nothing for so long is silent, whatever it said last.
SILENT_MS = 90_000

Condition = Literal["online", "deaf", "offline", "silent"]


class GatewayView(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway as the desk sees it; heard_ms: when it last said so, by the desk's clock.

    warnings: what supervisors must see, such as "intrusion", or "disk full".
    """

    gateway: str
    state: Condition
    heard_ms: int
    warnings: tuple[str, ...] = ()


class RunningVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that runs. alert: of its check in. Times are unix ms by the host's clock."""

    badge: int
    wearer: str
    alert: str
    since_ms: int
    due_ms: int


class SilentBadge(msgspec.Struct, frozen=True, kw_only=True):
    """A badge that is not heard though it should be; heard_ms: when it last was (unix ms)."""

    badge: int
    wearer: str
    heard_ms: int


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """The desk's links, visits and silent badges, as those who watch see them.

    warnings: the holes in the chain of people who are called.
    """

    broker: bool
    reason: str
    gateways: tuple[GatewayView, ...]
    supervisors: int
    counts: dict[str, int]
    visits: tuple[RunningVisit, ...] = ()
    silent: tuple[SilentBadge, ...] = ()
    warnings: tuple[str, ...] = ()


class Gateways:
    """The last state of each gateway. Its times are of a clock that nobody sets (ms)."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, GatewayState]] = {}

    def hear(self, running_ms: int, state: GatewayState) -> None:
        """A gateway, or its will, said how it is."""
        self._seen[state.gateway] = (running_ms, state)

    def view(self, running_ms: int, now_ms: int) -> tuple[GatewayView, ...]:
        """All gateways that were ever heard, by name. now_ms: unix ms, as its times are."""
        return tuple(
            GatewayView(
                gateway=name,
                state="silent"
                if state.state == "online" and running_ms - heard_ms > SILENT_MS
                else state.state,
                heard_ms=now_ms - (running_ms - heard_ms),
                warnings=_warnings(state),
            )
            for name, (heard_ms, state) in sorted(self._seen.items())
        )


def _warnings(state: GatewayState) -> tuple[str, ...]:
    return state.warnings if state.disk == "ok" else (*state.warnings, f"disk {state.disk}")
