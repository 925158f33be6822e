"""Tells badges when their visit is due, until they confirm it: the badge reminds its wearer. Pure.

The badge's timer is for the wearer's hand alone; what rings is the desk's.
"""

from desk.steady import Moment
from desk.turns import Send
from desk.visit import Visit
from gateway.contract.messages import CommandMessage, CommandResult, Opcode, rfc3339

MINUTE_MS = 60_000
AGAIN_MS = 60_000


class Reminders:
    """When each badge was last told of its timer."""

    def __init__(self) -> None:
        self._sent_ms: dict[int, int] = {}

    def changed(self, moment: Moment, old: Visit | None, new: Visit) -> tuple[Send, ...]:
        """Tell the badge at once when its timer is not the one that it was."""
        if new.told or (old is not None and _timer(old) == _timer(new)):
            return ()
        return (self._send(moment, new),)

    def again(self, moment: Moment, visit: Visit) -> tuple[Send, ...]:
        """Tell a badge that has not confirmed it, until its timer would be over anyway."""
        sent_ms = self._sent_ms.get(visit.key.badge)
        soon = sent_ms is not None and moment.at_ms - sent_ms < AGAIN_MS
        return () if soon or moment.at_ms >= visit.due_ms else (self._send(moment, visit),)

    def _send(self, moment: Moment, visit: Visit) -> Send:
        self._sent_ms[visit.key.badge] = moment.at_ms
        return Send(
            CommandMessage(
                id=f"{_name(visit)}{moment.now_ms}",
                badge=visit.key.badge,
                event=visit.key.event,
                opcode=Opcode.VISIT_TIMER,
                expires_at=rfc3339(moment.now_ms + AGAIN_MS),
                argument=_minutes(moment, visit),
            )
        )


def is_current(visit: Visit, result: CommandResult) -> bool:
    """Whether a result is about the timer as it is now, and not as it was."""
    return result.id.startswith(_name(visit))


def _timer(visit: Visit) -> tuple[object, ...]:
    return (visit.key, visit.state, visit.due_ms)


def _name(visit: Visit) -> str:
    """How the ids of all commands begin that tell of this timer."""
    due_ms = visit.due_ms if visit.state == "running" else 0
    return f"{visit.key}-{Opcode.VISIT_TIMER}-{due_ms}-"


def _minutes(moment: Moment, visit: Visit) -> int:
    """Until the visit is due, to the nearest minute; 0 turns the badge's timer off."""
    if visit.state != "running":
        return 0
    return max(1, round((visit.due_ms - moment.at_ms) / MINUTE_MS))
