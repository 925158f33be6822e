"""What happens by chance: presses, walks and faults, drawn from a seed into steps of a story.

Drawn steps are steps like any others: a run that fails can be written down and cut short.
"""

from collections.abc import Iterator
from itertools import count

from msgspec.structs import replace

from simulator.scenario.duration import words
from simulator.scenario.story import Chance, Step, Story, Wearer
from simulator.scenario.verbs import FAULTS, VERBS, Verb
from simulator.world.draws import Draws
from simulator.world.plan import Plan

_HOUR_MS = 3_600_000
_FIRST_MS = 20_000  # everything has been switched on
#: Of presses, how many are calls for help, tests, check ins or outs.
_GESTURES = (
    ("holds the button", 5),
    ("presses three times", 1),
    ("presses once", 2),
    ("presses twice", 2),
)
_CHECK = "presses twice"
_WALK = "walks to"
_WALK_MS = 10 * 60_000  # no plan is wider
_VISIT_MS = (3 * 60_000, 20 * 60_000)
_FORGOTTEN = 0.25


def with_crowd(story: Story, plan: Plan, seed: int) -> Story:
    """The story with each of its crowd named."""
    draws = Draws(seed, "crowd")
    places = tuple(plan.stays)
    crowd = tuple(
        Wearer(f"wearer-{number}", draws.choice(places, number))
        for number in range(len(story.wearers) + 1, len(story.wearers) + story.crowd + 1)
    )
    return replace(story, wearers=story.wearers + crowd, crowd=0)


def drawn(story: Story, plan: Plan, seed: int) -> Story:
    """The story with all that chance adds to it written out."""
    story = with_crowd(story, plan, seed)
    steps = sorted((*story.steps, *_steps(story, plan, Draws(seed, "steps"))), key=_when)
    hubs = story.hubs or tuple(plan.hubs)
    return replace(story, steps=tuple(steps), chance=Chance(), hubs=hubs, seed=seed)


def _when(step: Step) -> int:
    return step.at_ms


def _steps(story: Story, plan: Plan, draws: Draws) -> Iterator[Step]:
    until_ms = story.length_ms - story.settle_ms
    chance = story.chance
    for wearer in story.wearers:
        own = draws.under(wearer.name)
        for number, at_ms in _times(own, "press", chance.presses, until_ms):
            verbs = [verb for verb, share in _GESTURES for _ in range(share)]
            verb = own.choice(verbs, "gesture", number)
            yield Step(words(at_ms), verb, wearer.name)
            back_ms = at_ms + int(own.between(*_VISIT_MS, "visit", number))
            # One visit in four nobody ends.
            if verb == _CHECK and back_ms < until_ms and own.uniform("ends", number) > _FORGOTTEN:
                yield Step(words(back_ms), verb, wearer.name)
        yield from _walks(wearer, story, plan, own, until_ms)
    kinds = chance.kinds or FAULTS
    weighted = [name for name in kinds for _ in range(VERBS[name].share)]
    for number, at_ms in _times(draws, "fault", chance.faults, until_ms):
        name = draws.choice(weighted, "kind", number)
        yield _fault(name, VERBS[name], at_ms, story, plan, draws.under("fault", number))


def _times(draws: Draws, what: str, per_hour: float, until_ms: int) -> Iterator[tuple[int, int]]:
    """When something happens so often an hour, at random (a Poisson process)."""
    per_ms = per_hour / _HOUR_MS
    if per_ms <= 0:
        return
    at_ms = float(_FIRST_MS)
    for number in count():
        at_ms += draws.stream(what, number).expovariate(per_ms)
        if at_ms >= until_ms:
            return
        yield number, int(at_ms)


def _walks(wearer: Wearer, story: Story, plan: Plan, draws: Draws, until_ms: int) -> Iterator[Step]:
    told_ms = [step.at_ms for step in story.steps if (step.does, step.who) == (_WALK, wearer.name)]
    places = tuple(plan.stays)
    free_ms = 0
    for number, at_ms in _times(draws, "walk", story.chance.walks, until_ms):
        if at_ms >= free_ms and all(abs(at_ms - walk_ms) >= _WALK_MS for walk_ms in told_ms):
            yield Step(words(at_ms), _WALK, wearer.name, draws.choice(places, "to", number))
            free_ms = at_ms + _WALK_MS


def _fault(name: str, verb: Verb, at_ms: int, story: Story, plan: Plan, draws: Draws) -> Step:
    who = {
        "wearer": tuple(wearer.name for wearer in story.wearers),
        "hub": story.hubs or tuple(plan.hubs),
        "network": (*(story.hubs or tuple(plan.hubs)), "desk"),
    }.get(verb.who, (verb.who,))
    to = ""
    if verb.to:
        there = plan.stays if name == "jams" else [wearer.name for wearer in story.wearers]
        to = draws.choice(tuple(there), "to")
    lasts = ""
    if verb.lasts is not None:
        lasts = words(int(draws.between(*verb.lasts, "lasts")) * 1_000)
    amount = 0.0 if verb.amount is None else round(draws.between(*verb.amount, "amount"), 2)
    return Step(words(at_ms), name, draws.choice(who, "who"), to, lasts, amount)
