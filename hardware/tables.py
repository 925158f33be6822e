"""The tables of docs/hardware.md, computed. A test compares the page with them."""

from collections.abc import Iterable

from hardware.board import load_board
from hardware.parts import BATCHES, load_parts
from hardware.power import Cell, Day, Range, days, heartbeat_for

_INTERVALS_S = (60, 120, 300, 600, 1_200)
_WANTED_DAYS = 90
_FROZEN_S = Range(0.15, 0.25, 0.4)  # assumed: no file system, no compiled files to load

_WAYS = (
    ("500 mAh, as it is", "badge", Cell(500), Day()),
    ("1,000 mAh", "badge", Cell(1_000), Day()),
    ("2,000 mAh", "badge", Cell(2_000), Day()),
    ("500 mAh, firmware frozen into MicroPython: starts in 0.25 s", "badge", Cell(500),
     Day(start_s=_FROZEN_S)),
    ("500 mAh, on an ESP32-C3", "badge_on_c3", Cell(500), Day()),
)  # fmt: skip
_CHIPS = (("ESP32-S3", "badge"), ("ESP32-C3", "badge_on_c3"), ("ESP32-C6", "badge_on_c6"))


def battery_days() -> str:
    """Days by heartbeat and alerts: typical, and from low to high."""
    rows = []
    for interval_s in _INTERVALS_S:
        day = Day(interval_s, interval_s)
        badges = [days("badge", Cell(), day._replace(alerts=alerts)) for alerts in (0, 0.1, 1)]
        beam = days("tbeam_v1_2", Cell(3_000), day)
        rows.append([f"{interval_s:,} s", *map(_told, [*badges, beam])])
    head = ["heartbeat", "badge, 500 mAh", "and one alert in ten days", "and one alert a day",
            "T-Beam, 3,000 mAh"]  # fmt: skip
    return _markdown(head, rows)


def ninety_days() -> str:
    """What heartbeat gives 90 days, by what is changed."""
    rows = []
    for name, board, cell, day in _WAYS:
        found = heartbeat_for(board, cell, _WANTED_DAYS, day)
        rows.append([name, _seconds(found.typically), _seconds(found.surely)])
    return _markdown(["what", "heartbeat for 90 days: typically", "surely"], rows)


def light_sleep() -> str:
    """Days with a heartbeat every 60 s by firmware that sleeps lightly."""
    day = Day(program="light_sleep")
    rows = [[n, *(_told(days(b, Cell(mah), day)) for mah in (500, 1_000))] for n, b in _CHIPS]
    return _markdown(["chip", "500 mAh", "1,000 mAh"], rows)


def wiring(name: str) -> str:
    """What a maker connects."""
    rows = [[wire.part, wire.start, wire.end, wire.by] for wire in load_board(name).wiring]
    return _markdown(["for the", "from", "to", "through"], rows)


def pins(name: str) -> str:
    """Every pin of a board, by number."""
    rows = [
        [str(pin.gpio), f"`{pin.function}`", pin.net, f"{pin.pull} {pin.pull_by}".strip()]
        for pin in sorted(load_board(name).pins, key=lambda pin: pin.gpio)
    ]
    return _markdown(["GPIO", "function", "net", "held by"], rows)


def costs() -> str:
    """What a badge costs, by how many are built."""
    bill = load_parts()
    rows = [[f"{n:,}", f"{bill.parts_cost(n):.2f}", f"{bill.total(n):.2f}"] for n in BATCHES]
    return _markdown(["badges", "parts", "one badge, with board, assembly and shell"], rows)


def _told(figure: Range) -> str:
    return f"{figure.typical:.0f} ({figure.low:.0f} to {figure.high:.0f})"


def _seconds(interval_s: float | None) -> str:
    return "not within an hour" if interval_s is None else f"{interval_s:.0f} s"


def _markdown(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])
