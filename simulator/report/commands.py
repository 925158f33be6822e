"""What the command `tocsin-simulator` shows of runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.errors import SimulatorError
from simulator.report.comparison import comparison
from simulator.report.gathering import from_log, from_story
from simulator.report.page import page
from simulator.report.summary import verdict
from simulator.report.told import Told
from simulator.report.words import clock, plural

OUT = Path("report.html")


def report(
    logs: Annotated[
        list[Path] | None,
        typer.Argument(help="A run's log; two to compare them.", metavar="LOG..."),
    ] = None,
    story: Annotated[
        str,
        typer.Option(
            help="Without a log: the story to play, by name or TOML file. With one: the story that"
            " it tells, where it is none that comes with the simulator."
        ),
    ] = "",
    seed: Annotated[
        list[int] | None, typer.Option(help="Of the run to play; give it twice to compare.")
    ] = None,
    plan: Annotated[
        str, typer.Option(help="The log's plan, where it is none that comes with the simulator.")
    ] = "",
    out: Annotated[Path, typer.Option(help="The page to write.")] = OUT,
    title: Annotated[str, typer.Option(help="Of the page, instead of the story's name.")] = "",
) -> None:
    """One self-contained HTML page of a run, or of two.

    Alerts and who knew what when, latencies, losses, batteries, coverage, faults, promises.
    """
    console = Console(stderr=True)
    if logs:
        if seed:
            raise SimulatorError(
                "--seed: is for a story that is played now; leave it out for a log"
            )
        runs = [from_log(path, story, plan) for path in logs]
    elif story:
        seeds: list[int | None] = list(seed) if seed else [None]
        runs = [_played(console, story, one) for one in seeds]
    else:
        raise SimulatorError("report: name a run's log, or play one with --story")
    with console.status("Drawing ..."):
        text = _page(runs, title)
    _write(out, text)
    for run in runs:
        typer.echo(f"{out}: {_in_a_line(run)}")


def _page(runs: list[Told], title: str) -> str:
    if len(runs) == 1:
        return page(runs[0], title)
    if len(runs) > 2:
        raise SimulatorError(f"report: {len(runs)} runs; one is shown, or two are compared")
    a, b = (
        run._replace(name=name, class_=name.lower()) for name, run in zip("AB", runs, strict=True)
    )
    stories = dict.fromkeys(run.figures.about.story for run in runs)
    same = f"{next(iter(stories))}: " if len(stories) == 1 else ""
    return comparison(a, b, title or f"{same}{a.label} and {b.label}")


def _played(console: Console, story: str, seed: int | None) -> Told:
    with progress_bar(console, f"Playing {story}") as progress:
        return from_story(story, seed, progress)


@contextmanager
def progress_bar(console: Console, words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told ms so far and in all; it is gone once all is over."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task(words, at="")

        def progress(done_ms: int, total_ms: int) -> None:
            bars.update(bar, completed=done_ms, total=total_ms, at=clock(done_ms))

        yield progress


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SimulatorError(f"--out {out}: {error.strerror}; name another file") from None


def _in_a_line(run: Told) -> str:
    figures = run.figures
    alerts = plural(figures.tally.count("all"), "event")
    return f"{figures.about.story}: {alerts}. {verdict(figures).headline}"
