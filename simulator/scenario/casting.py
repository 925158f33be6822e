"""Whether a story can be played on a plan: its places, hubs and people."""

from collections.abc import Iterable, Sequence

from simulator.errors import SimulatorError
from simulator.scenario.story import Step, Story
from simulator.scenario.verbs import VERBS, named
from simulator.world.plan import Plan

#: Whose network can fail besides the hubs'.
DESK = "desk"
_PLACES = ("walks to", "jams")


def check_on_plan(file: str, story: Story, plan: Plan) -> None:
    """Whether everybody and everything in it is there. Raises SimulatorError with one line: file,
    key, what was wrong, and what there is."""
    for at, hub in enumerate(story.hubs):
        _known(f"{file}: $.hubs[{at}]", hub, plan.hubs)
    for at, wearer in enumerate(story.wearers):
        _known(f"{file}: $.wearers[{at}].at", wearer.at, plan.places)
    for at, step in enumerate(story.steps):
        _check_step(f"{file}: $.steps[{at}]", story, plan, step)


def _check_step(where: str, story: Story, plan: Plan, step: Step) -> None:
    verb = VERBS[step.does]
    hubs = story.hubs or tuple(plan.hubs)
    if verb.who == "hub":
        _known(f"{where}.who", step.who, hubs)
    elif verb.who == "network":
        _known(f"{where}.who", step.who, (*hubs, DESK))
    elif verb.who == "wearer":
        _known(f"{where}.who", step.who, named(story, "wearer"))
    if step.does in _PLACES:
        _known(f"{where}.to", step.to, plan.places)
    elif verb.to:
        _known(f"{where}.to", step.to, named(story, "wearer"))


def _known(where: str, name: str, names: Iterable[str]) -> None:
    there: Sequence[str] = tuple(names)
    if name not in there:
        known = ", ".join(there[:12]) + (", ..." if len(there) > 12 else "")
        raise SimulatorError(f"{where}: {name!r} is none of: {known or 'nothing'}")
