"""The demo: one press from the finger to the desk and back, by itself or by hand."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.live import Live

from gateway.contract.messages import Phase
from simulator.chain import ChainOptions
from simulator.conductor import Conductor
from simulator.demo_screen import DemoScreen
from simulator.journey import Journey
from simulator.journey_table import air_line, journey_table

STAGE_S = 30.0


def directory(stack: ExitStack, keep: Path | None) -> Path:
    """Where the demo's files go: keep, or a place that is gone afterwards."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        return keep.resolve()
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-")))


async def once(
    options: ChainOptions, console: Console, keep: Path | None, *, stage_s: float = STAGE_S
) -> int:
    """One press to resolved; prints the table. The exit code: 0 when the hand felt it all.

    stage_s: how long each stage may take. Raises SimulatorError when the chain does not start.
    """
    with ExitStack() as stack:
        conductor = Conductor(directory(stack, keep), options)
        with console.status("Starting badge, air, gateway, broker and desk ..."):
            await conductor.start()
        try:
            return await _conduct(conductor, console, stage_s)
        finally:
            await conductor.close()


def by_hand(options: ChainOptions, keep: Path | None) -> None:
    """The interactive screen."""
    with ExitStack() as stack:
        DemoScreen(Conductor(directory(stack, keep), options)).run()


async def _conduct(conductor: Conductor, console: Console, stage_s: float) -> int:
    console.print("Everything is up. The worker holds the button until it buzzes.", style="bold")
    journey = conductor.hold()
    live = Live(get_renderable=lambda: journey_table(journey), console=console, transient=True)
    with live:
        stuck = await _answer(conductor, stage_s)
    console.print(journey_table(journey))
    console.print(air_line(conductor.chain.air.counters))
    if stuck is None:
        console.print("The hand felt: help is coming, and: it is over.", style="bold green")
        return 0
    reached = journey.stuck_at()
    console.print(f"Stuck: {stuck} (the badge got as far as: {reached or 'nothing'}).", style="red")
    console.print(f"Logs: {conductor.chain.directory} (--keep DIRECTORY keeps them)")
    return 1


async def _answer(conductor: Conductor, stage_s: float) -> str | None:
    """Acknowledges and resolves as a supervisor would; what it stuck at, or None."""
    if not await conductor.until(lambda journey: journey.shown_ms is not None, stage_s):
        return "the press did not reach the desk"
    asks: dict[Phase, Callable[[], bool]] = {
        Phase.DELIVERED: lambda: True,  # the desk sees to that by itself
        Phase.ACKNOWLEDGED: conductor.acknowledge,
        Phase.RESOLVED: conductor.resolve,
    }
    for stage, ask in asks.items():
        if not ask():
            return f"the desk could not be asked for {stage}"
        if not await conductor.until(_feels(stage), stage_s):
            return f"the hand did not feel {stage}"
    return None


def _feels(stage: Phase) -> Callable[[Journey], bool]:
    return lambda journey: journey.has_felt(stage)
