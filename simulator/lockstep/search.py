"""Many runs of stories with many seeds, on all processors; what fails is cut down and written."""

import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from simulator import plans
from simulator.lockstep.run import run
from simulator.lockstep.tally import Tally
from simulator.promises import Broken
from simulator.scenario.draw import drawn
from simulator.scenario.shrink import shrink
from simulator.scenario.story import Story, write
from simulator.world.plan import Plan

_HOUR_MS = 3_600_000


class Job(NamedTuple):
    """A story to play with a seed. vm: the firmware in its VM, and disks for hubs and desk."""

    story: Story
    seed: int
    vm: bool = False


class Outcome(NamedTuple):
    """What came of a job. error: what the simulator itself died of."""

    name: str
    seed: int
    vm: bool
    broken: tuple[Broken, ...]
    tally: Tally
    badge_hours: float
    took_s: float
    error: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.broken or self.error)


@lru_cache(maxsize=16)
def _plan(name: str) -> Plan:
    return plans.load(name)


def play(job: Job) -> Outcome:
    """Plays one, with what chance adds to it."""
    began_s = time.perf_counter()
    tally, error = Tally(), ""
    broken: list[Broken] = []
    plan = _plan(job.story.plan)
    story = drawn(job.story, plan, job.seed)
    try:
        broken = run(story, plan, job.seed, vm=job.vm, disks=job.vm, listeners=(tally,))
    except Exception as failure:  # whatever it is: the search goes on, and names it
        error = f"{type(failure).__name__}: {failure}"
    hours = len(story.wearers) * story.length_ms / _HOUR_MS
    took_s = time.perf_counter() - began_s
    return Outcome(job.story.name, job.seed, job.vm, tuple(broken), tally, hours, took_s, error)


def search(jobs: Iterable[Job], processes: int | None = None) -> Iterator[Outcome]:
    """Plays all jobs; outcomes as they come. processes: as many as there are processors."""
    count = processes or os.cpu_count() or 1
    if count == 1:
        yield from map(play, jobs)
        return
    left = iter(jobs)
    # Ctrl-C is for whoever asks for the outcomes, not for those that play.
    with ProcessPoolExecutor(count, None, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        running: set[Future[Outcome]] = set()
        try:
            while True:
                for job in left:
                    running.add(pool.submit(play, job))
                    if len(running) >= 2 * count:
                        break
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            for future in running:
                future.cancel()


def cut_down(job: Job, promise: int, tries: int = 150) -> Story:
    """The smallest story found that still breaks the promise with the job's seed; 0: that still
    kills the simulator."""
    plan = _plan(job.story.plan)

    def fails(story: Story) -> bool:
        try:
            broken = run(story, plan, job.seed, vm=job.vm, disks=job.vm)
        except Exception:
            return promise == 0
        return any(one.promise == promise for one in broken)

    whole = drawn(job.story, plan, job.seed)
    return replace(shrink(whole, fails, tries), seed=job.seed)


def write_down(story: Story, broken: Broken | None, folder: Path) -> Path:
    """A story that fails, as a file that can be played again."""
    folder.mkdir(parents=True, exist_ok=True)
    promise = 0 if broken is None else broken.promise
    name = re.sub(r"[^a-z0-9]+", "-", story.name.lower()).strip("-")
    path = folder / f"{name}-{story.seed}-promise-{promise}.toml"
    why = "" if broken is None else f"# Breaks promise {promise}: {broken.why}\n"
    path.write_text(why + write(story))
    return path
