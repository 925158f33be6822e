"""The gateway's decisions, in both directions: inputs in, effects out. Pure.

Its parts share the inputs: `Outgoing` carries reports to the desk, `Orders`
carries commands to the badges, `Alarm` calls people while the desk is away.
None knows the others.
"""

from collections.abc import Collection
from itertools import count

from gateway.alarm.alarm import Alarm, Setting
from gateway.alarm.patterns import State
from gateway.backlog import Contents
from gateway.contract.topics import Topics
from gateway.orders import Orders
from gateway.outgoing import LIMIT_BYTES, Outgoing
from gateway.steps import Effect, Input, Restored

RESEND_MS = 15_000


class Relay:
    """Both directions of one gateway.

    badges, buttons: the numbers in the registry; restored: what the outbox found on disk.
    Inputs of earlier times may come later: host clocks are set back.
    """

    def __init__(
        self,
        gateway: str,
        topics: Topics,
        badges: Collection[int],
        restored: Restored,
        resend_ms: int = RESEND_MS,
        buttons: Collection[int] = (),
        limit_bytes: int = LIMIT_BYTES,
        alarm: Setting | None = None,
    ) -> None:
        row_ids = count(restored.next_row)
        self._outgoing = Outgoing(gateway, topics, row_ids, restored, resend_ms, limit_bytes)
        self._orders = Orders(gateway, topics, row_ids, badges, restored, buttons)
        self._alarm = alarm and Alarm(gateway, topics, row_ids, restored, alarm)

    @property
    def depth(self) -> int:
        """How many messages await the broker's PUBACK."""
        return self._outgoing.depth

    def due_ms(self, now_ms: int) -> float:
        """When a tick may bring orders further, if nothing happens until then."""
        return self._orders.due_ms(now_ms)

    @property
    def awaits(self) -> bool:
        """Whether the desk's receipt of any event is awaited."""
        return self._outgoing.awaits

    @property
    def contents(self) -> Contents:
        """What awaits the broker's PUBACK."""
        return self._outgoing.contents

    @property
    def dropped(self) -> dict[str, int]:
        """How many messages were dropped for want of space, by reason."""
        return self._outgoing.dropped

    def lamp(self, *, deaf: bool) -> State:
        """What a lamp at the hub shows; it belongs to the alarm. deaf: no radio hears."""
        return self._alarm.lamp(deaf=deaf) if self._alarm else "online"

    def renew(self, badges: Collection[int], buttons: Collection[int] = ()) -> None:
        """The registry has other numbers now; what is open stays open."""
        self._orders.renew(badges, buttons)

    def step(self, now_ms: int, happened: Input) -> tuple[Effect, ...]:
        """The effects of one input at a time in milliseconds, to be carried out in this order."""
        effects = self._outgoing.step(now_ms, happened) + self._orders.step(now_ms, happened)
        return effects + self._alarm.step(now_ms, happened) if self._alarm else effects
