"""A few hundred seeds over all stories: no promise is broken. `make soak` plays ten thousand."""

from pathlib import Path

import pytest

from simulator import plans
from simulator.lockstep.run import run
from simulator.lockstep.search import Job, play
from simulator.lockstep.soak import PLANS, parts
from simulator.scenario.story import load, parse, shipped

SEEDS = 10
STORMS = 30
IN_THE_VM = 2
REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.toml"))


def broken_by(job: Job) -> str:
    outcome = play(job)
    assert outcome.error == ""
    return "; ".join(f"{one.promise} at {one.at_ms} ms: {one.why}" for one in outcome.broken)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_story_holds_its_promises_with_many_seeds(name: str) -> None:
    story = load(name)
    for seed in range(1, SEEDS + 1):
        assert broken_by(Job(story, seed)) == "", f"seed {seed}"


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("first", range(1000, 1000 + STORMS, 10))
def test_no_storm_of_faults_breaks_a_promise(plan: str, first: int) -> None:
    storm = next(part.story for part in parts() if part.story.name == f"storm at {plan}")
    for seed in range(first, first + 10):
        assert broken_by(Job(storm, seed)) == "", f"seed {seed}"


@pytest.mark.parametrize("plan", PLANS)
def test_no_storm_breaks_a_promise_with_the_real_firmware_and_databases(plan: str) -> None:
    storm = next(part.story for part in parts() if part.story.name == f"storm at {plan}")
    for seed in range(1, IN_THE_VM + 1):
        assert broken_by(Job(storm, seed, vm=True)) == "", f"seed {seed}"


@pytest.mark.parametrize("path", REGRESSIONS, ids=[path.stem for path in REGRESSIONS])
def test_what_once_broke_a_promise_does_so_no_more(path: Path) -> None:
    story = parse(path.name, path.read_text())
    assert story.seed is not None
    plan = plans.load(story.plan)
    for vm in (False, True):
        assert run(story, plan, story.seed, vm=vm, disks=vm) == []
