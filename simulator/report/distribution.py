"""How long something took, over and over: a distribution of times in bounded memory."""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import ceil

EXACT = 2_048
"""Up to so many different times are kept as they are; of more, seven binary digits each."""

_DIGITS = 7


class Distribution:
    """Times in ms. Exact up to EXACT different ones; beyond, none is off by more than 1/64.

    Neither the order in which times come matters, nor in how many parts.
    """

    def __init__(self, times_ms: Iterable[int] = ()) -> None:
        self.n = 0
        self._counts: Counter[int] = Counter()
        self._coarse = False
        self._least = 0
        self._most = 0
        self._total = 0
        for ms in times_ms:
            self.add(ms)

    def add(self, ms: int, times: int = 1) -> None:
        """It took so long, so many times."""
        self._least = min(self._least, ms) if self.n else ms
        self._most = max(self._most, ms) if self.n else ms
        self.n += times
        self._total += ms * times
        self._counts[_rounded(ms) if self._coarse else ms] += times
        if not self._coarse and len(self._counts) > EXACT:
            self._coarsen()

    def join(self, other: "Distribution") -> None:
        """Takes over all of another's times."""
        if not other.n:
            return
        least, most = other._least, other._most
        self._least, self._most = (
            (min(self._least, least), max(self._most, most)) if self.n else (least, most)
        )
        self.n += other.n
        self._total += other._total
        self._counts.update(other._counts)
        if self._coarse or other._coarse or len(self._counts) > EXACT:
            self._coarsen()

    @property
    def least(self) -> int:
        """0 when there is none."""
        return self._least

    @property
    def most(self) -> int:
        """0 when there is none."""
        return self._most

    @property
    def mean(self) -> float:
        """0 when there is none."""
        return self._total / self.n if self.n else 0.0

    def quantile(self, share: float) -> int:
        """The least time that so large a share did not exceed (nearest rank); 0 of none."""
        rank = max(1, ceil(share * self.n))
        passed = 0
        for ms, times in self.items():
            passed += times
            if passed >= rank:
                return min(max(ms, self._least), self._most)
        return self._most

    def items(self) -> Iterator[tuple[int, int]]:
        """Times from short to long, and how often."""
        yield from sorted(self._counts.items())

    def _coarsen(self) -> None:
        self._coarse = True
        exact, self._counts = self._counts, Counter()
        for ms, times in exact.items():
            self._counts[_rounded(ms)] += times


def _rounded(ms: int) -> int:
    """With as many leading binary digits as are kept."""
    low = max(0, abs(ms).bit_length() - _DIGITS)
    return (ms >> low) << low
