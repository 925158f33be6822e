"""A journey as a table, and the air in a line: for the terminal."""

from rich.table import Table

from gateway.contract.messages import Phase
from simulator.air import AirCounters
from simulator.journey import Journey

_MEANINGS = {
    Phase.RAISED: "on flash and air",
    Phase.HEARD: "gateway's disk",
    Phase.DELIVERED: "desk's disk",
    Phase.ACKNOWLEDGED: "a person is on it",
    Phase.RESOLVED: "it is over",
}


def journey_table(journey: Journey) -> Table:
    """The journey as a table; times in seconds since the finger went down."""
    shown = Table(title="One press", title_justify="left")
    shown.add_column("stage", style="bold")
    shown.add_column("means")
    shown.add_column("by")
    for name in ("true at", "badge", "hand felt"):
        shown.add_column(name, justify="right")
    shown.add_row("pressed", "finger on button", "worker", "0.000 s", "", "")
    for row in journey.rows():
        times = (_seconds(journey, at) for at in (row.true_ms, row.known_ms, row.felt_ms))
        shown.add_row(row.stage, _MEANINGS[row.stage], row.by, *times)
        if row.stage is Phase.RAISED:
            at = _seconds(journey, journey.heard_on_air_ms)
            shown.add_row("", "first packet in", "radio", at, "", "", style="dim")
        if row.stage is Phase.HEARD:
            at = _seconds(journey, journey.shown_ms)
            shown.add_row("", "shown at the desk", "desk", at, "", "", style="dim")
    return shown


def air_line(counters: AirCounters) -> str:
    """What got through and what was lost."""
    total = counters.heard + counters.lost
    share = 100 * counters.lost / total if total else 0
    return (
        f"On the air: {counters.sent} advertisements sent, {counters.lost} of {total} lost"
        f" ({share:.0f}%), {counters.retransmissions} packets of connections sent again."
    )


def _seconds(journey: Journey, at_ms: int | None) -> str:
    return "-" if at_ms is None else f"{(at_ms - journey.pressed_ms) / 1000:.3f} s"
