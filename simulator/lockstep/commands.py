"""The commands that play stories in virtual time: run, search, soak."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulator import plans
from simulator.errors import SimulatorError
from simulator.lockstep import soak as soaking
from simulator.lockstep.log import Digest, Entry, Writer
from simulator.lockstep.run import run as play_story
from simulator.lockstep.search import Job, Outcome, cut_down, search, write_down
from simulator.lockstep.tables import faults, stages, summary, verdicts
from simulator.lockstep.tally import Tally
from simulator.scenario.casting import check_on_plan
from simulator.scenario.draw import drawn
from simulator.scenario.story import Story, load, shipped

FAILURES = Path("failures")
_WRITTEN = 5  # of those that fail: often they are alike

_StoryName = Annotated[
    str, typer.Argument(metavar="STORY", help="A shipped story's name, or a TOML file.")
]
_Jobs = Annotated[int | None, typer.Option(min=1, help="Processes; default: one a processor.")]


def run(
    story: _StoryName,
    seed: Annotated[
        int | None,
        typer.Option(help="Decides all that is left to chance. Default: the story's, or 1."),
    ] = None,
    cores: Annotated[
        bool,
        typer.Option(
            "--cores", help="Badges as cores alone, data in memory: 10-50 times as fast, same log."
        ),
    ] = False,
    log: Annotated[
        Path | None, typer.Option(help="Write the log here, a line of JSON for each thing.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="In real time, with real processes and a real broker.")
    ] = False,
    broker: Annotated[
        str, typer.Option(help="Live: amqtt, mosquitto, nats, or mqtt://host:port.")
    ] = "amqtt",
    until: Annotated[str, typer.Option(help="Live: stop early, such as '5 min'.")] = "",
    keep: Annotated[
        Path | None, typer.Option(help="Live: keep databases, flash images and logs here.")
    ] = None,
) -> None:
    """Plays a story in virtual time, and says which promises held.

    The real firmware in the real VM, the gateway's and desk's own code, one clock. The same story
    and seed give the same log, byte for byte. Exits with 1 when a promise was broken.
    """
    if live:
        from simulator.live.commands import play  # noqa: PLC0415 - half the world, for this alone

        play(story, seed or 1, broker, until, log, keep)
        return
    console = Console()
    told = load(story)
    plan = plans.load(told.plan)
    check_on_plan(story, told, plan)
    chosen = seed if seed is not None else told.seed if told.seed is not None else 1
    whole = drawn(told, plan, chosen)
    digest, tally = Digest(), Tally()
    began_s = time.perf_counter()
    with ExitStack() as stack:
        listeners: list[Callable[[Entry], None]] = [digest, tally]
        if log is not None:
            listeners.append(Writer(stack.enter_context(_opened(log))))
        bar = stack.enter_context(_bar(console))
        task = bar.add_task(whole.name, total=whole.length_ms)
        broken = play_story(
            whole, plan, chosen, vm=not cores, disks=not cores, listeners=listeners,
            progress=lambda now, _: bar.update(task, completed=now),
        )  # fmt: skip
    took_s = time.perf_counter() - began_s
    _print_title(console, whole, chosen, took_s)
    if tally.faults:
        console.print(faults(tally))
    if tally.alerts["raised"]:
        console.print(stages(tally))
    console.print(verdicts(broken))
    for one in broken[:20]:
        console.print(f"[red]{one.at_ms / 1000:10.3f} s  {one.promise}. {one.why}[/red]")
    console.print(f"log: {digest.entries:,} entries, fingerprint {digest.hex()}")
    sys.exit(1 if broken else 0)


def _print_title(console: Console, story: Story, seed: int, took_s: float) -> None:
    people, hubs = len(story.wearers), len(story.hubs)
    console.print(
        f"[bold]{story.name}[/bold], seed {seed}, on plan {story.plan}: {story.length} in"
        f" {took_s:.1f} s, {people} badges, {hubs} hubs"
    )


def find(
    story: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STORY]...", help="Shipped stories or TOML files; default: all."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds of each.")] = 20,
    first: Annotated[int, typer.Option(help="The first seed.")] = 1,
    presses: Annotated[float, typer.Option(min=0, max=60, help="More, an hour and wearer.")] = 0.0,
    faults_: Annotated[
        float, typer.Option("--faults", min=0, max=600, help="More, an hour.")
    ] = 0.0,
    vm: Annotated[bool, typer.Option("--vm", help="The real firmware and databases.")] = False,
    jobs: _Jobs = None,
    keep: Annotated[Path, typer.Option(help="Where failing stories are written.")] = FAILURES,
) -> None:
    """Plays stories with many seeds, looking for one that breaks a promise.

    One that does is cut down to what it takes, and written as a story that can be played again.
    Exits with 1 when there was any.
    """
    stories = [_with_more(load(name), presses, faults_) for name in story or shipped()]
    wanted = [Job(one, seed, vm) for one in stories for seed in range(first, first + seeds)]
    _search(wanted, len(wanted), jobs, keep)


def soak(
    share: Annotated[
        float, typer.Option(min=0.0001, max=100, help="Of a million badge-hours.")
    ] = 1.0,
    first: Annotated[int, typer.Option(help="The first seed.")] = 1,
    jobs: _Jobs = None,
    keep: Annotated[Path, typer.Option(help="Where failing stories are written.")] = FAILURES,
) -> None:
    """The long proof: 10,000 seeds and a million badge-hours with faults, in under an hour."""
    parts = soaking.parts(share)
    _search(soaking.jobs(parts, first), sum(part.seeds for part in parts), jobs, keep)


def _search(wanted: "Iterator[Job] | list[Job]", count: int, jobs: int | None, keep: Path) -> None:
    console = Console()
    result, failed = soaking.Result(), list[tuple[Job, Outcome]]()
    known: dict[tuple[str, int, bool], Job] = {}
    began_s = time.perf_counter()

    def noted() -> Iterator[Job]:
        for job in wanted:
            known[job.story.name, job.seed, job.vm] = job
            yield job

    stopped = False
    with _bar(console) as bar:
        task = bar.add_task("playing", total=count)
        try:
            for outcome in search(noted(), jobs):
                result.add(outcome)
                bar.update(task, advance=1, description=_progress(result))
                job = known.pop((outcome.name, outcome.seed, outcome.vm))
                if outcome.failed:
                    failed.append((job, outcome))
                    _tell(console, job, outcome)
                if not console.is_terminal and result.seeds % max(1, count // 20) == 0:
                    console.print(f"{result.seeds:,} of {count:,}: {_progress(result)}")
        except KeyboardInterrupt:
            stopped = True
            console.print(f"Stopped after {result.seeds:,} of {count:,}.")
    console.print(summary(result, time.perf_counter() - began_s))
    console.print(faults(result.tally))
    console.print(stages(result.tally))
    console.print(verdicts([one for outcome in result.failed for one in outcome.broken]))
    for job, outcome in failed[:_WRITTEN]:
        _write_down(console, job, outcome, keep)
    sys.exit(130 if stopped else 1 if result.failed else 0)


def _tell(console: Console, job: Job, outcome: Outcome) -> None:
    why = outcome.error or "; ".join(f"{one.promise}. {one.why}" for one in outcome.broken[:2])
    mode = "in the VM" if job.vm else "as cores"
    console.print(f"[red]{outcome.name}, seed {outcome.seed}, {mode}: {why}[/red]")


def _write_down(console: Console, job: Job, outcome: Outcome, keep: Path) -> None:
    broken = outcome.broken[0] if outcome.broken else None
    console.print(f"cutting {outcome.name}, seed {outcome.seed}, down to what it takes ...")
    small = cut_down(job, broken.promise if broken else 0)
    path = write_down(small, broken, keep)
    cores = "" if job.vm else " --cores"
    console.print(f"  {path}: {len(small.steps)} steps; play it again with")
    console.print(f"  tocsin-simulator run {path}{cores}")


def _with_more(story: Story, presses: float, faults_: float) -> Story:
    chance = replace(
        story.chance,
        presses=min(60.0, story.chance.presses + presses),
        faults=min(600.0, story.chance.faults + faults_),
    )
    return replace(story, chance=chance)


def _progress(result: soaking.Result) -> str:
    bad = f", [red]{len(result.failed)} failed[/red]" if result.failed else ""
    return f"{result.badge_hours:,.0f} badge-hours, {result.tally.alerts['raised']:,} alerts{bad}"


@contextmanager
def _bar(console: Console) -> Iterator[Progress]:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(), console=console, transient=True,
    ) as bar:  # fmt: skip
        yield bar


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise SimulatorError(f"{path}: {error.strerror}; name another file with --log") from None
