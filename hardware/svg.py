"""Drawings as SVG. Pure: shapes in, text out. x to the right, y down, as SVG has it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable

Point = tuple[float, float]
Style = str | float


class Svg:
    """A drawing of a size in pixels. Styles are SVG attributes, with _ for -."""

    def __init__(self, width: float, height: float, title: str, font: str = "sans-serif") -> None:
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
            f'width="{_n(width)}" height="{_n(height)}" font-family={quoteattr(font)}>'
        )
        self._title = f"<title>{escape(title)}</title>"
        self._shapes: list[str] = []
        self._definitions: list[str] = []

    def line(self, start: Point, end: Point, **style: Style) -> None:
        self.path([start, end], **style)

    def path(self, points: Iterable[Point], **style: Style) -> None:
        """Straight lines from point to point."""
        self._shape("polyline", {"points": _steps(points)}, style, closed=False)

    def polygon(self, points: Iterable[Point], **style: Style) -> None:
        """The same, closed."""
        self._shape("polygon", {"points": _steps(points)}, style, closed=True)

    def curve(self, commands: str, **style: Style) -> None:
        """A path in SVG's own commands."""
        self._shape("path", {"d": commands}, style, closed=False)

    def rectangle(self, corner: Point, width: float, height: float, **style: Style) -> None:
        """rx: radius of its corners."""
        place = {"x": _n(corner[0]), "y": _n(corner[1]), "width": _n(width), "height": _n(height)}
        self._shape("rect", place, style, closed=True)

    def circle(self, middle: Point, radius: float, **style: Style) -> None:
        place = {"cx": _n(middle[0]), "cy": _n(middle[1]), "r": _n(radius)}
        self._shape("circle", place, style, closed=True)

    def text(self, at: Point, words: str, size: float = 12.0, **style: Style) -> None:
        """One line of words; text_anchor: start, middle or end."""
        place = {"x": _n(at[0]), "y": _n(at[1]), "font-size": _n(size)}
        attributes = _attributes({**place, **_dashed({"fill": "#222", **style})})
        self._shapes.append(f"<text {attributes}>{escape(words)}</text>")

    def upright(self, at: Point, words: str, size: float = 12.0, **style: Style) -> None:
        """The same, to be read from the right."""
        x, y = _n(at[0]), _n(at[1])
        self.text(at, words, size, transform=f"rotate(-90 {x} {y})", **style)

    def hatch(self, name: str, colour: str, step: float = 7.0) -> str:
        """A fill of slanted lines; what it returns goes into fill=."""
        self._definitions.append(
            f'<pattern id="{name}" width="{_n(step)}" height="{_n(step)}" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<line x1="0" y1="0" x2="0" y2="{_n(step)}" stroke="{colour}" stroke-width="1.6"/>'
            "</pattern>"
        )
        return f"url(#{name})"

    def __str__(self) -> str:
        paper = '<rect width="100%" height="100%" fill="#fff"/>'
        definitions = [f"<defs>{''.join(self._definitions)}</defs>"] if self._definitions else []
        return "\n".join(
            [self._head, self._title, *definitions, paper, *self._shapes, "</svg>", ""]
        )

    def _shape(
        self, name: str, place: dict[str, str], style: dict[str, Style], closed: bool
    ) -> None:
        plain: dict[str, Style] = {"fill": "none", "stroke": "#222"}
        if not closed:
            plain |= {"stroke_linecap": "round", "stroke_linejoin": "round"}
        attributes = _attributes({**place, **_dashed({**plain, **style})})
        self._shapes.append(f"<{name} {attributes}/>")


def _steps(points: Iterable[Point]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _dashed(style: dict[str, Style]) -> dict[str, str]:
    return {
        name.replace("_", "-"): value if isinstance(value, str) else _n(value)
        for name, value in style.items()
    }


def _attributes(pairs: dict[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in pairs.items())


def _n(number: float) -> str:
    """Short, and the same everywhere: two places at most."""
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"
