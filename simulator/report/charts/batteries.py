"""Battery curves."""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.report.charts.shapes import line, picture, shortened, words
from simulator.report.markup import Markup, tag
from simulator.report.scale import Clock
from simulator.report.supply import Curve

_WIDTH, _LEFT, _RIGHT = 760, 40, 620
_HEAD, _TALL, _FOOT = 10, 190, 26
_APART = 14


class Line(NamedTuple):
    """One badge's."""

    label: str
    curve: Curve
    class_: str


def batteries(says: str, lines: Sequence[Line], until_ms: int) -> Markup:
    """Percent over the time of the run. Names stand beside the ends, as far as there is room."""
    clock = Clock(0, until_ms, _LEFT, _RIGHT)
    content = [_grid(clock), *(_line(clock, one) for one in lines), _names(lines)]
    return picture(_WIDTH, _HEAD + _TALL + _FOOT, says, content)


def _grid(clock: Clock) -> list[Markup]:
    pieces = []
    for percent in (0, 25, 50, 75, 100):
        pieces.append(line(_LEFT, _y(percent), _RIGHT, _y(percent), "grid"))
        pieces.append(words(_LEFT - 8, _y(percent) + 4, f"{percent}", "quiet", anchor="end"))
    base = _HEAD + _TALL
    pieces += [words(x, base + 18, label, "quiet", anchor="middle") for x, label in clock.ticks()]
    return pieces


def _line(clock: Clock, one: Line) -> Markup:
    """A battery stays as it was until the badge says something else."""
    corners, before = [], None
    for at_ms, percent in one.curve:
        x = clock.x(at_ms)
        if before is not None:
            corners.append(f"{x:.1f},{_y(before):.1f}")
        corners.append(f"{x:.1f},{_y(percent):.1f}")
        before = percent
    first, last = one.curve[0][1], one.curve[-1][1]
    tip = f"{one.label}: {first} % at first, {last} % at last"
    return tag("polyline", points=" ".join(corners), class_=f"curve {one.class_}", data_tip=tip)


def _names(lines: Sequence[Line]) -> list[Markup]:
    pieces: list[Markup] = []
    y = float(_HEAD - _APART)
    by_height = sorted(lines, key=lambda one: (-one.curve[-1][1], one.label))
    for one in by_height:
        y = max(y + _APART, _y(one.curve[-1][1]) + 4)
        if y > _HEAD + _TALL + 10:
            break
        label = f"{one.label} {one.curve[-1][1]} %"
        text = shortened(label, _WIDTH - _RIGHT - 10)
        pieces.append(words(_RIGHT + 8, y, text, f"name {one.class_}"))
    return pieces


def _y(percent: float) -> float:
    return _HEAD + _TALL * (1 - min(max(percent, 0), 100) / 100)
