"""Where the chain of people who are called for one alert stands, as it is kept. Pure."""

import msgspec

from desk.alert import Key
from gateway.contract.messages import Kind


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """One alert's way up the chain; times in ms of the time that only runs (desk/steady.py).

    kind, drill: what people were told that it is. round: how often the chain was
    begun, last at began_ms. step: the index of the step that comes next, at due_ms;
    None: there is no chain, and that was said. latest: who was called last, at
    called_ms. awaited: those of them of whom it is not known whether they were
    reached. called: everybody who was called.
    """

    key: Key
    kind: Kind
    drill: bool
    began_ms: int
    due_ms: int | None
    round: int = 0
    step: int = 0
    called_ms: int | None = None
    latest: tuple[str, ...] = ()
    awaited: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
