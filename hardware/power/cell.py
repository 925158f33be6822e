"""What a cell still gives: its age, its temperature, and what it loses by itself. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from hardware.power.figures import RatioAt, load_figures
from hardware.power.ranges import Range, exactly, product

_MONTH_DAYS = 30.4
_NOMINAL_C = 25.0


class Cell(NamedTuple):
    """mah: as its maker states; age_years: since it was made; temperature_c: where it is worn."""

    mah: float = 500.0
    age_years: float = 0.0
    temperature_c: float = 20.0


def capacity(cell: Cell) -> Range:
    """Milliampere-hours from full until the firmware goes off."""
    figures = load_figures().cell
    lost = at_temperature(figures.ageing, _NOMINAL_C)
    left = Range(*((1 - loss) ** cell.age_years for loss in (lost.high, lost.typical, lost.low)))
    cold = at_temperature(figures.temperature, cell.temperature_c)
    return product(exactly(cell.mah), figures.tolerance.range, figures.usable.range, cold, left)


def self_discharge(cell: Cell) -> Range:
    """Milliampere-hours a day that no load has had; it doubles every 10 degrees."""
    share = load_figures().cell.self_discharge.range
    warmer = 2.0 ** ((cell.temperature_c - _NOMINAL_C) / 10)
    return share.scaled(cell.mah * warmer / _MONTH_DAYS)


def at_temperature(points: Sequence[RatioAt], temperature_c: float) -> Range:
    """Between two points of a table by a straight line; beyond its ends, what stands there."""
    below = points[0]
    for above in points:
        if temperature_c <= above.c:
            span = above.c - below.c
            part = (temperature_c - below.c) / span if span and temperature_c > below.c else 0.0
            mixed = (a + (b - a) * part for a, b in zip(below.value, above.value, strict=True))
            return Range(*mixed)
        below = above
    return Range(*below.value)
