"""The command `tocsin-simulator`."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from simulator.badge_files import BadgeFiles
from simulator.badges.command import commands as badges
from simulator.board import Board, make_bare
from simulator.chain import ChainOptions
from simulator.demo import by_hand, once
from simulator.errors import SimulatorError
from simulator.lockstep import commands
from simulator.report.commands import report
from simulator.rom_loader import RomLoader, empty_flash
from simulator.scenario.commands import stories, verbs
from simulator.watch.commands import watch


def main() -> None:
    """Entry point of the console script. Exit code 1: the chain got stuck; 2: bad arguments."""
    app = typer.Typer(
        help="The whole of Tocsin without hardware: real firmware, gateway and desk.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_about)
    app.command()(demo)
    app.command()(board)
    app.command()(commands.run)
    app.command("search")(commands.find)
    app.command()(commands.soak)
    app.command()(stories)
    app.command()(verbs)
    app.command()(report)
    app.command()(watch)
    app.add_typer(badges(), name="badges")
    try:
        app()
    except SimulatorError as error:
        typer.echo(f"tocsin-simulator: {error}", err=True)
        sys.exit(1)


def _about() -> None:
    """The whole of Tocsin without hardware: real firmware, gateway and desk."""


def demo(
    only_once: Annotated[
        bool, typer.Option("--once", help="One press to resolved by itself, then exit.")
    ] = False,
    loss: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share of radio packets that get lost.")
    ] = 0.3,
    broker: Annotated[
        str | None,
        typer.Option(help="mqtt://host:port of a broker to use; default: one in this process."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Repeats keys, addresses and losses.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep databases, flash images and logs here.")
    ] = None,
) -> None:
    """A lone worker's press: badge, air, gateway, broker, desk, and back to the hand.

    --once exits with 0 only if the hand felt acknowledged and then resolved.
    """
    options = ChainOptions(loss=loss, broker_url=broker, seed=seed)
    if only_once:
        sys.exit(asyncio.run(once(options, Console(), keep)))
    by_hand(options, keep)


def board(
    directory: Annotated[
        Path, typer.Argument(help="Where its flash is kept; made when it is not there.")
    ] = Path("board"),
    boot: Annotated[
        bool, typer.Option("--boot", help="BOOT is held: the chip's loader waits for an image.")
    ] = False,
) -> None:
    """A board on USB, for tocsin-badge and mpremote: says its port, runs until Ctrl-C."""
    files = BadgeFiles(directory)
    if not files.image.exists():
        make_bare(files)
    loader = RomLoader("ESP32", empty_flash()) if boot else None
    with Board(files, loader=loader) as simulated:
        typer.echo(f"export TOCSIN_PORTS={simulated.port}")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
