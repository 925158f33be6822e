"""Where a badge's charge goes in a day, and for how many days a cell lasts. Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from hardware.power.cell import Cell, capacity, self_discharge
from hardware.power.currents import Current, currents
from hardware.power.figures import load_figures
from hardware.power.ranges import Range, exactly, product, quotient, total

DAY_S = 86_400.0
WINDOW_EVERY = 10  # heartbeats: badge.airtime
LONGEST_S = 3_600.0  # a heartbeat: badge.store

#: How the badge passes the time between heartbeats: "deep_sleep" as the firmware in MicroPython
#: does, with a start for each; "light_sleep" as firmware in C could, with Bluetooth kept.
Program = Literal["deep_sleep", "light_sleep"]


class Day(NamedTuple):
    """What a badge does in a day.

    heartbeat_s, off_duty_heartbeat_s: between reports; on_duty_h: hours of the first (24 without an
    accelerometer). alerts, tests: how many. moving_h: awake because it watches for falls and is
    moved. visit_h: awake with the receiver on. position_kept: the receiver's backup is supplied.
    start_s: from a wake to the first advertisement; None: as figures.toml has it.
    """

    heartbeat_s: float = 60.0
    off_duty_heartbeat_s: float = 600.0
    on_duty_h: float = 24.0
    alerts: float = 0.0
    tests: float = 1.0
    moving_h: float = 0.0
    visit_h: float = 0.0
    position_kept: bool = True
    program: Program = "deep_sleep"
    start_s: Range | None = None


class Item(NamedTuple):
    """Milliampere-hours of a day that one thing takes. seconds: for how long."""

    name: str
    seconds: Range
    mah: Range


def spent(board: str, day: Day) -> tuple[Item, ...]:
    """A day, item by item. Raises HardwareError for a board without figures."""
    ma = currents(board)
    items = [*_heartbeats(ma, day), *_events(ma, day), *_long(ma, day)]
    awake_s = sum(item.seconds.typical for item in items if not item.name.startswith("+"))
    rest = exactly(max(0.0, DAY_S - awake_s))
    items.append(_item("asleep", ma[day.program], rest))
    if day.position_kept:
        items.append(_item("+ receiver's memory", ma["gnss_backup"], exactly(DAY_S)))
    return tuple(items)


def days(board: str, cell: Cell, day: Day) -> Range:
    """From full to empty, when every day is like this one."""
    asked = [item.mah for item in spent(board, day)]
    return quotient(capacity(cell), total(*asked, self_discharge(cell)))


class Interval(NamedTuple):
    """Seconds between heartbeats. None: not within an hour, however long they are apart.

    surely: for the low end of days(); typically; at_best: for its high end.
    """

    surely: float | None
    typically: float | None
    at_best: float | None


def heartbeat_for(board: str, cell: Cell, wanted_days: float, day: Day) -> Interval:
    """The shortest heartbeat, on duty and off, with which a cell lasts so long."""
    return Interval(*(_shortest(board, cell, wanted_days, day, end) for end in range(3)))


def _shortest(board: str, cell: Cell, wanted_days: float, day: Day, end: int) -> float | None:
    def lasts(heartbeat_s: float) -> bool:
        slower = max(heartbeat_s, day.off_duty_heartbeat_s)
        tried = day._replace(heartbeat_s=heartbeat_s, off_duty_heartbeat_s=slower)
        return days(board, cell, tried)[end] >= wanted_days

    if not lasts(LONGEST_S):
        return None
    least, most = 1.0, LONGEST_S
    while most - least > 0.5:
        middle = (least + most) / 2
        least, most = (least, middle) if lasts(middle) else (middle, most)
    return most


def _item(name: str, current: Current, seconds: Range) -> Item:
    return Item(name, seconds, product(current.range, seconds).scaled(1 / 3_600))


def _lasting(name: str, times: float) -> Range:
    return load_figures().durations[name].range.scaled(times)


def _heartbeats(ma: Mapping[str, Current], day: Day) -> Iterator[Item]:
    off_duty_h = 24.0 - day.on_duty_h
    beats = 3_600 * (day.on_duty_h / day.heartbeat_s + off_duty_h / day.off_duty_heartbeat_s)
    windows = beats / WINDOW_EVERY
    if day.program == "light_sleep":
        yield _item("heartbeats: on the air", ma["scan"], _lasting("light_burst", beats))
        return
    start_s = day.start_s or load_figures().durations["boot"].range
    yield _item("heartbeats: start", ma["boot"], start_s.scaled(beats))
    yield _item("heartbeats: on the air", ma["advertise"], _lasting("burst", beats - windows))
    yield _item("heartbeats: listening", ma["advertise"], _lasting("window", windows))


def _events(ma: Mapping[str, Current], day: Day) -> Iterator[Item]:
    figures = load_figures().durations
    search_s = figures["hot" if day.position_kept else "cold"].range
    search = ma["gnss_hot" if day.position_kept else "gnss_cold"]
    if day.alerts:
        alert, fast = figures["alert"].range, figures["fast"].range
        rest = Range(*(max(0.0, all_s - fast.typical) for all_s in alert))
        yield _item("alerts: first 30 s", ma["advertise_fast"], fast.scaled(day.alerts))
        yield _item("alerts: until resolved", ma["advertise"], rest.scaled(day.alerts))
        yield _item("+ alerts: search for position", search, search_s.scaled(day.alerts))
        yield _item("+ alerts: position", ma["gnss_tracking"], alert.scaled(day.alerts))
        felt = _lasting("vibration_alert", day.alerts)
        yield _item("+ alerts: vibration", ma["vibration"], felt)
    if day.tests:
        yield _item("tests: on the air", ma["advertise_fast"], _lasting("test", day.tests))
        yield _item("+ tests: receiver", search, _lasting("test_open", day.tests))
        felt = _lasting("vibration_test", day.tests)
        yield _item("+ tests: vibration", ma["vibration"], felt)


def _long(ma: Mapping[str, Current], day: Day) -> Iterator[Item]:
    if day.moving_h:
        yield _item("awake, watching for falls", ma["idle"], exactly(day.moving_h * 3_600))
    if day.visit_h:
        seconds = exactly(day.visit_h * 3_600)
        yield _item("visits: awake", ma["idle"], seconds)
        yield _item("+ visits: position", ma["gnss_tracking"], seconds)
