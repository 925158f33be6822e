"""The event that is open on a badge: what it is worn for, and so not to be lost by mistake."""

from typing import NamedTuple

from gateway.contract.messages import Kind, Phase
from provision.board import Program, Survey, slot_of
from provision.errors import BoardError
from provision.link import Link

_OPEN = (Phase.PENDING, Phase.RAISED, Phase.HEARD, Phase.DELIVERED, Phase.ACKNOWLEDGED)


class Event(NamedTuple):
    """number: the event's; kind and phase: as the badge shows them."""

    number: int
    kind: Kind
    phase: Phase

    def __str__(self) -> str:
        return f"event {self.number}: {self.kind}, {self.phase}"


def open_event(link: Link, found: Survey) -> Event | None:
    """None when there is none, or no firmware that could have one."""
    if found.program is not Program.BADGE:
        return None
    number, kind, phase = link.run("event", slot_of(link, found))
    event = Event(number, tuple(Kind)[kind], tuple(Phase)[phase])
    return event if event.phase in _OPEN else None


def require_none_open(link: Link, found: Survey, otherwise: str, *, force: bool) -> Event | None:
    """Raises BoardError when an event is open. otherwise: what would become of it.

    force: gives the open event back instead.
    """
    event = open_event(link, found)
    if event is not None and not force:
        raise BoardError(
            f"{link.port}: badge {found.number} has an open event ({event}): {otherwise}; resolve"
            " it at the desk first, or use --force"
        )
    return event


def forget(link: Link, found: Survey) -> None:
    """Ends event and visit on the badge, for the next wearer. Does nothing without firmware."""
    if found.program is Program.BADGE:
        link.run("forget", slot_of(link, found))
