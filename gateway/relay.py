"""The gateway's decisions, in both directions: inputs in, effects out. Pure.

Two halves share the inputs: `Outgoing` carries reports to the desk, `Orders`
carries commands to the badges. Neither knows the other.
"""

from collections.abc import Collection
from itertools import count

from gateway.contract.topics import Topics
from gateway.orders import Orders
from gateway.outgoing import Outgoing
from gateway.steps import Effect, Input, Restored

RESEND_MS = 15_000


class Relay:
    """Both directions of one gateway.

    badges: the numbers in the registry; restored: what the outbox found on disk.
    Inputs of earlier times may come later: host clocks are set back.
    """

    def __init__(
        self,
        gateway: str,
        topics: Topics,
        badges: Collection[int],
        restored: Restored,
        resend_ms: int = RESEND_MS,
    ) -> None:
        row_ids = count(restored.next_row)
        self._outgoing = Outgoing(gateway, topics, row_ids, restored, resend_ms)
        self._orders = Orders(gateway, topics, row_ids, badges, restored)

    @property
    def depth(self) -> int:
        """How many messages await the broker's PUBACK."""
        return self._outgoing.depth

    def step(self, now_ms: int, happened: Input) -> tuple[Effect, ...]:
        """The effects of one input at a time in milliseconds, to be carried out in this order."""
        return self._outgoing.step(now_ms, happened) + self._orders.step(now_ms, happened)
