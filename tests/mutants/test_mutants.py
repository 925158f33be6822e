"""The promises' checkers bite: a bug that a good engineer could make is seen within a few seeds.

Each bug is a patch in the folder `patches`, which says what it is and how it is caught.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from simulator.lockstep.run import run
from simulator.plans import load as load_plan
from simulator.promises import ALL, Broken
from simulator.scenario.draw import drawn
from simulator.scenario.story import load as load_story
from tests.mutants.planted import HERE, Mode, Planted, load

PLANTED = load()
#: Every story with as many seeds as any bug is given in it.
CONTROLS = {
    (one.story, one.mode): max(
        other.seeds for other in PLANTED if (other.story, other.mode) == (one.story, one.mode)
    )
    for one in PLANTED
}


def story_file(story: str) -> Path:
    return HERE / "stories" / f"{story}.toml"


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_bug_is_caught_by_its_promise(planted: Planted, tmp_path: Path) -> None:
    root = planted.plant(tmp_path)
    arguments = (
        story_file(planted.story), planted.seeds, planted.promise, planted.mode,
        *dict.fromkeys(hunk.path for hunk in planted.hunks),
    )  # fmt: skip
    trial = subprocess.run(
        [sys.executable, HERE / "trial.py", *map(str, arguments)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'firmware'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert trial.stdout.startswith("caught "), (
        f"{planted.bug}\nNot caught within {planted.seeds} seeds of {planted.story}."
        f"\n{trial.stdout}{trial.stderr}"
    )


@pytest.mark.parametrize(("story", "mode"), CONTROLS, ids=str)
def test_without_planted_bugs_the_same_stories_break_nothing(story: str, mode: Mode) -> None:
    told = load_story(str(story_file(story)))
    plan = load_plan(told.plan)
    broken: list[Broken] = []
    for seed in range(CONTROLS[story, mode]):
        broken += run(drawn(told, plan, seed), plan, seed, vm=mode == "vm", disks=mode != "cores")
    assert not broken


def test_each_promise_is_put_to_the_test_by_three_bugs_at_least() -> None:
    bugs = Counter(planted.promise for planted in PLANTED)
    assert all(bugs[promise.number] >= 3 for promise in ALL), bugs


def test_a_patch_is_named_for_its_promise() -> None:
    assert all(planted.name.startswith(f"{planted.promise}-") for planted in PLANTED)


def test_a_patch_that_does_not_fit_any_more_is_no_bug(tmp_path: Path) -> None:
    hunk = PLANTED[0].hunks[0]
    aged = PLANTED[0]._replace(hunks=(hunk._replace(old="nothing of that kind\n"),))
    with pytest.raises(ValueError, match="make the patch anew"):
        aged.plant(tmp_path)
