"""What the command `tocsin-simulator` plays live."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console

from simulator import plans
from simulator.demo import directory
from simulator.errors import SimulatorError
from simulator.live.brokers import KINDS
from simulator.live.play import Played
from simulator.live.play import play as play_live
from simulator.live.telling import Teller
from simulator.live.verdicts import reasons, verdicts
from simulator.lockstep.log import Entry, Writer
from simulator.scenario.casting import check_on_plan
from simulator.scenario.duration import milliseconds
from simulator.scenario.story import Story, load

_STOPPED = 130  # as shells have it for Ctrl-C
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def play(
    story: Annotated[str, typer.Argument(help="Name of a shipped story, or a TOML file.")],
    seed: Annotated[int, typer.Option(help="Repeats keys, draws and losses.")] = 1,
    broker: Annotated[
        str, typer.Option(help="amqtt (in this process), mosquitto, nats, or mqtt://host:port.")
    ] = "amqtt",
    until: Annotated[
        str, typer.Option(help="Stop early, such as '5 min': nothing new happens after that.")
    ] = "",
    log: Annotated[Path | None, typer.Option(help="Write the run's log here.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep databases, flash images and programs' logs here.")
    ] = None,
) -> None:
    """A story in real time, with real firmware, radio stack, gateways, desk and broker.

    Real time has one speed: a story of 40 minutes takes 40 minutes, unless --until stops it.
    Exit code 1: a promise was broken; 130: it was stopped before its end.
    """
    logging.getLogger("amqtt").setLevel(logging.ERROR)  # it warns of clients that we kill
    told = load(story)
    check_on_plan(story, told, plans.load(told.plan))
    until_ms = _until_ms(until) if until else None
    if broker not in KINDS and "://" not in broker:
        raise SimulatorError(
            f"--broker {broker}: is none of {', '.join(KINDS)}, nor an address as mqtt://host:port"
        )
    console = Console()
    played = _played(told, console, seed, broker, until_ms, log, keep)
    if played is None:
        console.print("Stopped before its end: nothing is proved.", style="red")
        sys.exit(_STOPPED)
    cut_short = until_ms is not None and until_ms < told.length_ms - told.settle_ms
    console.print(verdicts(played.broken, cut_short=cut_short))
    for reason in reasons(played.broken):
        console.print(reason, style="red", highlight=False, markup=False)
    sys.exit(1 if played.broken else 0)


def _until_ms(until: str) -> int:
    try:
        return milliseconds(until)
    except SimulatorError as error:
        raise SimulatorError(f"--until: {error}") from None


def _played(
    story: Story,
    console: Console,
    seed: int,
    broker: str,
    until_ms: int | None,
    log: Path | None,
    keep: Path | None,
) -> Played | None:
    plan = plans.load(story.plan)

    def say(line: str, style: str = "") -> None:
        console.print(line, style=style, highlight=False, markup=False)

    say(f"{story.name}, on {plan.name}", "bold")
    say(story.about.strip())
    with ExitStack() as stack:
        listeners: list[Callable[[Entry], None]] = [Teller(say)]
        if log is not None:
            listeners.append(Writer(stack.enter_context(_open(log))))
        folder = directory(stack, keep)
        if any(folder.iterdir()):
            raise SimulatorError(f"--keep {keep}: is not empty; name a new folder")
        playing = play_live(
            story, plan, seed=seed, broker=broker, folder=folder, until_ms=until_ms,
            listeners=listeners,
            notes=lambda note: say(note, "yellow"),
            on_up=lambda: say("Everything is up.", "dim"),
        )  # fmt: skip
        return asyncio.run(_unless_stopped(playing))


async def _unless_stopped(playing: Coroutine[None, None, Played]) -> Played | None:
    """None when somebody stopped it; every process has ended then."""
    task = asyncio.ensure_future(playing)
    for number in _STOPS:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return None


def _open(log: Path) -> TextIO:
    try:
        return log.open("w")
    except OSError as error:
        raise SimulatorError(f"--log {log}: {error.strerror}; name another file") from None
