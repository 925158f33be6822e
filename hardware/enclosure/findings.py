"""What a check found: one number against its limits. Pure."""

from __future__ import annotations

from typing import NamedTuple

_SAME = 1e-3  # a difference that nobody can make or measure


class Finding(NamedTuple):
    """A number, its limits, and what to do when it is beyond them."""

    what: str
    found: float
    unit: str
    least: float | None = None
    most: float | None = None
    advice: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its limits."""
        high_enough = self.least is None or self.found >= self.least - _SAME
        return high_enough and (self.most is None or self.found <= self.most + _SAME)

    @property
    def limits(self) -> str:
        """As people write them."""
        if self.least is not None and self.most is not None:
            return f"{_short(self.least)} to {_short(self.most)}"
        if self.least is not None:
            return f"at least {_short(self.least)}"
        return f"at most {_short(self.most)}" if self.most is not None else ""

    @property
    def number(self) -> str:
        """With its unit."""
        return f"{_short(self.found)} {self.unit}".strip()

    @property
    def error(self) -> str:
        """One line: the culprit, the number, the limit, what to do."""
        return f"{self.what}: {self.number}, {self.limits} is allowed: {self.advice}"


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")
