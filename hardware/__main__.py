"""`python -m hardware`: boards, wiring, parts and power, as tables and files."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hardware import tables
from hardware.board import board_names, load_board, load_boards
from hardware.bom import table, write_csv
from hardware.errors import HardwareError
from hardware.parts import faults, load_parts
from hardware.power import Cell, Day, Range, currents, days, heartbeat_for, spent
from hardware.rules import RULES, check

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

BUILD = Path("build/hardware")

Name = Annotated[str, typer.Argument(help="a board of hardware/boards")]
Milliampere_hours = Annotated[float, typer.Option(min=1, help="of the cell")]


@app.command("boards")
def show_boards() -> None:
    """Checks every board against the rules of its chip, and the bill against the badge."""
    console = Console()
    broken = [str(violation) for board in load_boards() for violation in check(board)]
    broken += faults(load_parts(), load_board("badge"))
    for what in broken:
        console.print(what, style="red", markup=False)
    if broken:
        raise typer.Exit(1)
    console.print(f"{len(board_names())} boards keep {len(RULES)} rules; every part is known")


@app.command("rules")
def show_rules() -> None:
    """The rules, and where each is from."""
    shown = Table()
    for name in ("rule", "says", "source"):
        shown.add_column(name)
    for rule in RULES:
        shown.add_row(rule.name, rule.says, rule.source)
    Console().print(shown)


@app.command("pins")
def show_pins(name: Name) -> None:
    """Pins of a board: what the schematic and the firmware have in common."""
    board = load_board(name)
    shown = Table(title=f"{board.title}: {board.module}")
    for column in ("GPIO", "function", "net", "direction", "held by", "wakes"):
        shown.add_column(column, justify="right" if column == "GPIO" else "left")
    for pin in sorted(board.pins, key=lambda pin: pin.gpio):
        held = f"{pin.pull}, {pin.pull_by}" if pin.pull_by else pin.pull
        shown.add_row(str(pin.gpio), pin.function, pin.net, pin.direction, held, pin.wake)
    Console().print(shown)


@app.command("wiring")
def show_wiring(name: Name) -> None:
    """What to connect on a board from a shop."""
    board = load_board(name)
    if not board.wiring:
        raise HardwareError(f"{name} has nothing to wire: its parts are on the board")
    shown = Table(title=board.title)
    for column in ("for the", "from", "to", "through"):
        shown.add_column(column)
    for wire in board.wiring:
        shown.add_row(wire.part, wire.start, wire.end, wire.by)
    Console().print(shown)


@app.command("bom")
def show_bom(
    csv: Annotated[Path, typer.Option(help="where the CSV goes")] = BUILD / "bom.csv",
) -> None:
    """The bill of materials as a table, and as CSV."""
    bill = load_parts()
    Console().print(table(bill))
    write_csv(bill, csv)
    Console().print(f"written: {csv}", markup=False)


@app.command("power")
def show_power(
    name: Name = "badge",
    cell_mah: Milliampere_hours = 500,
    heartbeat_s: Annotated[float, typer.Option(min=1, help="between heartbeats")] = 60,
    alerts: Annotated[float, typer.Option(min=0, help="a day")] = 0,
) -> None:
    """Where the charge of a day goes, and how long a cell lasts."""
    cell = Cell(cell_mah)
    day = Day(heartbeat_s, max(heartbeat_s, Day().off_duty_heartbeat_s), alerts=alerts)
    shown = Table(title=f"{name}, {heartbeat_s:g} s between heartbeats: mAh a day")
    for column in ("for", "low", "typical", "high"):
        shown.add_column(column, justify="left" if column == "for" else "right")
    for item in spent(name, day):
        shown.add_row(item.name.removeprefix("+ "), *(f"{mah:.2f}" for mah in item.mah))
    console = Console()
    console.print(shown)
    console.print(f"{cell_mah:g} mAh last {_told(days(name, cell, day))} days")
    interval = heartbeat_for(name, cell, 90, day)
    told = ", ".join("not within an hour" if s is None else f"{s:.0f} s" for s in interval)
    console.print(f"90 days need a heartbeat every (surely, typically, at best): {told}")


@app.command("currents")
def show_currents(name: Name = "badge") -> None:
    """What a board draws in each state, and who says so."""
    shown = Table(title=f"{name}: mA from the cell")
    for column in ("state", "low", "typical", "high", "source"):
        shown.add_column(column, justify="left" if column in ("state", "source") else "right")
    for state, current in currents(name).items():
        label = f"+ {state}" if current.adds else state
        source = f"assumed: {current.source}" if current.assumed else current.source
        shown.add_row(label, *(f"{ma:.4g}" for ma in current[:3]), source)
    Console().print(shown)


@app.command("tables")
def show_tables() -> None:
    """The tables of docs/hardware.md, as they should stand there."""
    made = (
        tables.wiring("tbeam_v1_2"), tables.pins("badge"), tables.costs(), tables.battery_days(),
        tables.ninety_days(), tables.light_sleep(),
    )  # fmt: skip
    typer.echo("\n\n".join(made))


@app.command("plot")
def draw_plot(
    to: Annotated[Path, typer.Option(help="an SVG")] = BUILD / "battery-days.svg",
) -> None:
    """Draws battery days against the heartbeat interval. Needs matplotlib."""
    from hardware.power.plot import draw  # noqa: PLC0415 - an extra of its own

    draw(to)
    Console().print(f"written: {to}", markup=False)


def _told(figure: Range) -> str:
    return f"{figure.typical:.0f} ({figure.low:.0f} to {figure.high:.0f})"


def main() -> None:
    """Every mistake of a user is one line."""
    try:
        app()
    except HardwareError as error:
        sys.exit(f"hardware: {error}")


if __name__ == "__main__":
    main()
