"""One run: a story, a plan and a seed in, a log out, and what promises were broken."""

from collections.abc import Callable, Iterable

from simulator.lockstep.happenings import happen
from simulator.lockstep.log import Entry
from simulator.lockstep.stage import Stage
from simulator.promises import Broken, Promises
from simulator.scenario.casting import check_on_plan
from simulator.scenario.story import Story
from simulator.world.plan import Plan

SLICE_MS = 60_000


def run(
    story: Story,
    plan: Plan,
    seed: int,
    *,
    vm: bool = False,
    disks: bool = False,
    listeners: Iterable[Callable[[Entry], None]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[Broken]:
    """Plays it to its end. listeners: told every entry; progress: ms so far, and in all.

    The same story, plan and seed give the same entries. Raises SimulatorError for a story that
    cannot be played on the plan.
    """
    check_on_plan(story.name, story, plan)
    stage = Stage(story, plan, seed, vm=vm, disks=disks)
    promises = Promises(story)
    try:
        for listener in listeners:
            stage.log.listen(listener)
        stage.log.listen(promises)
        _plan(stage, story, seed)
        stage.begin()
        for until_ms in (*range(SLICE_MS, story.length_ms, SLICE_MS), story.length_ms):
            stage.agenda.run(until_ms)
            if progress is not None:
                progress(until_ms, story.length_ms)
        stage.log.note("run", "ended", waiting=stage.desk.waiting, alerts=stage.desk.alerts)
    finally:
        stage.close()
    return promises.broken


def _plan(stage: Stage, story: Story, seed: int) -> None:
    settle_ms = story.length_ms - story.settle_ms
    stage.log.note(
        "run", "began", story=story.name, plan=stage.plan.name, length=story.length_ms,
        settle=settle_ms, badges=len(stage.badges), hubs=tuple(stage.hubs),
    )  # fmt: skip
    for step in story.steps:
        stage.agenda.at(step.at_ms, happen, stage, step, settle_ms)
    stage.agenda.at(settle_ms, _settle, stage)


def _settle(stage: Stage) -> None:
    """From here nothing breaks any more. Who can be heard, must have been heard at the end."""
    for hub in stage.hubs.values():
        hub.fuse.put_out()
        hub.start()
        hub.trouble("")
        hub.disk.full = False
    stage.desk.fuse.put_out()
    stage.desk.start()
    for way in stage.ways.values():
        way.become("whole")
    for badge in stage.badges.values():
        badge.body.cut_at(0)
        badge.power(on=True)
        if not badge.running:
            badge.restart(True)
    stage.agenda.after(1_000, _tell_reach, stage)


def _tell_reach(stage: Stage) -> None:
    for badge in stage.badges.values():
        stage.settle(badge)
        stage.log.note(badge.name, "settles", reached=stage.air.reaches(badge.number))
