"""Times as people write them."""

import re

from simulator.errors import SimulatorError

_UNITS_MS = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000}
_PART = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|min|h)(?![a-z])")
_CLOCK = re.compile(r"([0-9]{1,9}):([0-5][0-9])(?::([0-5][0-9]))?")
_SHOWN = 40  # characters of what is no time


def milliseconds(text: str) -> int:
    """`90 s`, `2 min 30 s`, `1.5 h`, `12:30` (minutes and seconds) or `1:02:03`, in ms.

    Raises SimulatorError for anything else.
    """
    if clock := _CLOCK.fullmatch(text.strip()):
        first, second, third = (int(part) if part else None for part in clock.groups())
        seconds = first * 60 + second if third is None else (first * 60 + second) * 60 + third  # type: ignore[operator]
        return seconds * 1_000
    total, at = 0.0, 0
    while match := _PART.match(text, at):
        total += float(match[1]) * _UNITS_MS[match[2]]
        at = match.end()
    if not at or text[at:].strip():
        shown = text[:_SHOWN]
        raise SimulatorError(f"{shown!r} is no time; write it as 90 s, 2 min, 1.5 h or 12:30")
    return round(total)


def words(ms: int) -> str:
    """The same back: `2 min 30 s`."""
    parts = []
    for unit in ("h", "min", "s", "ms"):
        number, ms = divmod(ms, _UNITS_MS[unit])
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts) or "0 s"
