"""The power budget: what a badge draws in each state, and how long a cell lasts.

    currents("badge")["advertise"].typical              # mA from the cell
    days("badge", Cell(500), Day(heartbeat_s=300))      # Range(low, typical, high)
    heartbeat_for("badge", Cell(500), 90, Day())        # which interval gives 90 days

Figures, each with its source, are in figures.toml. Needs msgspec and nothing else of ours.
"""

from hardware.power.budget import Day, Interval, Item, days, heartbeat_for, spent
from hardware.power.cell import Cell, capacity, self_discharge
from hardware.power.currents import ADDED, PROCESSOR, Current, currents
from hardware.power.figures import Duration, load_figures
from hardware.power.ranges import Range

__all__ = [
    "ADDED", "PROCESSOR", "Cell", "Current", "Day", "Duration", "Interval", "Item", "Range",
    "capacity", "currents", "days", "durations", "heartbeat_for", "self_discharge", "spent",
]  # fmt: skip


def durations() -> dict[str, Duration]:
    """How long each thing takes that a badge does, by name."""
    return dict(load_figures().durations)
