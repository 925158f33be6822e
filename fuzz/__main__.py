"""The command `python -m fuzz`: every target for a while, and what it found."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fuzz.targets import TARGETS

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
FINDINGS = HERE / "findings"
#: No input from outside is longer: an MQTT message has at most 64 kB, but what matters fits here.
MAX_LENGTH = 4096


def main(
    targets: Annotated[
        list[str] | None, typer.Argument(help="What to fuzz; everything when nothing is named.")
    ] = None,
    seconds: Annotated[int, typer.Option(help="How long each target is fuzzed.", min=1)] = 30,
    keep: Annotated[
        bool, typer.Option(help="Add inputs that reach new code to the corpus of the project.")
    ] = False,
) -> None:
    """Fuzz what comes from outside, guided by coverage.

    Exits with 1 when something was found; the input is kept in fuzz/findings and named.
    """
    chosen = targets or list(TARGETS)
    if unknown := [name for name in chosen if name not in TARGETS]:
        typer.echo(f"fuzz: no target {unknown[0]!r}; there are {', '.join(TARGETS)}", err=True)
        raise typer.Exit(2)
    table = Table("target", "inputs", "per second", "corpus", "found", title="Fuzzing")
    found = 0
    with Progress(console=Console(stderr=True)) as progress:
        for name in progress.track(chosen, description="fuzzing"):
            row, findings = _fuzz(name, seconds, keep)
            table.add_row(*row)
            found += len(findings)
            for finding in findings:
                progress.console.print(f"[red]{name}: {finding}")
    Console().print(table)
    if found:
        raise typer.Exit(1)


def _fuzz(name: str, seconds: int, keep: bool) -> tuple[tuple[str, ...], list[str]]:
    seeds, findings = CORPUS / name, FINDINGS / name
    findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        # The first folder takes what is new: the project's own only when it is asked for.
        folders = (str(seeds),) if keep else (scratch, str(seeds))
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.drive", name, *folders),
                f"-max_total_time={seconds}",
                f"-max_len={MAX_LENGTH}",
                f"-artifact_prefix={findings}/",
                "-print_final_stats=1",
                "-timeout=10",
            ],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        new = len(list(Path(scratch).iterdir()))
    stats = dict(re.findall(r"stat::(\w+): +(\d+)", ended.stderr))
    kept = sorted(str(path.relative_to(HERE.parent)) for path in findings.iterdir())
    if ended.returncode and not kept:
        kept = [ended.stderr.strip().splitlines()[-1]]
    size = f"{len(list(seeds.iterdir()))} + {new}"
    told = (stats.get("number_of_executed_units", "?"), stats.get("average_exec_per_sec", "?"))
    return (name, *told, size, str(len(kept))), kept


if __name__ == "__main__":
    typer.run(main)
