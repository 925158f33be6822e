"""From times and numbers to places on a picture, and the ticks between."""

from collections.abc import Iterator
from math import log10

from simulator.report.words import clock, span

_TIMES_MS = (
    100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 360_000_000,
)  # fmt: skip
_STEPS_MS = (
    1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
    1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
)  # fmt: skip


class Clock:
    """Times of a run, evenly. left, right: in px, of from_ms and until_ms."""

    def __init__(self, from_ms: int, until_ms: int, left: float, right: float) -> None:
        self.from_ms = from_ms
        self.until_ms = max(until_ms, from_ms + 1)
        self.left = left
        self.right = right

    def x(self, ms: float) -> float:
        """Where; never beyond the ends."""
        share = (ms - self.from_ms) / (self.until_ms - self.from_ms)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self, most: int = 9) -> Iterator[tuple[float, str]]:
        """Round times, at most so many."""
        length_ms = self.until_ms - self.from_ms
        step_ms = next((s for s in _STEPS_MS if length_ms / s <= most), _STEPS_MS[-1])
        step_ms *= 1 + int(length_ms / step_ms / most)
        first = -(-self.from_ms // step_ms)
        for number in range(first, self.until_ms // step_ms + 1):
            yield self.x(number * step_ms), clock(number * step_ms)


class Elapsed:
    """How long after something, logarithmic: a tenth of a second matters first, minutes later.

    Everything up to least_ms is at the left edge.
    """

    def __init__(self, most_ms: int, left: float, right: float, least_ms: int = 100) -> None:
        self.least_ms = least_ms
        self.most_ms = max(most_ms, 10 * least_ms)
        self.left = left
        self.right = right

    def x(self, ms: float) -> float:
        """Where; never beyond the ends."""
        low, high = log10(self.least_ms), log10(self.most_ms)
        share = (log10(min(max(ms, self.least_ms), self.most_ms)) - low) / (high - low)
        return self.left + share * (self.right - self.left)

    def ticks(self, room: float = 44.0) -> Iterator[tuple[float, str]]:
        """Round times, no nearer to each other than so many px."""
        last = self.left - room
        for ms in _TIMES_MS:
            x = self.x(ms)
            if self.least_ms <= ms <= self.most_ms and x - last >= room:
                last = x
                yield x, f"{ms / 1_000:g} s" if ms < 60_000 else span(ms)
