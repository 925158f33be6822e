"""A badge's lithium-polymer cell: what is left in it, and the voltage that shows of that.

The curve is another one than the firmware reckons with (firmware/badge/power.py), so that a
badge's percent is an estimate here as it is in a hand.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import exp
from typing import Final

HOUR_MS = 3_600_000.0
MONTH_MS = 30 * 24 * HOUR_MS

# Percent and millivolts at rest: measured on a Samsung SDI EB535151VU, 1,500 mAh to 4.2 V
# (Linux, drivers/power/supply/samsung-sdi-battery.c).
_RESTING: Final = (
    (0, 3300), (1, 3352), (2, 3405), (4, 3497), (6, 3566), (7, 3593), (10, 3662), (15, 3685),
    (20, 3711), (25, 3743), (30, 3764), (40, 3778), (50, 3798), (55, 3816), (62, 3874), (70, 3920),
    (77, 3962), (85, 4013), (92, 4078), (95, 4105), (99, 4148), (100, 4178),
)  # fmt: skip

RESISTANCE_OHM_MAH = 250.0
"""Ohms of a new cell at 25 degrees, times its capacity: the same cell has 160 to 340 mOhm with
1,500 mAh, its protection and contacts included; half of that scales with its size (assumed)."""

CONTACTS_OHM = 0.1
"""What does not: protection circuit, plug, board (assumed)."""

# Resistance and usable capacity next to those at 25 degrees: assumed, as data sheets of small
# lithium-polymer cells have 80 % or more left at 0 and 60 % at -20 degrees.
_COLD_RESISTANCE: Final = (
    (-20.0, 5.0),
    (-10.0, 3.0),
    (0.0, 2.0),
    (10.0, 1.4),
    (25.0, 1.0),
    (45.0, 0.85),
)
_COLD_CAPACITY: Final = (
    (-20.0, 0.60),
    (-10.0, 0.75),
    (0.0, 0.87),
    (10.0, 0.95),
    (25.0, 1.0),
    (45.0, 1.0),
)

AGED_CAPACITY = 0.2
"""Of the capacity gone at the end of a cell's life: 80 % after 500 cycles is what data sheets of
such cells promise."""

AGED_RESISTANCE = 1.0
"""And the resistance has doubled (assumed)."""

SELF_DISCHARGE = 0.03
"""Of the capacity, a month at 25 degrees, protection circuit included; twice as much for each 10
degrees more (assumed: data sheets allow 10 % in 28 days, and cells stay well below)."""

REGULATOR_MV = 3300.0
"""Below this at its input, the 3.3 V regulator gives out and the processor browns out; the
firmware's 0 % (firmware/badge/power.py)."""

TAPER_PERCENT = 80.0
"""Above this a charger's current falls off, evenly with what is missing (assumed)."""


class Cell:
    """One cell. Its temperature may be changed at any time: `celsius`.

    capacity_mah: when new, at 25 degrees. currents: what each state of the badge draws, in mA.
    percent: how full it begins. age: 0 = new, 1 = after 500 cycles.
    """

    def __init__(
        self,
        capacity_mah: float,
        currents: Mapping[str, float],
        *,
        percent: float = 100.0,
        age: float = 0.0,
        celsius: float = 25.0,
    ) -> None:
        self.capacity_mah = capacity_mah * (1.0 - AGED_CAPACITY * age)
        self.celsius = celsius
        self._currents = currents
        self._resistance_ohm = (RESISTANCE_OHM_MAH / capacity_mah) * (1.0 + AGED_RESISTANCE * age)
        self._drawn_mah = self.capacity_mah * (1.0 - percent / 100.0)

    @property
    def percent(self) -> float:
        """What can be had of it at its temperature: 100 is what it gives when full and warm."""
        return 100.0 * self._left_mah / self.capacity_mah

    @property
    def empty(self) -> bool:
        """Whether nothing can be had of it at its temperature."""
        return self._left_mah <= 0.0

    def spend(self, state: str, ms: float) -> None:
        """The badge is so long in a state. Raises KeyError for a state without a current."""
        self.draw(self._currents[state], ms)

    def draw(self, ma: float, ms: float) -> None:
        """So much current flows so long; what the cell loses by itself comes on top."""
        warm = 2.0 ** ((self.celsius - 25.0) / 10.0)
        leaked = self.capacity_mah * SELF_DISCHARGE * warm * ms / MONTH_MS
        self._drawn_mah = min(self.capacity_mah, self._drawn_mah + ma * ms / HOUR_MS + leaked)

    def charge(self, ma: float, ms: float) -> None:
        """A charger gives so much, less towards the end, while the badge is fed by it."""
        gained = ma * ms / HOUR_MS
        taper_mah = self.capacity_mah * (1.0 - TAPER_PERCENT / 100.0)
        even = max(0.0, min(gained, self._drawn_mah - taper_mah))
        self._drawn_mah -= even
        self._drawn_mah *= exp(-(gained - even) / taper_mah)

    def resting_mv(self) -> float:
        """Without any load."""
        return resting_mv(100.0 * (1.0 - self._drawn_mah / self.capacity_mah))

    def resistance_ohm(self) -> float:
        """Of cell, protection and contacts."""
        return CONTACTS_OHM + self._resistance_ohm * _between(_COLD_RESISTANCE, self.celsius)

    def volts(self, load_ma: float = 0.0) -> float:
        """At its contacts while so much flows."""
        return max(0.0, self.resting_mv() - load_ma * self.resistance_ohm()) / 1000.0

    def microvolts(self, divider: float, load_ma: float = 0.0) -> int:
        """At a badge's ADC, behind a divider (BATTERY_DIVIDER of badge.boards)."""
        return round(self.volts(load_ma) * 1_000_000 / divider)

    def bears(self, load_ma: float) -> bool:
        """Whether a peak of so much current does not brown the processor out."""
        return not self.empty and self.volts(load_ma) * 1000.0 >= REGULATOR_MV

    @property
    def _left_mah(self) -> float:
        usable = self.capacity_mah * _between(_COLD_CAPACITY, self.celsius)
        return max(0.0, usable - self._drawn_mah)


def resting_mv(percent: float) -> float:
    """Millivolts of a cell at rest and 25 degrees that is so full."""
    return _between(_RESTING, percent)


def _between(curve: tuple[tuple[float, float], ...], x: float) -> float:
    """A curve of points with rising x, straight between them and level beyond."""
    at = bisect_right(curve, (x, float("inf")))
    if at == 0:
        return curve[0][1]
    if at == len(curve):
        return curve[-1][1]
    (x1, y1), (x2, y2) = curve[at - 1], curve[at]
    return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
