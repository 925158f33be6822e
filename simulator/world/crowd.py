"""Collisions: how often another advertiser's packet lies over one at a receiver.

Advertisers know nothing of each other, and each adds up to 10 ms at random to its interval
(advDelay: Bluetooth Core Specification, Vol 6, Part B, 4.4.2.2.1), so this is pure Aloha
(Abramson, 1970): a packet is alone with probability exp(-2 T sum(1 / interval)).
"""

from __future__ import annotations

from math import exp, floor
from typing import Final

from simulator.world.reception import CAPTURE_DB, PDU_MS

DELAY_MS = 5.0
"""The mean of advDelay, 0 to 10 ms, which is added to every interval."""

FAINTEST_DBM = -120
LOUDEST_DBM = 20
# Rates are kept as whole numbers, so that whoever comes and goes leaves no rounding error behind.
_PER_MS: Final = 1 << 40


def alone_share(advertisers: float, interval_ms: float) -> float:
    """The share of packets that no other of so many advertisers lies over, by the formula."""
    return exp(-2.0 * PDU_MS * advertisers / (interval_ms + DELAY_MS))


class Crowd:
    """Who advertises within reach of one receiver, how loudly and how often.

    On each of the three channels alike: an advertising event sends one packet on each.
    """

    __slots__ = ("_rates", "_steps", "_survival")

    def __init__(self) -> None:
        self._rates: dict[object, tuple[int, int]] = {}
        self._steps = [0] * (LOUDEST_DBM - FAINTEST_DBM + 1)
        self._survival: list[float] | None = None

    def put(self, who: object, level_dbm: float, interval_ms: float, count: int = 1) -> None:
        """Somebody, or so many alike, advertises now; instead of what they did before."""
        self.drop(who)
        rate = round(_PER_MS * count / (interval_ms + DELAY_MS))
        step = _step(level_dbm)
        self._rates[who] = (step, rate)
        self._steps[step] += rate
        self._survival = None

    def drop(self, who: object) -> None:
        """Somebody is silent now."""
        if who in self._rates:
            step, rate = self._rates.pop(who)
            self._steps[step] -= rate
            self._survival = None

    def alone(self, level_dbm: float) -> float:
        """The share of packets of that level which survive everybody, whoever sends them."""
        return self.survival()[_step(level_dbm)]

    def relief(self, who: object) -> float:
        """What alone() has to be multiplied with for one's own packets: one's own do no harm."""
        _, rate = self._rates.get(who, (0, 0))
        return exp(2.0 * PDU_MS * rate / _PER_MS)

    def survival(self) -> list[float]:
        """alone() of every level from FAINTEST_DBM to LOUDEST_DBM in steps of 1 dB."""
        if self._survival is None:
            harmful = [0] * len(self._steps)
            louder = 0
            for step in reversed(range(len(self._steps))):
                louder += self._steps[step]
                # This loud at least they spoil every packet up to CAPTURE_DB louder.
                if step + int(CAPTURE_DB) < len(harmful):
                    harmful[step + int(CAPTURE_DB)] = louder
            harmful[: int(CAPTURE_DB)] = [louder] * int(CAPTURE_DB)
            self._survival = [exp(-2.0 * PDU_MS * rate / _PER_MS) for rate in harmful]
        return self._survival


def _step(level_dbm: float) -> int:
    return min(max(floor(level_dbm), FAINTEST_DBM), LOUDEST_DBM) - FAINTEST_DBM
