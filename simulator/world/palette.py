"""The colours and shapes of a plan's picture, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

INK: Final = "#22303c"
QUIET: Final = "#5d6e7e"
HUB: Final = "#b93c12"
AIR: Final = "#4b6fa5"
GROUND: Final = {"indoor": "#f6f4ef", "open": "#e8efe0", "canyon": "#e3e4e6"}

SHADES: Final = (
    (0.9, "#8fc1c9", "90 % or more"),
    (0.7, "#b3d6da", "70 %"),
    (0.4, "#f2dfa6", "40 %"),
    (0.1, "#f0b48a", "10 %"),
)
"""From which share of packets that get through, which colour, and what the legend says."""

WALLS: Final = {
    "brick": ("#7a4f3a", 3.0),
    "concrete": ("#4a4f55", 3.6),
    "plasterboard": ("#8b8478", 1.6),
    "wood": ("#b0813f", 2.0),
    "glass": ("#6fa8c9", 1.8),
    "coated glass": ("#3f7ea6", 2.6),
    "metal": ("#1f2226", 4.4),
}
"""Colour and width in px by material."""

TRACKS: Final = ("#7b3fa0", "#1d5fb8", "#b3124f", "#3a7d1e", "#9a6b00", "#0b7285")
"""Of people, in turn."""

_LETTER: Final = 0.56  # width of a letter, of its size


def shade(share: float) -> str:
    """The colour of a share of packets that get through; empty where nobody hears."""
    for least, colour, _ in SHADES:
        if share >= least:
            return colour
    return ""


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    *,
    rounded: float = 0.0,
) -> str:
    """A filled rectangle, its upper left corner at x, y."""
    more = f' rx="{rounded:g}"' if rounded else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' fill="{colour}"{more}/>'
    )


def line(points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str = "") -> str:
    """A line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    more = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
        f' stroke-linecap="round" stroke-linejoin="round"{more}/>'
    )


def circle(
    x: float, y: float, radius: float, fill: str, stroke: str, *, dashed: bool = False
) -> str:
    """A circle with a thin edge."""
    more = ' stroke-dasharray="2 2"' if dashed else ""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{stroke}"'
        f' stroke-width="1.2"{more}/>'
    )


def hub(x: float, y: float) -> str:
    """A gateway: a dot that radiates."""
    arcs = "".join(
        f'<path d="M{x - r:.1f} {y + dy:.1f}a{r} {r} 0 0 1 {2 * r} 0" fill="none"/>'
        for r, dy in ((5, -0.5), (8.5, -1.5))
    )
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{HUB}" stroke="#ffffff"/>'
    return f'<g stroke="{HUB}" stroke-width="1.5" stroke-linecap="round">{arcs}{dot}</g>'


def cross(x: float, y: float, colour: str) -> str:
    """A mark on one spot."""
    arms = f"M{x - 5:.1f} {y - 5:.1f}l10 10M{x - 5:.1f} {y + 5:.1f}l10 -10"
    return f'<path d="{arms}" stroke="{colour}" stroke-width="2.4" stroke-linecap="round"/>'


class Words:
    """Labels of a picture, none over another: each goes where there is room, or is left out."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float, float]] = []

    def beside(self, x: float, y: float, text: str, *, size: int, weight: int = 400) -> str:
        """The name of a spot: below it, above it, or to one side; empty when nowhere is room."""
        half = len(text) * size * _LETTER / 2
        for dx, dy in ((0, 13), (0, -7), (half + 7, 4), (-half - 7, 4)):
            if self._takes(x + dx - half, y + dy - size, x + dx + half, y + dy + 2):
                return label(x + dx, y + dy, text, size=size, weight=weight, middle=True)
        return ""

    def at(
        self, x: float, y: float, text: str, *, size: int, colour: str, weight: int = 400
    ) -> str:
        """Words that begin there; empty when there is no room."""
        if not self._takes(x, y - size, x + len(text) * size * _LETTER, y + 2):
            return ""
        return label(x, y, text, size=size, colour=colour, weight=weight)

    def keep(self, x: float, y: float, radius: float) -> None:
        """A sign stands there, and no word shall."""
        self._taken.append((x - radius, y - radius, x + radius, y + radius))

    def _takes(self, west: float, north: float, east: float, south: float) -> bool:
        for left, top, right, bottom in self._taken:
            if west < right and left < east and north < bottom and top < south:
                return False
        self._taken.append((west, north, east, south))
        return True


def label(
    x: float,
    y: float,
    text: str,
    *,
    size: int,
    colour: str = INK,
    weight: int = 400,
    middle: bool = False,
) -> str:
    """Words with a light edge, so that they can be read over anything."""
    more = ' text-anchor="middle"' if middle else ""
    more += f' font-weight="{weight}"' if weight != 400 else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{more} stroke="#ffffff"'
        f' stroke-width="2.4" stroke-opacity="0.75" paint-order="stroke"'
        f' stroke-linejoin="round">{escape(text)}</text>'
    )
