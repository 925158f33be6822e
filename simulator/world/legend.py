"""What the signs of a plan's picture mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.world.palette import (
    AIR,
    HUB,
    INK,
    QUIET,
    SHADES,
    TRACKS,
    WALLS,
    circle,
    hub,
    label,
    line,
    rectangle,
)
from simulator.world.plan import Plan

_LETTER_PX = 5.9
_ROW_PX = 22.0
_BARS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def legend(
    plan: Plan, people: Sequence[str], shaded: bool, scale: float, left: float, top: float
) -> Iterator[str]:
    """Rows of signs, from a corner in px. scale: px for each metre."""
    yield from _scale_bar(scale, left, top + 4)
    x = left + 150.0
    for material in dict.fromkeys(wall.material for wall in plan.walls):
        colour, width = WALLS[material]
        yield line([(x, top), (x + 18, top)], colour, width)
        yield label(x + 24, top + 4, material, size=11)
        x += 42 + len(material) * _LETTER_PX
    yield hub(x + 8, top + 1)
    yield label(x + 22, top + 4, "hub", size=11, colour=HUB)
    yield circle(x + 62, top, 2.6, INK, INK)
    yield label(x + 70, top + 4, "place", size=11)
    yield circle(x + 118, top, 2.6, "#ffffff", INK)
    yield label(x + 126, top + 4, "place no hub is meant for", size=11)
    if plan.strangers:
        yield circle(x + 292, top, 8, "none", AIR, dashed=True)
        yield label(x + 305, top + 4, "other advertisers", size=11)
    if shaded:
        yield from _shades(left + 150.0, top + _ROW_PX)
    yield from _names(people, left + 150.0, top + _ROW_PX * (2 if shaded else 1))


def _scale_bar(scale: float, left: float, y: float) -> Iterator[str]:
    metres = max((bar for bar in _BARS_M if bar * scale <= 100), default=1)
    end = left + metres * scale
    yield line([(left, y - 6), (left, y), (end, y), (end, y - 6)], INK, 1.4)
    yield label(end + 7, y, f"{metres} m", size=11)


def _shades(x: float, y: float) -> Iterator[str]:
    text = "advertisements received by the best hub:"
    yield label(x, y + 4, text, size=11, colour=QUIET)
    x += 20 + len(text) * 5.5
    for _, colour, words in SHADES:
        yield rectangle(x, y - 6, 16, 12, colour)
        yield label(x + 21, y + 4, words, size=11)
        x += 38 + len(words) * _LETTER_PX


def _names(people: Sequence[str], x: float, y: float) -> Iterator[str]:
    for number, name in enumerate(people):
        colour = TRACKS[number % len(TRACKS)]
        yield line([(x, y), (x + 18, y)], colour, 2.0, dashes="5 3")
        yield label(x + 24, y + 4, name, size=11)
        x += 42 + len(name) * _LETTER_PX
