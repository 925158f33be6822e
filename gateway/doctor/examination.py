"""Every check, side by side, each with a limit of time: probes look, `judge` judges."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from gateway.config import Config
from gateway.contract.broker import addresses
from gateway.contract.topics import Topics
from gateway.doctor import judge
from gateway.doctor.findings import Bluetooth, Finding, Keys, Running, Service, Verdict
from gateway.doctor.probes.bluetooth import look_at_bluetooth
from gateway.doctor.probes.broker import look_at_broker
from gateway.doctor.probes.host import (
    look_at_access,
    look_at_clock,
    look_at_service,
    serial_devices,
)
from gateway.doctor.probes.storage import look_at_database, look_at_disk
from gateway.errors import ConfigError
from gateway.registry import load_registry
from gateway.status.asking import NoAnswerError, ask
from gateway.status.listen import Listen, listen_address
from gateway.status.snapshot import ASK_THE_DOCTOR

PATIENCE_S = 30.0
_T = TypeVar("_T")


async def examine(config: Config, patience_s: float = PATIENCE_S) -> tuple[Finding, ...]:
    """What is found on this machine for this configuration; nothing is changed."""
    checks = (
        _radios(config),
        _machine(config),
        _brokers(config),
        _storage(config),
        _operation(config),
    )
    found = await asyncio.gather(
        *(_patiently(name, check, patience_s) for name, check in zip(_NAMES, checks, strict=True))
    )
    return tuple(finding for findings in found for finding in findings)


_NAMES = ("radios", "machine", "broker", "storage", "service")


async def _patiently(
    name: str, check: Awaitable[tuple[Finding, ...]], patience_s: float
) -> tuple[Finding, ...]:
    try:
        async with asyncio.timeout(patience_s):
            return await check
    except TimeoutError:
        return (Finding(name, Verdict.UNKNOWN, f"no end of it in {patience_s:g} s"),)


async def _radios(config: Config) -> tuple[Finding, ...]:
    options = config.radio
    serial = tuple(map(Path, options.ports)) or (serial_devices() if options.dongles else ())
    access = look_at_access((), serial)
    usable = sum(dongle.usable for dongle in access.dongles)
    saw = await _within(look_at_bluetooth(), Bluetooth(problem="D-Bus does not answer"))
    adapters = (judge.bluetooth(saw, usable, wanted) for wanted in options.all_adapters)
    return (*adapters, judge.dongles(access))


async def _machine(config: Config) -> tuple[Finding, ...]:
    access = look_at_access(private_files(config))
    keys = look_at_keys(Path(config.registry))
    return (judge.files(access), judge.clock(look_at_clock()), judge.keys(keys))


async def _brokers(config: Config) -> tuple[Finding, ...]:
    topics = Topics(config.fleet)
    looks = (
        look_at_broker(config.broker, address, topics, config.name)
        for address in addresses(config.broker)
    )
    return tuple(judge.broker(saw) for saw in await asyncio.gather(*looks))


async def _storage(config: Config) -> tuple[Finding, ...]:
    path = Path(config.database)
    disk = await asyncio.to_thread(look_at_disk, path.parent)
    database = await asyncio.to_thread(look_at_database, path)
    return (judge.disk(disk), judge.database(database))


async def _operation(config: Config) -> tuple[Finding, ...]:
    service = await _within(look_at_service(), Service(problem="systemctl does not answer"))
    running = await asyncio.to_thread(look_at_running, listen_address(config.status))
    return (judge.service(service), judge.running(running))


def look_at_keys(path: Path) -> Keys:
    """The registry, as the gateway reads it."""
    try:
        registry = load_registry(path)
    except ConfigError as error:
        return Keys(path=str(path), problem=str(error))
    epochs = tuple(entry.epoch for entry in registry.fleet_keys)
    return Keys(path=str(path), epochs=epochs, badges=len(registry.badges))


def look_at_running(listen: Listen | None) -> Running:
    """What a running gateway says of itself."""
    if listen is None:
        return Running(off=True)
    try:
        snapshot = ask(listen)
    except NoAnswerError as error:
        return Running(problem=error.seen, remedy=error.remedy)
    # Who reads this has asked the doctor already.
    ailments = tuple(
        f"{ill.name}: {ill.text.removesuffix(ASK_THE_DOCTOR)}" for ill in snapshot.ailments
    )
    return Running(ailments=ailments, up_s=snapshot.up_s)


def private_files(config: Config) -> tuple[Path, ...]:
    """What nobody but the gateway may read."""
    targets = None if config.alarm is None else config.alarm.targets_file
    secrets = (config.registry, config.broker.password_file, config.broker.key_file, targets)
    return tuple(Path(path) for path in (*secrets, config.database) if path is not None)


async def _within(look: Awaitable[_T], otherwise: _T, limit_s: float = 10.0) -> _T:
    try:
        async with asyncio.timeout(limit_s):
            return await look
    except TimeoutError:
        return otherwise
