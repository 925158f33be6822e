"""The gateway's configuration: one TOML file, read once, with exact errors."""

import os
from pathlib import Path
from typing import Annotated

import msgspec

from gateway.contract.config import read_config
from gateway.contract.errors import ContractError
from gateway.contract.secret import read_secret
from gateway.contract.session import BrokerOptions, broker_address
from gateway.contract.topics import NAME
from gateway.errors import ConfigError
from wire.frame import COMPANY_TESTS

Name = Annotated[str, msgspec.Meta(pattern=f"^{NAME}$")]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class RadioOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [radio] table. adapter: such as "hci1"; None takes the first.

    silence_s: a scanner that heard nothing at all for so long is started again.
    """

    adapter: str | None = None
    silence_s: Seconds = 15.0


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """gateway.toml. Relative paths in it are relative to the file itself.

    resend_s: an event is sent again so often until the desk's receipt arrives.
    """

    fleet: Name
    name: Name
    database: str
    registry: str
    company: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] = COMPANY_TESTS
    resend_s: Seconds = 15.0
    broker: BrokerOptions = BrokerOptions()
    radio: RadioOptions = RadioOptions()


def load_config(path: Path) -> Config:
    """The configuration in a TOML file. Raises ConfigError naming file, key path and remedy."""
    try:
        config = _beside(path.parent, read_config(path, Config))
    except ContractError as error:
        raise ConfigError(str(error)) from None
    try:
        broker_address(config.broker)
        if config.broker.password_file is not None:
            read_secret("broker.password_file", config.broker.password_file)
    except ContractError as error:
        raise ConfigError(f"{path}: $.{error}") from None
    return config


def check_database(config: Config) -> None:
    """Raise ConfigError when the database's folder cannot take it."""
    folder = Path(config.database).parent
    if not folder.is_dir():
        raise ConfigError(f"$.database: {folder}: no such folder; make it: mkdir -p {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"$.database: {folder}: cannot be written; run: chown $(id -un) {folder}")


def _beside(folder: Path, config: Config) -> Config:
    password_file = config.broker.password_file
    broker = msgspec.structs.replace(
        config.broker, password_file=password_file and str(folder / password_file)
    )
    return msgspec.structs.replace(
        config,
        database=str(folder / config.database),
        registry=str(folder / config.registry),
        broker=broker,
    )
