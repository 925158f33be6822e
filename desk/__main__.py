"""`tocsin-desk`: the desk's commands."""

import asyncio
import getpass
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from desk import cells
from desk.app import Desk, since_boot_ms, unix_now_ms
from desk.chain import Place, holes, places
from desk.config import load_config
from desk.errors import ConfigError, DeskError
from desk.escalation import NO_CHAIN
from desk.record import show
from desk.store import Store
from desk.watch import WatchApp
from gateway.contract.errors import ContractError

ConfigPath = Annotated[Path, typer.Option("--config", help="The desk's configuration.")]
_DESK_TOML = Path("desk.toml")


def run(config: ConfigPath = _DESK_TOML) -> None:
    """Serve: take reports, keep alerts, send commands."""
    _configure_log()
    desk = Desk(load_config(config), steady=since_boot_ms)
    asyncio.run(_until_signal(desk.run))


def watch(
    socket: Annotated[Path, typer.Option(help="The desk's control socket.")] = Path("desk.sock"),
    name: Annotated[str, typer.Option(help="Who you are; default: your login.")] = "",
) -> None:
    """See alerts, and answer them."""
    WatchApp(socket, (name or _login())[:64], unix_now_ms).run()


def check(config: ConfigPath = _DESK_TOML) -> None:
    """Read the configuration, and tell what is wrong with it and whom the desk can call."""
    loaded = load_config(config)
    if loaded.escalation is not None:
        Console().print(_chain(places(loaded.escalation, loaded.urls_files)))
        found = holes(loaded.escalation, loaded.urls_files)
        if found:
            raise ConfigError(f"{config}: $.escalation: {'; '.join(found)}")
    typer.echo(f"{config}: good; fleet {loaded.fleet}, {len(loaded.badges)} badges")
    if loaded.escalation is None:
        typer.echo(f"{config}: {NO_CHAIN}; add an [escalation] table")


def alerts(
    config: ConfigPath = _DESK_TOML,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
) -> None:
    """List recent alerts from the database, newest first."""
    loaded = load_config(config)
    if not Path(loaded.database).exists():
        raise ConfigError(f"{loaded.database}: no database yet; run tocsin-desk run first")
    store, now_ms = Store(loaded.database), unix_now_ms()
    table = Table("alert", "age", "wearer", "kind", "stage", "heard by", "warnings")
    for alert in store.recent(limit):
        record = show(alert, loaded.wearers.get(alert.key.badge))
        table.add_row(
            record.alert,
            cells.age(now_ms - alert.heard_ms),
            record.wearer,
            cells.kind(record),
            cells.stage(record),
            ", ".join(record.gateways),
            "; ".join(record.warnings),
            style=cells.urgency_colour(record),
        )
    store.close()
    Console().print(table)


def _chain(chain: tuple[Place, ...]) -> Table:
    table = Table("step", "contact", "called by", "then waits")
    for place in chain:
        table.add_row(
            str(place.step),
            place.contact or "nobody",
            ", ".join(place.ways) or "no way",
            f"{place.wait_s} s",
            style="red" if place.hole else None,
        )
    return table


def main() -> None:
    """The console script. Exit code 2: configuration; 1: anything else that ended it."""
    try:
        commands()()
    except (ConfigError, ContractError) as error:
        typer.echo(f"tocsin-desk: {error}", err=True)
        sys.exit(2)
    except DeskError as error:
        typer.echo(f"tocsin-desk: {error}", err=True)
        sys.exit(1)


def commands() -> typer.Typer:
    """The command line."""
    app = typer.Typer(name="tocsin-desk", no_args_is_help=True, pretty_exceptions_enable=False)
    for command in (run, watch, check, alerts):
        app.command()(command)
    return app


async def _until_signal(serve: Callable[[], Coroutine[None, None, None]]) -> None:
    serving = asyncio.ensure_future(serve())
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return


def _login() -> str:
    return os.environ.get("USER") or getpass.getuser()


def _configure_log() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
