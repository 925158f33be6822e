"""Plays a story in real time, from its beginning to its end, or until somebody stops it."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from simulator.errors import SimulatorError
from simulator.live.brokers import KINDS, make_broker
from simulator.live.happenings import happen
from simulator.live.limits import fit
from simulator.live.settled import Settled
from simulator.live.stage import LiveStage
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.log import Entry, Log
from simulator.promises import Broken, Promises
from simulator.scenario.casting import check_on_plan
from simulator.scenario.story import Story
from simulator.world.plan import Plan

_TICK_S = 0.005
_REACH_MS = 1_000


class Played(NamedTuple):
    """What promises were broken, and how long it took in ms."""

    broken: list[Broken]
    ended_ms: int


async def play(
    story: Story,
    plan: Plan,
    *,
    seed: int,
    broker: str,
    folder: Path,
    until_ms: int | None = None,
    listeners: Iterable[Callable[[Entry], None]] = (),
    notes: Callable[[str], object] = lambda _: None,
    on_up: Callable[[], object] = lambda: None,
) -> Played:
    """Plays it on real parts. It takes as long as the story does: real time has one speed.

    broker: `amqtt`, `mosquitto`, `nats`, or mqtt://host:port of one that runs. until_ms: from
    then on nothing new happens, and the run ends once every alert is where it belongs. notes:
    told before the start what is left out or played differently; on_up: when all has started.
    Raises SimulatorError for a story that cannot be played, and for a part that does not start.
    """
    check_on_plan(story.name, story, plan)
    fitted = fit(story, plan, seed, broker)
    for note in fitted.notes:
        notes(note)
    agenda = Agenda()
    log = Log(lambda: agenda.now_ms)
    promises, settled = Promises(fitted.story), Settled()
    watching: tuple[Callable[[Entry], None], ...] = (*listeners, promises, settled)
    for listener in watching:
        log.listen(listener)
    own = make_broker(broker, _new(folder, "broker")) if broker in KINDS else None
    try:
        if own is not None:
            await own.start()
        stage = LiveStage(
            fitted.story, plan, seed, broker if own is None else own.url,
            folder=folder, agenda=agenda, log=log, broker=own,
        )  # fmt: skip
        last_ms = fitted.story.length_ms - fitted.story.settle_ms
        settle_ms = last_ms if until_ms is None else min(until_ms, last_ms)
        _began(stage, settle_ms)
        async with stage:
            on_up()
            await _pass_time(stage, settled, settle_ms, cut_short=settle_ms < last_ms)
    finally:
        if own is not None:
            await own.die("all")
    return Played(promises.broken, agenda.now_ms)


def _new(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


def _began(stage: LiveStage, settle_ms: int) -> None:
    story = stage.story
    stage.log.note(
        "run", "began", story=story.name, plan=stage.plan.name, length=story.length_ms,
        settle=settle_ms, badges=len(stage.badges), hubs=stage.hub_names, live=True,
    )  # fmt: skip


async def _pass_time(
    stage: LiveStage, settled: Settled, settle_ms: int, *, cut_short: bool
) -> None:
    agenda = stage.agenda
    for step in stage.story.steps:
        if step.at_ms <= settle_ms:
            agenda.at(step.at_ms, happen, stage, step, settle_ms)
    agenda.at(settle_ms, _settle, stage)
    end_ms = settle_ms + stage.story.settle_ms
    orders = asyncio.create_task(stage.orders.run())
    began_s = time.monotonic()
    try:
        while agenda.now_ms < end_ms and not orders.done():
            agenda.run(min(end_ms, int((time.monotonic() - began_s) * 1_000)))
            if cut_short and agenda.now_ms > settle_ms + _REACH_MS and settled:
                break
            await asyncio.sleep(_TICK_S)
    finally:
        orders.cancel()
    await _finished(orders)
    stage.look()
    stage.log.note("run", "ended", waiting=stage.people.waiting, alerts=stage.alerts)


async def _finished(orders: "asyncio.Task[None]") -> None:
    try:
        await orders
    except asyncio.CancelledError:
        return
    except OSError as error:
        raise SimulatorError(f"the run broke off: {error}; free what is in its way") from None


def _settle(stage: LiveStage) -> None:
    """From here nothing breaks any more, as at the end of a run in virtual time."""
    stage.mend()
    stage.agenda.after(_REACH_MS, _tell_reach, stage)


def _tell_reach(stage: LiveStage) -> None:
    for number, badge in stage.badges.items():
        stage.log.note(badge.name, "settles", reached=stage.where.reached(number, stage.hubs))
