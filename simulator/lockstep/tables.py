"""Runs as tables in a terminal."""

from rich.table import Table

from simulator.lockstep.soak import Result
from simulator.lockstep.tally import STAGES, Tally
from simulator.promises import ALL, Broken

_MEANS = {
    "raised": "by a badge, on its flash",
    "heard": "on a hub's disk",
    "delivered": "on the desk's disk",
    "acknowledged": "a person took it",
    "resolved": "a person ended it",
}


def verdicts(broken: list[Broken] | tuple[Broken, ...]) -> Table:
    """Each promise, and how often it was broken."""
    table = Table("", "promise", "", title="Promises", title_justify="left")
    for promise in ALL:
        times = sum(one.promise == promise.number for one in broken)
        held = "[green]held[/green]" if not times else f"[bold red]broken {times} times[/bold red]"
        table.add_row(str(promise.number), promise.title, held)
    return table


def stages(tally: Tally) -> Table:
    """How far alerts came."""
    table = Table("alerts", "", "", title="Alerts", title_justify="left")
    for stage in STAGES:
        table.add_row(stage, f"{tally.alerts[stage]:,}", _MEANS[stage])
    return table


def faults(tally: Tally) -> Table:
    """What was done to it, and how often."""
    table = Table("what happened", "times", title="Faults", title_justify="left")
    for verb, times in sorted(tally.faults.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(verb, f"{times:,}")
    table.add_section()
    table.add_row("all", f"{tally.faults.total():,}")
    return table


def summary(result: Result, took_s: float) -> Table:
    """How much was played."""
    table = Table("", "", show_header=False)
    table.add_row("runs, each with a seed of its own", f"{result.seeds:,}")
    table.add_row("badge-hours", f"{result.badge_hours:,.0f}")
    table.add_row("of these with the real firmware in its VM", f"{result.vm_hours:,.0f}")
    table.add_row("frames said", f"{result.tally.other['frames said']:,}")
    table.add_row("time", f"{took_s / 60:.1f} min, {result.processor_s / 60:.1f} of processors")
    return table
