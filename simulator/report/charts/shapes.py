"""What pictures are made of."""

from simulator.report.markup import Content, Markup, tag

LETTER_PX = 6.4
"""The width of a letter of a picture, on average, at its usual size of 12 px."""


def picture(width: float, height: float, says: str, *content: Content) -> Markup:
    """An SVG element. says: what somebody hears who cannot see it."""
    box = f"0 0 {width:.0f} {height:.0f}"
    return tag(
        "svg", content, viewBox=box, role="img", aria_label=says,
        class_="picture",
        style=f"max-width:{width * 1.2:.0f}px;min-width:{width * 0.8:.0f}px",
    )  # fmt: skip


def patterns() -> Markup:
    """What the pictures of a page share: to be put into it once."""
    stripes = [("hatch", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5"), ("dots", "M1 3h2")]
    drawn = [
        tag(
            "pattern", tag("path", d=path, class_="hatch-line"),
            id=name, width=6, height=6, patternUnits="userSpaceOnUse",
        )
        for name, path in stripes
    ]  # fmt: skip
    return tag("svg", tag("defs", drawn), width=0, height=0, class_="patterns", aria_hidden="true")


def words(x: float, y: float, text: str, class_: str = "", *, anchor: str | None = None) -> Markup:
    """A line of text; y: of its base line. anchor: `middle` or `end`."""
    return tag("text", text, x=x, y=y, class_=class_ or None, text_anchor=anchor)


def bar(
    x: float, y: float, width: float, height: float, class_: str, tip: str = "", rounded: float = 2
) -> Markup:
    """A rectangle, never so narrow that nobody sees it. tip: what it says when pointed at."""
    return tag(
        "rect", x=x, y=y, width=max(width, 1.5), height=height, rx=rounded or None, class_=class_,
        data_tip=tip or None,
    )  # fmt: skip


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def dot(x: float, y: float, radius: float, class_: str, tip: str = "") -> Markup:
    """A circle."""
    return tag("circle", cx=x, cy=y, r=radius, class_=class_, data_tip=tip or None)


def diamond(x: float, y: float, class_: str, tip: str = "", size: float = 5.5) -> Markup:
    """A square on its corner."""
    path = f"M{x:.1f} {y - size:.1f}l{size} {size}l{-size} {size}l{-size} {-size}z"
    return tag("path", d=path, class_=class_, data_tip=tip or None)


def cross(x: float, y: float, class_: str, tip: str = "", size: float = 5.0) -> Markup:
    """An x."""
    left, top, side = x - size, y - size, 2 * size
    path = f"M{left:.1f} {top:.1f}l{side} {side}m0 {-side}l{-side} {side}"
    return tag("path", d=path, class_=class_, data_tip=tip or None)


def shortened(text: str, room_px: float) -> str:
    """As much of a text as fits."""
    letters = int(room_px / LETTER_PX)
    return text if len(text) <= letters else text[: max(1, letters - 1)] + "…"
