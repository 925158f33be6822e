"""The command `tocsin-badge`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from provision import flash as flashing
from provision import rotation, work
from provision.board import Program
from provision.errors import ProvisionError
from provision.flash import Wish
from provision.work import Files, Options

PortOption = Annotated[
    str | None, typer.Option("--port", "-p", help="The serial port; default: the only one.")
]
RegistryOption = Annotated[Path, typer.Option(help="The gateway's registry of keys (secret).")]
_REGISTRY = Path("registry.toml")


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
        help="Makes a badge or a dongle of an ESP32 board on USB, and looks into one.",
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
    keys = typer.Typer(help="Change the fleet's key, badge by badge.", no_args_is_help=True)
    keys.command(name="rotate")(key_rotate)
    keys.command(name="renew")(key_renew)
    keys.command(name="show")(key_show)
    keys.command(name="retire")(key_retire)
    app.add_typer(keys, name="fleet-key")
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
    dongle: Annotated[
        bool | None,
        typer.Option("--dongle/--badge", help="What to make of it; default: what it is, a badge."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also with an open event, or a badge that is no more.")
    ] = False,
) -> None:
    """Install the firmware, or update it. The old one stays until the new one has started.

    Interrupted, it goes on where it stopped.
    """
    program = None if dongle is None else Program.DONGLE if dongle else Program.BADGE
    flashing.flash(_options(port), Wish(image, board, source, program, force))


def provision(
    wearer: Annotated[str, typer.Option(help="Who wears it; for the desk.")],
    port: PortOption = None,
    registry: RegistryOption = _REGISTRY,
    desk: Annotated[Path, typer.Option(help="The desk's configuration.")] = Path("desk.toml"),
    labels: Annotated[Path, typer.Option(help="Where the label's files go.")] = Path(),
    new_fleet: Annotated[
        bool, typer.Option("--new-fleet", help="Begin a registry with a new fleet key.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also with an open event, which ends on the badge.")
    ] = False,
) -> None:
    """Give a badge its number and keys, and tell the gateway and the desk.

    Keys are made here; the badge gets only keys derived from them.
    """
    files = Files(registry, desk, labels)
    work.provision(_options(port), files, wearer, new_fleet=new_fleet, force=force)


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


def key_rotate(registry: RegistryOption = _REGISTRY) -> None:
    """Begin a new fleet key. Gateways take the one until now as well, until it is retired."""
    rotation.rotate(Console(), registry)


def key_renew(
    port: PortOption = None,
    registry: RegistryOption = _REGISTRY,
    force: Annotated[bool, typer.Option("--force", help="Also with an open event.")] = False,
) -> None:
    """Give a badge the current fleet key. Its number, its keys and its counters stay."""
    rotation.renew(_options(port), registry, force=force)


def key_show(registry: RegistryOption = _REGISTRY) -> None:
    """Show which fleet keys there are, and which badges may not have the current one."""
    rotation.show(Console(), registry)


def key_retire(
    registry: RegistryOption = _REGISTRY,
    force: Annotated[
        bool, typer.Option("--force", help="Also when badges may still have it.")
    ] = False,
) -> None:
    """Remove the previous fleet key, once every badge has the current one."""
    rotation.retire(Console(), registry, force=force)


def _options(port: str | None) -> Options:
    return Options(port, Console())


if __name__ == "__main__":
    main()
