"""Figures with an uncertainty: low, typical and high. Pure.

Figures are taken as independent. A sum's deviations add in quadrature; a product's do in its
logarithm. So the result is narrower than "all at their worst", and wider than one figure's.
"""

from math import exp, hypot, log
from typing import NamedTuple


class Range(NamedTuple):
    """low <= typical <= high, none of them negative."""

    low: float
    typical: float
    high: float

    def scaled(self, factor: float) -> "Range":
        """All three, times an exact number that is not negative."""
        return Range(self.low * factor, self.typical * factor, self.high * factor)


def exactly(value: float) -> Range:
    """A figure without uncertainty."""
    return Range(value, value, value)


def total(*parts: Range) -> Range:
    """Of independent figures."""
    typical = sum(part.typical for part in parts)
    below = hypot(*(part.typical - part.low for part in parts))
    above = hypot(*(part.high - part.typical for part in parts))
    return Range(max(0.0, typical - below), typical, typical + above)


def product(*factors: Range) -> Range:
    """Of independent figures; zero where one is typically zero."""
    typical = 1.0
    for factor in factors:
        typical *= factor.typical
    if typical == 0:
        return exactly(0.0)
    below = hypot(*(_ratio(factor.typical, factor.low) for factor in factors))
    above = hypot(*(_ratio(factor.high, factor.typical) for factor in factors))
    return Range(typical * exp(-below), typical, typical * exp(above))


def quotient(over: Range, under: Range) -> Range:
    """Of independent figures; under is above zero."""
    return product(over, Range(1 / under.high, 1 / under.typical, 1 / under.low))


def _ratio(more: float, less: float) -> float:
    """How far apart, in the logarithm."""
    return log(more / less) if less > 0 else 50.0
