"""The gateway's configuration: one TOML file, read once, with exact errors."""

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gateway.alarm.options import AlarmOptions, targets_beside
from gateway.contract.broker import BrokerOptions, beside, check_broker
from gateway.contract.config import read_config
from gateway.contract.errors import ContractError
from gateway.contract.topics import NAME
from gateway.errors import ConfigError
from gateway.host.log import LogOptions
from gateway.registry import Registry
from gateway.status.listen import Listen, StatusOptions, listen_address
from wire.frame import COMPANY_TESTS

Name = Annotated[str, msgspec.Meta(pattern=f"^{NAME}$")]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class RadioOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [radio] table. adapter: such as "hci1"; None takes the first.

    adapters: several of them, or () for none; not together with adapter. scanning_mode:
    passive asks nobody anything. dongles: look for them on the serial ports of USB; ports:
    look at these alone. canary: the badge that stays near the gateway. silence_s: a radio
    that should hear something is started again after so long, at the earliest.
    """

    adapter: str | None = None
    adapters: tuple[str, ...] | None = None
    scanning_mode: Literal["active", "passive"] = "active"
    dongles: bool = True
    ports: tuple[str, ...] = ()
    canary: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)] | None = None
    silence_s: Seconds = 14.0

    @property
    def all_adapters(self) -> tuple[str | None, ...]:
        """The adapters to use; None: the first."""
        return (self.adapter,) if self.adapters is None else self.adapters


class OutboxOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [outbox] table. limit_mb: what messages may take; reserve_mb: kept for alerts."""

    limit_mb: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 256
    reserve_mb: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 8


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """gateway.toml. Relative paths in it are relative to the file itself.

    resend_s: an event is sent again so often until the desk's receipt arrives;
    alarm: without it the gateway calls nobody.
    """

    fleet: Name
    name: Name
    database: str
    registry: str
    company: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] = COMPANY_TESTS
    resend_s: Seconds = 15.0
    broker: BrokerOptions = BrokerOptions()
    radio: RadioOptions = RadioOptions()
    outbox: OutboxOptions = OutboxOptions()
    status: StatusOptions = StatusOptions()
    log: LogOptions = LogOptions()
    alarm: AlarmOptions | None = None


def load_config(path: Path) -> Config:
    """The configuration in a TOML file. Raises ConfigError naming file, key path and remedy."""
    try:
        config = _beside(path.parent, read_config(path, Config))
    except ContractError as error:
        raise ConfigError(str(error)) from None
    try:
        check_broker(config.broker)
    except ContractError as error:
        raise ConfigError(f"{path}: $.{error}") from None
    _listen(path, config)
    _check_radio(path, config.radio)
    return config


def load_listen(path: Path) -> Listen | None:
    """Where a gateway with this file shows how it is. Raises ConfigError.

    Asks for no secret, so that people may look who may not read those.
    """
    try:
        return _listen(path, read_config(path, Config))
    except ContractError as error:
        raise ConfigError(str(error)) from None


def _listen(path: Path, config: Config) -> Listen | None:
    try:
        return listen_address(config.status)
    except ConfigError as error:
        raise ConfigError(f"{path}: $.{error}") from None


def check_canary(config: Config, registry: Registry) -> None:
    """Raise ConfigError when the canary is no badge of the fleet."""
    canary = config.radio.canary
    if canary is not None and canary not in registry.badge_key_bytes():
        raise ConfigError(f"$.radio.canary: badge {canary} is not in the registry; add it there")


def check_database(config: Config) -> None:
    """Raise ConfigError when the database's folder cannot take it."""
    folder = Path(config.database).parent
    if not folder.is_dir():
        raise ConfigError(f"$.database: {folder}: no such folder; make it: mkdir -p {folder}")
    # On a disk that is read-only by now the gateway goes on in memory, and says so.
    read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    if not read_only and not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"$.database: {folder}: cannot be written; run: chown $(id -un) {folder}")


def _check_radio(path: Path, radio: RadioOptions) -> None:
    if radio.adapter is not None and radio.adapters is not None:
        raise ConfigError(f"{path}: $.radio.adapter: not beside adapters; name it there")
    if radio.ports and not radio.dongles:
        raise ConfigError(f"{path}: $.radio.ports: of no use with dongles = false")
    if not radio.all_adapters and not radio.dongles:
        raise ConfigError(f"{path}: $.radio: no radio is left; name adapters or allow dongles")


def _beside(folder: Path, config: Config) -> Config:
    return msgspec.structs.replace(
        config,
        database=str(folder / config.database),
        registry=str(folder / config.registry),
        broker=beside(folder, config.broker),
        alarm=config.alarm and targets_beside(folder, config.alarm),
    )
