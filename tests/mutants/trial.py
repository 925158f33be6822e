"""Plays a story with the sources of the folder that it is started in: a process of its own.

    python trial.py STORY SEEDS PROMISE MODE FILE...

FILE: sources that must be among those that are played. It ends with the first seed that breaks
the promise, and prints `caught SEED` and why, or `missed`.
"""

import sys
from pathlib import Path

from simulator.lockstep.log import Entry
from simulator.lockstep.run import run
from simulator.plans import load as load_plan
from simulator.promises import Promises
from simulator.scenario.draw import drawn
from simulator.scenario.story import Story
from simulator.scenario.story import load as load_story

OURS = ("wire", "badge", "gateway", "desk", "simulator", "hardware")


class CaughtError(Exception):
    """The promise is broken: no more needs to be played."""


class Judge:
    """A listener that ends the run when the promise of this number is broken."""

    def __init__(self, story: Story, promise: int) -> None:
        self._promise = promise
        self._promises = Promises(story)

    def __call__(self, entry: Entry) -> None:
        self._promises(entry)
        for broken in self._promises.broken:
            if broken.promise == self._promise:
                raise CaughtError(broken.why)


def main(story_file: str, seeds: str, promise: str, mode: str, *files: str) -> None:
    """Plays seed after seed."""
    story = load_story(story_file)
    plan = load_plan(story.plan)
    verdict = "missed"
    for seed in range(int(seeds)):
        told = drawn(story, plan, seed)
        judge = Judge(told, int(promise))
        try:
            run(told, plan, seed, vm=mode == "vm", disks=mode != "cores", listeners=[judge])
        except CaughtError as caught:
            verdict = f"caught {seed} {caught}"
            break
    check(Path.cwd(), files, mode)
    sys.stdout.write(f"{verdict}\n")


def check(root: Path, files: tuple[str, ...], mode: str) -> None:
    """Whether it was these sources that were played."""
    played = {
        Path(module.__file__)
        for name, module in sys.modules.items()
        if name.partition(".")[0] in OURS and module.__file__
    }
    strangers = [path for path in played if not path.is_relative_to(root)]
    assert not strangers, f"not of {root}: {strangers}"
    if mode == "vm":  # which is given what lies beside the packages that were found
        files = tuple(file for file in files if not file.startswith("firmware/"))
    missing = [file for file in files if root / file not in played]
    assert not missing, f"never imported: {missing}"


if __name__ == "__main__":
    main(*sys.argv[1:])
