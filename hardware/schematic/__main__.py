"""`python -m hardware.schematic`: checks the circuit, writes the netlist, draws it."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hardware.board import load_board
from hardware.errors import HardwareError
from hardware.parts import load_parts
from hardware.schematic.drawing.diagram import diagram
from hardware.schematic.drawing.sheet import draw, undrawn
from hardware.schematic.rules import RULES, Design, check
from hardware.schematic.sheets import SHEETS, build
from hardware.schematic.symbols import load

OUT = Path("build/hardware/schematic")
BADGE = "badge"
Tell = Callable[[str], None]


def main() -> None:
    """Entry point. Exit code 1: a rule is broken, or a file cannot be used."""
    try:
        typer.run(schematic)
    except HardwareError as error:
        sys.exit(f"schematic: {error}")


def schematic(
    out: Annotated[Path, typer.Option(help="The netlist and the drawings go here.")] = OUT,
    pictures: Annotated[
        Path | None, typer.Option(help="Drawings go here instead, such as docs/pictures.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Our own rules and drawings alone: needs no SKiDL.")
    ] = False,
) -> None:
    """Checks the badge's circuit, writes a netlist for KiCad, and draws every sheet."""
    console = Console()
    tell = _told(console)
    board, bill = load_board(BADGE), load_parts()
    tell("joining the sheets")
    circuit = build(board, bill)
    design = Design(circuit, board, bill)
    broken = [str(violation) for violation in check(design)]
    broken += _drawn(design, pictures or out, tell)
    if not quick:
        broken += _by_skidl(design, out / "badge.net", tell)
    console.print(_table(broken, design))
    for what in broken:
        console.print(f"schematic: {what}", style="red", markup=False, soft_wrap=True)
    if broken:
        raise typer.Exit(1)


def _drawn(design: Design, to: Path, tell: Tell) -> list[str]:
    """Draws; parts that a drawing forgets."""
    to.mkdir(parents=True, exist_ok=True)
    tell("drawing the block diagram")
    picture = to / "schematic-blocks.svg"
    picture.write_text(str(diagram(design.circuit, design.bill)), encoding="utf-8")
    forgotten = []
    for name in SHEETS:
        tell(f"drawing sheet {name}")
        picture = to / f"schematic-{name}.svg"
        picture.write_text(str(draw(design.circuit, design.board, name)), encoding="utf-8")
        missing = sorted(undrawn(design.circuit, design.board, name))
        forgotten += [f"sheet {name} does not show {reference}" for reference in missing]
    return forgotten


def _by_skidl(design: Design, netlist: Path, tell: Tell) -> list[str]:
    """SKiDL's check, KiCad's symbols, the netlist."""
    try:
        from hardware.schematic.skidl_netlist import Netlist  # noqa: PLC0415 - needs an extra

        made = Netlist(design.circuit, "Tocsin badge, revision 1")
    except ImportError as error:
        raise HardwareError(
            f"{error.name} is missing: pip install '.[hardware]', or --quick: our own rules"
        ) from error
    tell("SKiDL's electrical rule check")
    found = [f"SKiDL: {line}" for line in made.check()]
    tell("comparing pins with KiCad's own symbols")
    found += made.compare(iter(load().values()))
    tell(f"writing {netlist}")
    made.write(netlist)
    return found


def _table(broken: list[str], design: Design) -> Table:
    shown = Table(title=f"{len(design.circuit.parts)} parts, {len(design.circuit.nets)} nets")
    for column in ("", "rule", "says", "source"):
        shown.add_column(column)
    for rule in RULES:
        bad = any(line.startswith(f"{rule.name}: ") for line in broken)
        mark = "[red]FAIL[/]" if bad else "[green]ok[/]"
        shown.add_row(mark, rule.name, rule.says, escape(rule.source))
    return shown


def _told(console: Console) -> Tell:
    began = time.monotonic()

    def tell(what: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {what}", highlight=False, markup=False)

    return tell


if __name__ == "__main__":
    main()
