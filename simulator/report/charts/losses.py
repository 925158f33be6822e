"""What became of advertisements, hub by hub."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.report.charts.shapes import bar, line, picture, shortened, words
from simulator.report.markup import Markup
from simulator.report.words import percent

_WIDTH, _LEFT, _RIGHT = 760, 150, 700
_ROW, _HEAD, _FOOT = 30, 6, 24


class Bar(NamedTuple):
    """sent: advertisements; lost: how many of them, by cause."""

    label: str
    sent: int
    lost: Mapping[str, int]


def losses(says: str, bars: Sequence[Bar], causes: Sequence[str]) -> Markup:
    """Bars of shares: what arrived, then what was lost and why."""
    height = _HEAD + _ROW * len(bars) + _FOOT
    content = [
        _grid(height),
        *(_bar(one, _HEAD + _ROW * at, causes) for at, one in enumerate(bars)),
    ]
    return picture(_WIDTH, height, says, content)


def cause_class(causes: Sequence[str], cause: str) -> str:
    """The colour of a cause."""
    return f"cause-{causes.index(cause) % 8}"


def _grid(height: float) -> list[Markup]:
    pieces = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _x(share)
        pieces.append(line(x, _HEAD, x, height - _FOOT, "grid"))
        pieces.append(words(x, height - 7, f"{share:.0%}", "quiet", anchor="middle"))
    return pieces


def _bar(one: Bar, top: float, causes: Sequence[str]) -> list[Markup]:
    arrived = one.sent - sum(one.lost.values())
    parts = [("arrived", "arrived", arrived)]
    parts += [(cause, cause_class(causes, cause), one.lost.get(cause, 0)) for cause in causes]
    label = shortened(one.label, _LEFT - 16)
    pieces = [words(_LEFT - 10, top + 18, label, anchor="end")]
    share = 0.0
    for name, class_, n in parts:
        if n > 0 and one.sent:
            x, width = _x(share), _x(share + n / one.sent) - _x(share)
            tip = f"{one.label}: {name} {n} of {one.sent}, {percent(n / one.sent)}"
            pieces.append(bar(x, top + 4, width, _ROW - 9, class_, tip, 0))
            share += n / one.sent
    return pieces


def _x(share: float) -> float:
    return _LEFT + min(share, 1.0) * (_RIGHT - _LEFT)
