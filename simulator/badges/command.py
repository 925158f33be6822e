"""`tocsin-simulator badges`: virtual badges for a tester's own gateway, desk and broker."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gateway.contract.errors import ContractError
from gateway.contract.topics import check_name
from simulator.badges.bench import Bench, BenchOptions
from simulator.badges.control import listening
from simulator.badges.control import tell as say
from simulator.badges.hands import Hands
from simulator.badges.home import Home
from simulator.badges.orders import OrderError, read_order
from simulator.badges.screen import WIDE, Screen, start_screen
from simulator.badges.typed import Typed, terminal_kept
from simulator.errors import SimulatorError

MOST_BADGES = 500
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_DEFAULT = Path("badges")


def commands() -> typer.Typer:
    """The command and its one subcommand."""
    app = typer.Typer(invoke_without_command=True, add_completion=False)
    app.callback()(badges)
    app.command()(tell)
    return app


def badges(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=MOST_BADGES, help="How many.")] = 3,
    directory: Annotated[
        Path, typer.Option(help="Where keys, flash, ports and configuration are; made if missing.")
    ] = _DEFAULT,
    broker: Annotated[
        str | None,
        typer.Option(help="mqtt://host:port of a broker to use; default: one that is started."),
    ] = None,
    loss: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share of radio packets that get lost.")
    ] = 0.1,
    fleet: Annotated[
        str, typer.Option(help="The fleet's name; one for each tester on the same broker.")
    ] = "simulated",
    dongle: Annotated[
        bool, typer.Option(help="A radio on a serial port, by which your gateway hears them.")
    ] = True,
    vhci: Annotated[
        bool, typer.Option(help="Also before this machine's BlueZ, where the kernel can do it.")
    ] = False,
    gateway: Annotated[
        bool, typer.Option(help="Also run a gateway here, so that only a desk is missing.")
    ] = False,
    script: Annotated[
        Path | None, typer.Option(help="Do the lines of this file first; help lists what to say.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Repeats keys, addresses and losses.")] = None,
) -> None:
    """Virtual badges for your own gateway, desk and broker, pressed and broken by hand.

    They are the real firmware, each with its radio and with its USB port as a file. Runs until
    quit or Ctrl-C. Start again with the same directory, and they go on where they were.
    """
    if context.invoked_subcommand is not None:
        return
    try:
        check_name("--fleet", fleet)
    except ContractError as error:
        raise SimulatorError(str(error)) from None
    if not (dongle or vhci or gateway):
        raise SimulatorError("--no-dongle: nothing hears them; add --vhci or --gateway")
    options = BenchOptions(fleet, count, loss, seed, broker, dongle, vhci, gateway)
    lines = _script(script, count)
    home = Home(directory)
    with terminal_kept(), home.held():
        logging.basicConfig(filename=home.log, level=logging.WARNING)
        sys.exit(asyncio.run(_run(home, options, lines, _console())))


def tell(
    directory: Annotated[Path, typer.Argument(help="Where the badges run.")],
    line: Annotated[list[str], typer.Argument(help='Such as "press 3"; help lists them.')],
) -> None:
    """Tell badges that run already what to do. Exit code 1: it could not be done."""
    shown, failed = say(Home(directory), " ".join(line))
    if shown:
        typer.echo(shown, err=failed)
    sys.exit(1 if failed else 0)


def _console() -> Console:
    """Wide where nobody looks at it but a file or a pipe."""
    return Console() if sys.stdout.isatty() else Console(width=WIDE)


def _script(path: Path | None, count: int) -> list[str]:
    """Its lines, looked through before anything starts. Raises SimulatorError naming the line."""
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file in UTF-8"
        raise SimulatorError(f"{path}: {reason}; name another with --script") from None
    for number, line in enumerate(lines, 1):
        try:
            read_order(line, range(1, count + 1))
        except OrderError as error:
            raise SimulatorError(f"{path}, line {number}: {error}") from None
    return lines


async def _run(home: Home, options: BenchOptions, script: list[str], console: Console) -> int:
    """The exit code: 1 when a line of the script could not be carried out."""
    screen = Screen(console)
    running = asyncio.ensure_future(_serve(home, options, script, screen))
    for end in _ENDS:
        asyncio.get_running_loop().add_signal_handler(end, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        return 0
    finally:
        screen.close()


async def _serve(home: Home, options: BenchOptions, script: list[str], screen: Screen) -> int:
    async with AsyncExitStack() as stack:
        bench = await _start(stack, home, options, screen)
        hands = Hands(bench)
        await stack.enter_async_context(listening(home.control, hands))
        screen.show(start_screen(bench))
        for line in script:
            screen.show(f"> {line}", "dim")
            answer = await hands.do(line)
            if answer.shown:
                screen.show(answer.shown, "red" if answer.failed else "")
            if answer.failed:
                return 1
            if hands.quit.is_set():
                return 0
        await _obey(hands, Typed(screen), screen)
    return 0


async def _start(stack: AsyncExitStack, home: Home, options: BenchOptions, screen: Screen) -> Bench:
    progress = Progress(
        TextColumn("starting badges"),
        BarColumn(),
        MofNCompleteColumn(),
        console=screen.console,
        transient=True,
    )
    with progress:
        task = progress.add_task("", total=options.count)
        bench = Bench(
            home,
            options,
            tell=screen.show,
            on_started=lambda started: progress.update(task, completed=started),
        )
        return await stack.enter_async_context(bench)


async def _obey(hands: Hands, typed: Typed, screen: Screen) -> None:
    """Until somebody says quit; the end of a pipe is not the end."""
    typing = asyncio.create_task(_type(hands, typed.lines(), typed, screen))
    try:
        await hands.quit.wait()
    finally:
        typing.cancel()


async def _type(hands: Hands, lines: AsyncIterator[str], typed: Typed, screen: Screen) -> None:
    async for line in lines:
        answer = await hands.do(line)
        if answer.shown:
            screen.show(answer.shown, "red" if answer.failed else "")
        if hands.quit.is_set():
            return
    if typed.asks:
        hands.quit.set()
