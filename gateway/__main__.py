"""The command `tocsin-gateway`."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.alarm.gpio import open_pins
from gateway.alarm.rehearsal import rehearse
from gateway.alarm.targets import read_targets
from gateway.app import Gateway
from gateway.config import Config, check_canary, check_database, load_config, load_listen
from gateway.contract.broker import addresses
from gateway.doctor import report
from gateway.doctor.examination import examine
from gateway.errors import ConfigError, GatewayError, OutboxError
from gateway.host.log import log_to_stderr
from gateway.host.service import until_stopped
from gateway.host.unit import fitted, groups_here, read_unit
from gateway.radio.configured import configured
from gateway.registry import Registry, load_registry
from gateway.status.asking import NoAnswerError, ask
from gateway.status.screen import show, watch

EXIT_FAILED = 1
EXIT_CONFIG = 2

ConfigPath = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration file, in TOML.")
]
Once = Annotated[
    bool, typer.Option("--once", help="Print once, and exit with 0 when it is healthy, else 1.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
    app.command()(status)
    app.command()(doctor)
    app.command()(unit)
    app.command("alarm-test")(alarm_test)
    app()


def run(config: ConfigPath = Path("gateway.toml")) -> None:
    """Run the gateway until it is told to stop (SIGINT or SIGTERM).

    A radio or a broker that is not there is said, and tried again. Exits with 2 for a
    configuration or a database that cannot be used, 1 when it cannot go on later.
    """
    log_to_stderr()
    try:
        options, registry = _load(config)
        log_to_stderr(options.log)
        with _named(config):
            gateway = _gateway(options, registry)
    except (ConfigError, OutboxError) as error:
        _exit(EXIT_CONFIG, error)
    try:
        asyncio.run(until_stopped(gateway, options.status))
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
        with _named(config):
            _check_alarm(options)
    except ConfigError as error:
        _exit(EXIT_CONFIG, error)
    typer.echo(
        f"{config}: good: gateway {options.name} of fleet {options.fleet};"
        f" badges: {len(registry.badges)}, buttons: {len(registry.buttons)};"
        f" broker {', '.join(map(str, addresses(options.broker)))}"
    )


def status(
    config: ConfigPath = Path("gateway.toml"), once: Once = False, json: Json = False
) -> None:
    """Show how the running gateway is: its radios, badges, outbox and broker.

    With --once or --json, exits with 0 when it is healthy and 1 when it is not, or does not run.
    """
    try:
        listen = load_listen(config)
    except ConfigError as error:
        _exit(EXIT_CONFIG, error)
    if listen is None:
        _exit(
            EXIT_CONFIG,
            ConfigError(f'{config}: $.status.listen: turned off by ""; name an address'),
        )
    if not (once or json):
        watch(listen)
        return
    try:
        snapshot = ask(listen)
    except NoAnswerError as error:
        _exit(EXIT_FAILED, error)
    show(snapshot, json=json)
    raise typer.Exit(EXIT_FAILED if snapshot.ailments else 0)


def doctor(config: ConfigPath = Path("gateway.toml"), json: Json = False) -> None:
    """Check this machine, its radios, the broker and the files, and say what to do.

    Changes nothing. Exits with 0 when nothing keeps the gateway from its work, 1 otherwise, 2
    for a configuration that cannot be used.
    """
    try:
        options = load_config(config)
    except ConfigError as error:
        _exit(EXIT_CONFIG, error)
    findings = asyncio.run(examine(options))
    report.show(findings, json=json)
    raise typer.Exit(0 if report.is_well(findings) else EXIT_FAILED)


def alarm_test(config: ConfigPath = Path("gateway.toml")) -> None:
    """Notify every target of the alarm, flash the lamp and sound the siren for a moment.

    Not while the gateway runs: it holds the GPIOs. Exits with 0 when all of it
    worked, 1 when some did not, 2 for a configuration that cannot be used.
    """
    try:
        options = load_config(config)
        if options.alarm is None:
            raise ConfigError(f"{config}: $.alarm: there is none; add the table")
        with _named(config):
            results = asyncio.run(rehearse(options.alarm, options.name))
    except ConfigError as error:
        _exit(EXIT_CONFIG, error)
    for result in results:
        typer.echo(f"{result.name:<32} {'worked' if result.worked else 'FAILED'}  {result.text}")
    raise typer.Exit(0 if all(result.worked for result in results) else EXIT_FAILED)


def unit(config: ConfigPath = Path("/etc/tocsin/gateway.toml")) -> None:
    """Print the systemd unit for this machine, for /etc/systemd/system/tocsin-gateway.service."""
    try:
        program = Path(sys.argv[0]).absolute()
        text = fitted(read_unit(), program, config.absolute(), groups_here())
    except ConfigError as error:
        _exit(EXIT_CONFIG, error)
    typer.echo(text, nl=False)


def _check_alarm(options: Config) -> None:
    """Say what the alarm cannot use. Raises ConfigError for its targets alone."""
    if options.alarm is None:
        return
    if options.alarm.targets_file is not None:
        read_targets(options.alarm.targets_file)
    pins, errors = open_pins(options.alarm)
    pins.close()
    for error in errors:
        typer.echo(f"tocsin-gateway: warning: {error}", err=True)


def _load(path: Path) -> tuple[Config, Registry]:
    options = load_config(path)
    registry = load_registry(Path(options.registry))
    with _named(path):
        check_database(options)
        check_canary(options, registry)
    return options, registry


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Within this, an error of configuration names its file."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _gateway(options: Config, registry: Registry) -> Gateway:
    return Gateway(options, registry, configured(options.radio, options.company))


def _exit(code: int, error: GatewayError) -> NoReturn:
    typer.echo(f"tocsin-gateway: {error}", err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
