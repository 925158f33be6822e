"""What a hand feels: the motor pin's edges, read back as the patterns of badge.signals."""

from itertools import pairwise
from typing import NamedTuple

from badge import signals

_LONG_FROM_MS = (signals.SHORT_MS + signals.LONG_MS) // 2
_PAUSE_FROM_MS = (signals.GAP_MS + signals.PAUSE_MS) // 2
END_MS = 800  # a silence longer than any within a pattern


class Felt(NamedTuple):
    """One pattern: when it began, and its names ("recognised" and "heard" feel alike)."""

    at_ms: int
    names: tuple[str, ...]


class Hand:
    """Edges in, patterns out; takes real motors' and slow machines' timing with tolerance."""

    def __init__(self) -> None:
        self._edges: list[int] = []  # on, off, on, off, ...

    def edge(self, now_ms: int, on: bool) -> Felt | None:
        """The pattern that this edge shows to be over, if any."""
        over = self.tick(now_ms) if on else None
        if on == (len(self._edges) % 2 == 0):
            self._edges.append(now_ms)
        return over

    def tick(self, now_ms: int) -> Felt | None:
        """The pattern that has ended by now, if any."""
        edges = self._edges
        if not edges or len(edges) % 2 or now_ms - edges[-1] < END_MS:
            return None
        self._edges = []
        shape = _shape([later - sooner for sooner, later in pairwise(edges)])
        names = tuple(
            name
            for name, pattern in zip(signals.NAMES, signals.VIBRATION, strict=True)
            if pattern and _shape(list(pattern)) == shape
        )
        return Felt(edges[0], names)


def _shape(durations_ms: list[int]) -> str:
    """Pulses as . and -, pauses as | between them."""
    words = []
    for at, duration_ms in enumerate(durations_ms):
        if at % 2:
            words.append("|" if duration_ms >= _PAUSE_FROM_MS else "")
        else:
            words.append("-" if duration_ms >= _LONG_FROM_MS else ".")
    return "".join(words)
