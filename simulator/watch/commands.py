"""What the command `tocsin-simulator` shows of a run as it goes."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from simulator.live.telling import Teller
from simulator.plans import load as load_plan
from simulator.promises import Promises
from simulator.report.gathering import told_by
from simulator.report.reading import entries
from simulator.report.scenery import starts, titled
from simulator.scenario.draw import drawn
from simulator.scenario.story import load
from simulator.scenario.verbs import named
from simulator.watch.plan_view import PlanView
from simulator.watch.playback import Playback
from simulator.watch.reel import Reel
from simulator.watch.screen import WatchScreen
from simulator.watch.sides import headline
from simulator.watch.source import LogSource, PlayedSource, Source
from simulator.world.plan import Plan

_LOG = ".jsonl"
_FRAME_S = 0.1
_IDLE_S = 0.01


def watch(
    story: Annotated[
        str, typer.Argument(help="Name of a shipped story, a TOML file, or a log (.jsonl).")
    ],
    seed: Annotated[int | None, typer.Option(help="Of the run; else the story's, or 1.")] = None,
    speed: Annotated[
        float, typer.Option(min=0, help="Virtual seconds a real second; 0: as fast as possible.")
    ] = 60,
) -> None:
    """A run as it goes, on the plan: people, badges, hubs, alerts, promises.

    Without a terminal it prints a line for each thing that happens.
    """
    if story.endswith(_LOG):
        reel, plan, source = _from_log(Path(story), speed)
    else:
        reel, plan, source = _from_story(story, seed, speed)
    try:
        if sys.stdout.isatty():
            screen = WatchScreen(reel, None if plan is None else PlanView(plan))
            screen.run()
            if screen.return_code:
                raise typer.Exit(screen.return_code)
        else:
            tell(reel, typer.echo)
    finally:
        source.close()


def tell(
    reel: Reel,
    show: Callable[[str], object],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """The same without a screen, a line a thing, until it is over."""
    reel.listen(Teller(show))
    before_s = clock()
    while not reel.playback.over:
        now_s = clock()
        reel.turn(now_s - before_s)
        before_s = now_s
        sleep(_FRAME_S if reel.playback.speed else _IDLE_S)
    show(headline(reel.scene, reel.playback, reel.broken).plain)


def _from_story(name: str, seed: int | None, speed: float) -> tuple[Reel, Plan, Source]:
    told = load(name)
    plan = load_plan(told.plan)
    number = seed if seed is not None else told.seed or 1
    story = drawn(told, plan, number)
    source = PlayedSource(story, plan, number)
    reel = Reel(
        source, Playback(speed, starts(plan, story)), Promises(story), named(story, "wearer")
    )
    return reel, plan, source


def _from_log(path: Path, speed: float) -> tuple[Reel, Plan | None, Source]:
    _, began = next(entries(path))
    story, plan = told_by(path), titled(str(began.facts.get("plan", "")))
    known = starts(plan, story) if plan is not None and story is not None else {}
    promises = None if story is None else Promises(story)
    names = () if story is None else named(story, "wearer")
    source = LogSource(path)
    return Reel(source, Playback(speed, known), promises, names), plan, source
