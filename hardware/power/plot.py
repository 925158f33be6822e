"""Battery days as a picture: against the heartbeat interval, and where the charge goes."""

from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from hardware.power import Cell, Day, Item, Range, days, spent

WANTED_DAYS = 90
INTERVALS_S = (10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1_200, 1_800, 3_600)
_TICKS_S = (10, 30, 60, 120, 300, 600, 1_200, 3_600)
_BARS_S = (60, 300, 600, 1_200)


class Line(NamedTuple):
    """One line of the picture. band: whether its uncertainty is drawn."""

    label: str
    board: str
    cell: Cell
    day: Day
    colour: str
    style: str = "-"
    band: bool = False


LINES = (
    Line("badge, 500 mAh", "badge", Cell(500), Day(), "#1f5fa8", band=True),
    Line("the same, one alert in ten days", "badge", Cell(500), Day(alerts=0.1), "#1f5fa8", "--"),
    Line("the same, one alert a day", "badge", Cell(500), Day(alerts=1), "#1f5fa8", ":"),
    Line("badge, 1,000 mAh", "badge", Cell(1_000), Day(), "#2d8a4e"),
    Line("T-Beam, 3,000 mAh", "tbeam_v1_2", Cell(3_000), Day(), "#a8471f"),
)


def curve(line: Line) -> list[Range]:
    """Days for each of INTERVALS_S, which is the heartbeat on duty and off."""
    return [
        days(line.board, line.cell, line.day._replace(heartbeat_s=s, off_duty_heartbeat_s=s))
        for s in INTERVALS_S
    ]


def draw(path: Path) -> None:
    """Writes an SVG, the same for the same figures and version of matplotlib."""
    with mpl.rc_context():
        mpl.rcParams["svg.hashsalt"] = "tocsin"
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["font.size"] = 9.0
        figure = Figure(figsize=(10, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        _lasting(left)
        _spending(right)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})


def _lasting(axes: Axes) -> None:
    for line in LINES:
        ranges = curve(line)
        typical = [each.typical for each in ranges]
        axes.plot(INTERVALS_S, typical, line.style, color=line.colour, label=line.label)
        if line.band:
            low, high = [each.low for each in ranges], [each.high for each in ranges]
            axes.fill_between(INTERVALS_S, low, high, color=line.colour, alpha=0.15, linewidth=0)
    axes.axhline(WANTED_DAYS, color="black", linewidth=0.8)
    axes.annotate(f"{WANTED_DAYS} days", (10, WANTED_DAYS), (0, 3), textcoords="offset points")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(2, 400)
    axes.xaxis.set_major_locator(FixedLocator(_TICKS_S))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.yaxis.set_major_locator(FixedLocator((2, 5, 10, 20, 50, 100, 200, 400)))
    axes.yaxis.set_minor_locator(FixedLocator([]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("seconds between heartbeats")
    axes.set_ylabel("days from full to empty, MicroPython, one test a day")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)


def _spending(axes: Axes) -> None:
    names: list[str] = []
    rows = [{item.name: item.mah.typical for item in _day(s)} for s in _BARS_S]
    for row in rows:
        names += [name for name in row if name not in names]
    bottom = [0.0] * len(rows)
    labels = [f"{s:,} s" for s in _BARS_S]
    for name in names:
        heights = [row.get(name, 0.0) for row in rows]
        axes.bar(labels, heights, bottom=bottom, label=name.removeprefix("+ "))
        bottom = [b + h for b, h in zip(bottom, heights, strict=True)]
    axes.set_ylabel("mAh a day, badge, typical")
    axes.legend(fontsize=8)


def _day(heartbeat_s: float) -> list[Item]:
    day = Day(heartbeat_s=heartbeat_s, off_duty_heartbeat_s=heartbeat_s)
    return [item for item in spent("badge", day) if item.mah.typical > 0.02]
