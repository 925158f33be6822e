"""Draws what the hand feels, from the firmware's own data: `python tools/draw_signals.py`.

Writes docs/signals/NAME.svg; tests/test_docs.py fails when a picture is not that of the data.
"""

from pathlib import Path

from badge import signals

SHOWN = ("recognised", "delivered", "acknowledged", "resolved", "failed", "reminder", "overdue")
PIXELS_PER_S = 90
HEIGHT = 26
MARGIN = 6
TARGET = Path(__file__).parents[1] / "docs" / "signals"


def picture(name: str) -> str:
    """The SVG of one pattern: a bar for each pulse, as long as it lasts."""
    pattern = signals.VIBRATION[signals.NAMES.index(name)]
    bars, at_ms = [], 0
    for turn, duration_ms in enumerate(pattern):
        if turn % 2 == 0:
            bars.append(_bar(at_ms, duration_ms))
        at_ms += duration_ms
    width = _pixels(at_ms) + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" role="img"'
        f' aria-label="{name}">\n'
        f'<line x1="0" y1="{HEIGHT - 5}" x2="{width}" y2="{HEIGHT - 5}" stroke="#888"/>\n'
        + "".join(bars)
        + "</svg>\n"
    )


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in SHOWN:
        (TARGET / f"{name}.svg").write_text(picture(name))


def _bar(at_ms: int, duration_ms: int) -> str:
    left, width = MARGIN + _pixels(at_ms), _pixels(duration_ms)
    return f'<rect x="{left}" y="5" width="{width}" height="{HEIGHT - 10}" rx="3" fill="#c33"/>\n'


def _pixels(duration_ms: int) -> int:
    return round(duration_ms * PIXELS_PER_S / 1000)


if __name__ == "__main__":
    main()
