"""What is under way to a broker: sent and not acknowledged, or waiting for a place. Pure."""

from collections import deque
from typing import NamedTuple


class Parcel(NamedTuple):
    """A message to publish at QoS 1; token names it to the caller, None when he does not care."""

    topic: str
    payload: bytes
    token: int | None = None
    retain: bool = False
    expiry_s: int | None = None


class Sent(NamedTuple):
    """A parcel on its way, since when in seconds."""

    parcel: Parcel
    at_s: float
    number: int


class Flight:
    """Parcels of one connection, by message id. Any steady clock in seconds.

    limit: how many the broker takes at once (MQTT 5, 3.3.4, Receive Maximum).
    patience_s: a parcel without PUBACK for longer is not normal. Brokers acknowledge in order
    (MQTT 5, 4.6): one that is passed over by later ones was ignored, and when nothing at all
    is acknowledged the broker is broken.
    """

    def __init__(self, patience_s: float, limit: int = 0xFFFF) -> None:
        self.limit = limit
        self._patience_s = patience_s
        self._queue: deque[Parcel] = deque()
        self._sent: dict[int, Sent] = {}
        self._count = 0
        self._acknowledged = 0

    def __len__(self) -> int:
        return len(self._sent) + len(self._queue)

    def queue(self, parcel: Parcel) -> None:
        """A parcel is to go."""
        self._queue.append(parcel)

    def next(self) -> Parcel | None:
        """The parcel to send now; None when none waits or no place is free."""
        if self._queue and len(self._sent) < self.limit:
            return self._queue.popleft()
        return None

    def sent(self, now_s: float, mid: int, parcel: Parcel) -> None:
        """The parcel went out with this message id."""
        self._count += 1
        self._sent[mid] = Sent(parcel, now_s, self._count)

    def acknowledged(self, mid: int) -> Parcel | None:
        """The broker named this id; the parcel, unless it was given up."""
        sent = self._sent.pop(mid, None)
        if sent is None:
            return None
        self._acknowledged = max(self._acknowledged, sent.number)
        return sent.parcel

    def ignored(self, now_s: float) -> tuple[Parcel, ...]:
        """Parcels that the broker passed over; they are given up here."""
        late = {
            mid: sent
            for mid, sent in self._sent.items()
            if now_s - sent.at_s > self._patience_s and sent.number < self._acknowledged
        }
        for mid in late:
            del self._sent[mid]
        return tuple(sent.parcel for sent in late.values())

    def stuck(self, now_s: float) -> bool:
        """Whether the broker takes parcels and acknowledges none."""
        oldest = next(iter(self._sent.values()), None)
        return oldest is not None and now_s - oldest.at_s > self._patience_s
