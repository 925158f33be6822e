"""What a benchmark found, as a table to read and a file to compare."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

_WIDE = 140  # in a log there is no edge to keep within


class Figure(NamedTuple):
    """One number, and what it is measured against: ratio is value by peer_value."""

    name: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None
    ratio: float | None


def write(figures: Iterable[Figure], path: Path) -> None:
    """Figures as a JSON list of objects; those of other names that are there already stay."""
    known = json.loads(path.read_text()) if path.exists() else []
    merged = {entry["name"]: entry for entry in known}
    merged.update((figure.name, figure._asdict()) for figure in figures)
    path.write_text(json.dumps(list(merged.values()), indent=1) + "\n")


def show(figures: Iterable[Figure]) -> None:
    """A table on the terminal."""
    table = Table("figure", "value", "unit", "peer", "peer's value", "ratio")
    table.columns[0].no_wrap = True
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:,.6g}",
            figure.unit,
            figure.peer or "",
            "" if figure.peer_value is None else f"{figure.peer_value:,.6g}",
            "" if figure.ratio is None else f"{figure.ratio:.1f}",
        )
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(table)
