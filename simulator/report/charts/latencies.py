"""Distributions of times, one below the other, on one logarithmic axis."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from simulator.report.charts.shapes import bar, diamond, dot, line, picture, words
from simulator.report.distribution import Distribution
from simulator.report.markup import Markup
from simulator.report.scale import Elapsed
from simulator.report.words import span

_WIDTH, _LEFT, _RIGHT = 560, 196, 544
_ROW, _HEAD, _FOOT = 30, 8, 26
_TALL = 15
_BIN_PX = 3


class Series(NamedTuple):
    """One of a row's distributions. class_: its colour; run: how its run is called, if several."""

    times: Distribution
    class_: str = "a"
    run: str = ""


class Row(NamedTuple):
    """What took so long."""

    label: str
    series: Sequence[Series]


def latencies(says: str, rows: Sequence[Row]) -> Markup:
    """A small histogram for each series; a dot is the median, a diamond the 99th percentile."""
    rows = [row for row in rows if any(series.times.n for series in row.series)]
    most_ms = max((series.times.most for row in rows for series in row.series), default=0)
    scale = Elapsed(most_ms, _LEFT, _RIGHT)
    tall = _ROW * max((len(row.series) for row in rows), default=1)
    height = _HEAD + tall * len(rows) + _FOOT
    content = [_grid(scale, height)]
    for number, row in enumerate(rows):
        top = _HEAD + tall * number
        content.append([words(_LEFT - 12, top + tall / 2 + 4, row.label, anchor="end")])
        content += [
            _histogram(scale, series, top + _ROW * place)
            for place, series in enumerate(row.series)
            if series.times.n
        ]
    return picture(_WIDTH, height, says, content)


def _grid(scale: Elapsed, height: float) -> list[Markup]:
    bottom = height - _FOOT
    return [
        piece
        for x, label in scale.ticks()
        for piece in (
            line(x, _HEAD, x, bottom, "grid"),
            words(x, bottom + 17, label, "quiet", anchor="middle"),
        )
    ]


def _histogram(scale: Elapsed, series: Series, top: float) -> list[Markup]:
    times, base = series.times, top + _ROW - 8
    bins: Counter[int] = Counter()
    for ms, n in times.items():
        bins[int((scale.x(ms) - scale.left) / _BIN_PX)] += n
    most = max(bins.values())
    tip = _tip(series)
    middle = base + 0.5
    pieces = [
        line(scale.x(times.least), middle, scale.x(times.most), middle, f"reach {series.class_}")
    ]
    for place, n in sorted(bins.items()):
        left, tall = scale.left + place * _BIN_PX, _TALL * n / most
        pieces.append(bar(left, base - tall, _BIN_PX - 0.6, tall, f"bin {series.class_}", tip, 0))
    far, half = scale.x(times.quantile(0.99)), scale.x(times.quantile(0.5))
    pieces.append(diamond(far, middle, f"p99 {series.class_}", tip, 4.0))
    pieces.append(dot(half, middle, 4.2, f"median {series.class_}", tip))
    return pieces


def _tip(series: Series) -> str:
    times = series.times
    name = f"{series.run}: " if series.run else ""
    shares = ", ".join(f"p{share * 100:g} {span(times.quantile(share))}" for share in SHARES)
    return f"{name}{times.n} times; {shares}; longest {span(times.most)}"


SHARES = (0.5, 0.9, 0.99)
"""The percentiles that are told."""
