"""Whether everybody in the escalation chain can be called: looked at before it matters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from desk.escalation import EMPTY_CHAIN, EMPTY_STEP, NO_CHAIN
from desk.options import EscalationOptions
from gateway.contract.errors import ContractError
from gateway.contract.targets import read_targets


class Place(NamedTuple):
    """One contact's place in the chain; step from 1. ways: the schemes of their addresses.

    hole: why they cannot be called, and what to do; "" when they can.
    """

    step: int
    contact: str
    ways: tuple[str, ...]
    wait_s: int
    hole: str = ""


def places(escalation: EscalationOptions | None, contacts: Mapping[str, str]) -> tuple[Place, ...]:
    """The chain as it is now. contacts: name to the file with their addresses."""
    steps = () if escalation is None else escalation.steps
    return tuple(
        place
        for number, step in enumerate(steps, 1)
        for place in (
            [_place(number, name, step.wait_s, contacts) for name in step.contacts]
            or [Place(number, "", (), step.wait_s, f"{EMPTY_STEP.format(number)}; name a contact")]
        )
    )


def holes(escalation: EscalationOptions | None, contacts: Mapping[str, str]) -> tuple[str, ...]:
    """What supervisors must know of the chain, one text a hole; none: everybody can be called."""
    return tuple(dict.fromkeys(_holes(escalation, contacts)))


def _holes(escalation: EscalationOptions | None, contacts: Mapping[str, str]) -> Iterator[str]:
    if escalation is None:
        yield NO_CHAIN
    elif not escalation.steps:
        yield EMPTY_CHAIN
    yield from (place.hole for place in places(escalation, contacts) if place.hole)


def _place(step: int, contact: str, wait_s: int, contacts: Mapping[str, str]) -> Place:
    try:
        targets = read_targets(f"contact {contact}", contacts[contact])
    except ContractError as error:
        return Place(step, contact, (), wait_s, str(error))
    return Place(step, contact, _schemes(target.scheme for target in targets), wait_s)


def _schemes(schemes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(schemes))
