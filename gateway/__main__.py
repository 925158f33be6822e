"""The command `tocsin-gateway`."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer

from gateway.app import Gateway
from gateway.config import Config, check_database, load_config
from gateway.errors import ConfigError, GatewayError, OutboxError
from gateway.radio.bleak import BleakRadio
from gateway.registry import Registry, load_registry

EXIT_FAILED = 1
EXIT_CONFIG = 2

ConfigPath = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration file, in TOML.")
]


def main() -> None:
    """Entry point of the console script."""
    app = typer.Typer(
        help="A Tocsin gateway: hears badges, tells the desk, and brings the answer back.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(run)
    app.command()(check)
    app()


def run(config: ConfigPath = Path("gateway.toml")) -> None:
    """Run the gateway until it is told to stop (SIGINT or SIGTERM).

    Exits with 2 for a configuration that cannot be used, 1 when the radio or
    the disk fails later.
    """
    log_to_stderr()
    try:
        options, registry = _load(config)
        gateway = _gateway(options, registry)
    except (ConfigError, OutboxError) as error:
        _exit(EXIT_CONFIG, error)
    try:
        asyncio.run(until_stopped(gateway))
    except GatewayError as error:
        _exit(EXIT_FAILED, error)
    finally:
        gateway.close()


def check(config: ConfigPath = Path("gateway.toml")) -> None:
    """Check the configuration, the registry and the database's folder, and change nothing.

    Exits with 0 when the gateway could start, 2 with the reason otherwise.
    """
    try:
        options, registry = _load(config)
    except ConfigError as error:
        _exit(EXIT_CONFIG, error)
    typer.echo(
        f"{config}: gateway {options.name} of fleet {options.fleet},"
        f" {len(registry.badges)} badges, broker {options.broker.url}: good"
    )


def _load(path: Path) -> tuple[Config, Registry]:
    options = load_config(path)
    registry = load_registry(Path(options.registry))
    try:
        check_database(options)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    return options, registry


def _gateway(options: Config, registry: Registry) -> Gateway:
    radio = BleakRadio(
        options.company, adapter=options.radio.adapter, silence_s=options.radio.silence_s
    )
    return Gateway(options, registry, radio)


async def until_stopped(gateway: Gateway) -> None:
    """Run a gateway until SIGINT or SIGTERM. Raises what ends it before."""
    loop, running = asyncio.get_running_loop(), asyncio.ensure_future(gateway.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait((running,))
    if not running.cancelled():
        running.result()


def log_to_stderr() -> None:
    """Let structlog write one line an event to stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def _exit(code: int, error: GatewayError) -> NoReturn:
    typer.echo(f"tocsin-gateway: {error}", err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
