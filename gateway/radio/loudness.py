"""Who heard whom how loudly of late, to connect through the best placed. Pure."""

from collections.abc import Hashable
from typing import Generic, TypeVar

_RECENT_MS = 10_000
_MAX_ADDRESSES = 1024

Ear = TypeVar("Ear", bound=Hashable)


class Loudness(Generic[Ear]):
    """Signals by address and ear; times in ms of any steady clock."""

    def __init__(self) -> None:
        self._heard: dict[str, dict[Ear, tuple[int, int]]] = {}

    def note(self, now_ms: int, address: str, ear: Ear, rssi: int) -> None:
        """An ear heard an address; rssi in dBm."""
        # Addresses rotate: the latest are kept, in the order in which they were heard.
        ears = self._heard.pop(address, {})
        ears[ear] = (now_ms, rssi)
        self._heard[address] = ears
        if len(self._heard) > _MAX_ADDRESSES:
            del self._heard[next(iter(self._heard))]

    def ranking(self, now_ms: int, address: str) -> tuple[Ear, ...]:
        """The ears that heard it, best first: the loudest of the last 10 s, then the latest."""

        def worth(ear: Ear) -> tuple[bool, int]:
            at_ms, rssi = ears[ear]
            recent = now_ms - at_ms <= _RECENT_MS
            return recent, rssi if recent else at_ms

        ears = self._heard.get(address, {})
        return tuple(sorted(ears, key=worth, reverse=True))
