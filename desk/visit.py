"""The latest that a badge said of its visits, as it is kept. Pure."""

from typing import Literal

import msgspec

from desk.alert import Key
from gateway.contract.messages import Kind


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A badge's latest check in or check out; times in ms of the time that only runs.

    key, kind: the badge's event. counter: the highest frame counter that told of a
    check in or out; what tells less is of the past. state: `missed` is for a
    person to answer, who resolves the alert of the check in. heard_ms: when the
    check in was heard, by the host's clock (unix ms). since_ms, due_ms: of the visit.
    over_ms: when the desk first saw that it was due. by: who set the time; "" for the
    configuration. told: the badge confirmed the timer as it is now.
    """

    key: Key
    kind: Kind
    counter: int
    state: Literal["running", "ended", "missed"]
    heard_ms: int = 0
    since_ms: int = 0
    due_ms: int = 0
    over_ms: int | None = None
    by: str = ""
    told: bool = True

    @property
    def rank(self) -> tuple[int, bool]:
        """Sorts the latest last; of the same frame, what rings counts."""
        return (self.counter, self.kind is Kind.CHECK_IN)
