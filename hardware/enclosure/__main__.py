"""`python -m hardware.enclosure`: checks, builds and draws the shell.

Needs the extra `hardware`; --quick and --parameters do without CAD.
"""

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hardware.enclosure.board import read
from hardware.enclosure.findings import Finding
from hardware.enclosure.layout import Layout
from hardware.enclosure.parameters import Case, listed
from hardware.enclosure.plan import plan
from hardware.enclosure.rules import check
from hardware.errors import HardwareError

OUT = Path("build/hardware/enclosure")
Tell = Callable[[str], None]


def main() -> None:
    """Entry point. Exit code 1: a check failed, or the board's file cannot be used."""
    try:
        typer.run(enclosure)
    except HardwareError as error:
        sys.exit(f"enclosure: {error}")


def enclosure(
    out: Annotated[Path, typer.Option(help="STEP, STL and pictures go here.")] = OUT,
    pictures: Annotated[
        Path | None, typer.Option(help="Pictures go here instead, such as docs/pictures.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Arithmetic checks and the plan alone: needs no CAD.")
    ] = False,
    parameters: Annotated[
        bool, typer.Option("--parameters", help="Print every parameter with its reason, no more.")
    ] = False,
) -> None:
    """Checks the badge's shell, builds it, writes STEP and STL, and draws it."""
    console = Console()
    case = Case()
    if parameters:
        console.print(_parameters(case))
        return
    at = Layout(read(), case)
    findings = list(check(at))
    shown = pictures or out
    shown.mkdir(parents=True, exist_ok=True)
    (shown / "enclosure-plan.svg").write_text(str(plan(at)), encoding="utf-8")
    if not quick:
        findings += _built(at, out, shown, _told(console))
    console.print(_table(findings))
    _judge(findings, console)


def _built(at: Layout, out: Path, pictures: Path, tell: Tell) -> list[Finding]:
    """Solids, files and pictures; what the inspection found."""
    try:
        from hardware.enclosure import badge, inspection, labels, views  # noqa: PLC0415
    except ImportError as error:
        raise HardwareError(
            f"{error.name} is missing: pip install '.[hardware]', or add --quick: arithmetic alone"
        ) from error
    made = badge.build(at, tell)
    findings = list(inspection.inspect(made, tell))
    out.mkdir(parents=True, exist_ok=True)
    for name, solid in made.parts.items():
        tell(f"writing {name}.step")
        solid.write_step(out / f"{name}.step")
    for name in badge.PRINTED:
        tell(f"writing {name}.stl, as it lies on the printer")
        badge.laid(name, made.parts[name]).write_stl(out / f"{name}.stl")
    for name, view in views.PICTURES.items():
        tell(f"drawing enclosure-{name}.png")
        labels.save(view(made), pictures / f"enclosure-{name}.png")
    return findings


def _told(console: Console) -> Tell:
    began = time.monotonic()

    def tell(what: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {what}", highlight=False, markup=False)

    return tell


def _judge(findings: Iterable[Finding], console: Console) -> None:
    broken = [finding.error for finding in findings if not finding.holds]
    for error in broken:
        console.print(f"enclosure: {error}", style="red", markup=False, soft_wrap=True)
    if broken:
        raise typer.Exit(1)
    console.print("every check holds")


def _table(findings: Iterable[Finding]) -> Table:
    shown = Table()
    for column in ("", "check", "found", "limits"):
        shown.add_column(column, justify="right" if column == "found" else "left")
    for finding in findings:
        mark = "[green]ok[/]" if finding.holds else "[red]FAIL[/]"
        shown.add_row(mark, escape(finding.what), finding.number, finding.limits)
    return shown


def _parameters(case: Case) -> Table:
    shown = Table()
    for column in ("parameter", "value", "unit", "why"):
        shown.add_column(column, justify="right" if column == "value" else "left")
    for parameter in listed(case):
        shown.add_row(parameter.name, f"{parameter.value:g}", parameter.unit, parameter.reason)
    return shown


if __name__ == "__main__":
    main()
