"""The command `tocsin-badge`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from provision import work
from provision.errors import ProvisionError
from provision.work import Options

PortOption = Annotated[
    str | None, typer.Option("--port", "-p", help="The serial port; default: the only one.")
]


def main() -> None:
    """The console script. Exit code 1: a part of the badge failed; 2: something to put right."""
    try:
        commands()()
    except ProvisionError as error:
        typer.echo(f"tocsin-badge: {error}", err=True)
        sys.exit(2)


def commands() -> typer.Typer:
    """The command line."""
    app = typer.Typer(
        help="Makes a badge of an ESP32 board on USB, and looks into one.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for command in (list_ports, flash, provision, check, log):
        app.command(name="list" if command is list_ports else None)(command)
    config = typer.Typer(help="The badge's configuration.", no_args_is_help=True)
    config.command(name="get")(config_get)
    config.command(name="set")(config_set)
    app.add_typer(config, name="config")
    return app


def list_ports() -> None:
    """List the serial ports on USB, and what is on them. Badges start anew after it."""
    work.list_ports(Console())


def flash(
    port: PortOption = None,
    image: Annotated[
        Path | None, typer.Option(help="First put this MicroPython image on the chip (esptool).")
    ] = None,
    board: Annotated[
        str | None, typer.Option(help="Which board it is; default: as configured before.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="Firmware of your own: a directory with badge/ and wire/.")
    ] = None,
) -> None:
    """Install the firmware, or update it. The old one stays until the new one has started.

    Interrupted, it goes on where it stopped.
    """
    work.flash(_options(port), image, board, source)


def provision(
    wearer: Annotated[str, typer.Option(help="Who wears it; for the desk.")],
    port: PortOption = None,
    registry: Annotated[Path, typer.Option(help="The gateway's registry of keys (secret).")] = Path(
        "registry.toml"
    ),
    desk: Annotated[Path, typer.Option(help="The desk's configuration.")] = Path("desk.toml"),
    labels: Annotated[Path, typer.Option(help="Where the label's files go.")] = Path(),
    new_fleet: Annotated[
        bool, typer.Option("--new-fleet", help="Begin a registry with a new fleet key.")
    ] = False,
) -> None:
    """Give a badge its number and keys, and tell the gateway and the desk.

    Keys are made here; the badge gets only keys derived from them.
    """
    work.provision(_options(port), registry, desk, labels, wearer, new_fleet=new_fleet)


def check(port: PortOption = None) -> None:
    """Run the badge's self-test. Exit code 1 when a part failed."""
    if not work.check(_options(port)):
        sys.exit(1)


def log(
    port: PortOption = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many at most.")] = 20,
) -> None:
    """Show the latest lines of the badge's log."""
    work.log(_options(port), lines)


def config_get(
    key: Annotated[str | None, typer.Argument(help="One key; default: all.")] = None,
    port: PortOption = None,
) -> None:
    """Show the configuration; values that differ from the firmware's are marked."""
    work.config_get(_options(port), key)


def config_set(
    key: Annotated[str, typer.Argument(help="Such as covert.")],
    value: Annotated[str, typer.Argument(help="Such as false.")],
    port: PortOption = None,
) -> None:
    """Change one value. The badge starts anew and goes by it."""
    work.config_set(_options(port), key, value)


def _options(port: str | None) -> Options:
    return Options(port, Console())


if __name__ == "__main__":
    main()
