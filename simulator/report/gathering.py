"""From a log, or from a story that is played now, to figures that can be shown."""

from collections.abc import Callable
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.lockstep.run import run
from simulator.plans import load as load_plan
from simulator.promises import Promises
from simulator.report.figures import Collector
from simulator.report.reading import Listener, entries, replay
from simulator.report.scenery import scenery
from simulator.report.told import Told
from simulator.scenario.draw import drawn
from simulator.scenario.story import Story, load, parse, shipped
from simulator.scenario.verbs import named


def from_log(path: Path, story: str = "", plan: str = "") -> Told:
    """What a log tells. story, plan: where they are not those that the log names and the
    simulator has. Raises SimulatorError."""
    found = load(story) if story else told_by(path)
    collector = Collector(wearers=() if found is None else named(found, "wearer"))
    promises = None if found is None else Promises(found)
    listeners: list[Listener] = [collector]
    replay(path, [*listeners, promises] if promises is not None else listeners)
    broken = None if promises is None else tuple(promises.broken)
    figures = collector.figures(broken)
    place = load_plan(plan) if plan else None
    return Told(figures, scenery(figures, place, found), label=path.stem)


def from_story(
    name: str, seed: int | None, progress: Callable[[int, int], None] | None = None
) -> Told:
    """Plays a story to its end. seed: None for the story's own, or 1. Raises SimulatorError."""
    told = load(name)
    plan = load_plan(told.plan)
    number = seed if seed is not None else told.seed or 1
    story = drawn(told, plan, number)
    collector = Collector(wearers=named(story, "wearer"))
    broken = run(story, plan, number, listeners=[collector], progress=progress)
    figures = collector.figures(tuple(broken))
    figures = figures._replace(about=figures.about._replace(seed=number))
    return Told(figures, scenery(figures, plan, story), label=f"seed {number}")


def told_by(path: Path) -> Story | None:
    """The story that comes with the simulator and that the log names."""
    _, began = next(entries(path))
    for name, text in shipped().items():
        try:
            story = parse(name, text)
        except SimulatorError:
            continue
        if story.name == began.facts.get("story"):
            return story
    return None
