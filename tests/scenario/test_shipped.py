"""The stories that come with the simulator: each can be played, and each holds its promises."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import plans
from simulator.lockstep.log import Digest, Entry
from simulator.lockstep.run import run
from simulator.promises import Broken
from simulator.scenario.casting import check_on_plan
from simulator.scenario.draw import drawn
from simulator.scenario.story import Story, load, shipped
from simulator.scenario.verbs import VERBS
from simulator.world.draws import Draws
from simulator.world.walk import Walk

DOCS = Path(__file__).parents[2] / "docs"

ISSUE = (
    "a-visit-that-goes-wrong",
    "hub-unplugged-by-the-cleaner",
    "building-full-of-badges",
    "attacker-with-a-laptop",
    "the-night-the-broker-died",
)
LONG = (
    "building-full-of-badges",
    "a-quiet-day-at-the-clinic",
    "the-night-the-broker-died",
    "clocks-gone-wrong",
)
#: How many alerts wait for a person in each: what it is about has to happen in it.
RINGS = {
    "a-fall-in-the-archive": 1,
    "a-missed-check-in": 1,
    "a-quiet-day-at-the-clinic": 0,
    "a-visit-that-goes-wrong": 1,
    "attacker-with-a-laptop": 2,
    "building-full-of-badges": 5,
    "clocks-gone-wrong": 3,
    "hub-unplugged-by-the-cleaner": 2,
    "nobody-at-the-desk": 1,
    "out-of-range-and-back": 1,
    "the-battery-falls-out": 2,
    "a-drill-and-a-real-call": 2,
    "the-battery-runs-out": 2,
    "the-night-the-broker-died": 3,
    "the-radio-that-went-deaf": 3,
    "two-presses-at-once": 3,
}


class Rings:
    """A listener: the alerts that waited for a person, and those that one has resolved."""

    def __init__(self) -> None:
        self.waited: set[str] = set()
        self.resolved: set[str] = set()

    def __call__(self, entry: Entry) -> None:
        facts = entry.facts
        if (entry.who, entry.what) == ("desk", "shows") and facts["waits"]:
            self.waited.add(str(facts["alert"]))
        elif entry.what == "resolve":
            self.resolved.add(str(facts["alert"]))


def play(
    story: Story, seed: int, *listeners: Callable[[Entry], None], vm: bool = False
) -> list[Broken]:
    plan = plans.load(story.plan)
    return run(drawn(story, plan, seed), plan, seed, vm=vm, disks=vm, listeners=listeners)


def test_the_stories_of_the_issue_are_there() -> None:
    assert set(ISSUE) <= set(shipped())
    assert set(shipped()) == set(RINGS)


@pytest.mark.parametrize("name", shipped())
def test_a_story_names_only_what_is_on_its_plan(name: str) -> None:
    story = load(name)
    plan = plans.load(story.plan)
    check_on_plan(name, story, plan)
    for wearer in story.wearers:  # and leaves everybody time to arrive
        stops = [(0, wearer.at)] + [
            (step.at_ms, step.to)
            for step in story.steps
            if step.does == "walks to" and step.who == wearer.name
        ]
        Walk(plan, stops, Draws(1), wearer.name)


@pytest.mark.parametrize("name", shipped())
def test_a_story_says_what_it_is_about_in_a_few_sentences(name: str) -> None:
    story = load(name)
    assert 2 <= len(re.findall(r"[.:](?:\s|$)", story.about)) <= 6
    assert [step.at_ms for step in story.steps] == sorted(step.at_ms for step in story.steps)
    assert 15 * 60_000 <= story.length_ms <= 3 * 3_600_000


@pytest.mark.parametrize(
    ("name", "seed"),
    [(name, seed) for name in shipped() for seed in ((1,) if name in LONG else (1, 2))],
)
def test_a_story_holds_every_promise_and_rings_as_told(name: str, seed: int) -> None:
    rings = Rings()
    assert play(load(name), seed, rings) == []
    assert len(rings.waited) == RINGS[name], rings.waited
    assert rings.resolved == rings.waited


def test_the_firmware_in_its_vm_tells_the_same_story() -> None:
    story, cores, firmware = load("two-presses-at-once"), Digest(), Digest()
    assert play(story, 1, cores) == []
    assert play(story, 1, firmware, vm=True) == []
    assert firmware.hex() == cores.hex()


def test_the_documents_name_every_story_and_every_verb() -> None:
    told = "".join(page.read_text() for page in DOCS.glob("*.md"))
    assert [name for name in (*shipped(), *VERBS) if f"`{name}`" not in told] == []
