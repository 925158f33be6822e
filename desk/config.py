"""desk.toml: what the desk is told, and whether it can be so."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec

from desk.bridges.config import HomeAssistantOptions, OwnTracksOptions
from desk.core import Setting
from desk.errors import ConfigError
from desk.options import (
    Contact,
    EscalationOptions,
    SilenceOptions,
    VisitMinutes,
    VisitOptions,
)
from gateway.contract.broker import BrokerOptions, beside, check_broker
from gateway.contract.config import read_config
from gateway.contract.errors import ContractError
from gateway.contract.topics import check_name

#: The longest path that a Unix socket's address holds.
MAX_SOCKET_PATH = 107


class Badge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wears which badge. visit_minutes: when their visits last longer or less long."""

    number: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    wearer: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    visit_minutes: VisitMinutes | None = None


class DeskConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """desk.toml. Paths in it are relative to the file."""

    fleet: str
    name: str = "desk"
    database: str = "desk.db"
    control: str = "desk.sock"
    broker: BrokerOptions = BrokerOptions()
    badges: tuple[Badge, ...] = ()
    visits: VisitOptions = VisitOptions()
    silence: SilenceOptions = SilenceOptions()
    escalation: EscalationOptions | None = None
    contacts: tuple[Contact, ...] = ()
    homeassistant: HomeAssistantOptions = HomeAssistantOptions()
    owntracks: OwnTracksOptions = OwnTracksOptions()

    @property
    def wearers(self) -> dict[int, str]:
        """Badge number to the wearer's name."""
        return {badge.number: badge.wearer for badge in self.badges}

    @property
    def urls_files(self) -> dict[str, str]:
        """A contact's name to the file with their addresses."""
        return {contact.name: contact.urls_file for contact in self.contacts}

    @property
    def setting(self) -> Setting:
        """What the core must know."""
        minutes = {badge.number: badge.visit_minutes for badge in self.badges}
        return Setting(
            wearers=self.wearers,
            escalation=self.escalation,
            visits=self.visits,
            visit_minutes={badge: told for badge, told in minutes.items() if told is not None},
            silence=self.silence,
        )


def load_config(path: Path) -> DeskConfig:
    """The configuration in a file, its paths made absolute.

    Raises ConfigError with one line: file, key path, what was wrong, what to do.
    """
    try:
        config = read_config(path, DeskConfig)
        _check(path, config)
    except ContractError as error:
        text = str(error)
        raise ConfigError(text if text.startswith(f"{path}: ") else f"{path}: {text}") from None
    return msgspec.structs.replace(
        config,
        database=str(path.parent.absolute() / config.database),
        control=str(_control(path, config)),
        broker=beside(path.parent.absolute(), config.broker),
        contacts=tuple(
            msgspec.structs.replace(one, urls_file=str(path.parent.absolute() / one.urls_file))
            for one in config.contacts
        ),
    )


def _check(path: Path, config: DeskConfig) -> None:
    _named("$.fleet", config.fleet)
    _named("$.name", config.name)
    check_broker(beside(path.parent.absolute(), config.broker))
    _check_badges(path, config.badges)
    _check_contacts(path, config)
    _check_folder(path, "$.database", config.database)
    _check_folder(path, "$.control", config.control)
    length = len(str(_control(path, config)).encode())
    if length > MAX_SOCKET_PATH:
        raise ConfigError(
            f"{path}: $.control: the socket's path has {length} bytes, at most"
            f" {MAX_SOCKET_PATH} work; choose a shorter one"
        )


def _named(key: str, name: str) -> None:
    try:
        check_name("name", name)
    except ContractError as error:
        raise ContractError("config", f"{key}: {error}") from None


def _check_badges(path: Path, badges: tuple[Badge, ...]) -> None:
    seen = Counter(badge.number for badge in badges)
    for index, badge in enumerate(badges):
        if seen[badge.number] > 1:
            raise ConfigError(
                f"{path}: $.badges[{index}].number: badge {badge.number} is there twice;"
                " one badge has one wearer, remove one of them"
            )


def _check_contacts(path: Path, config: DeskConfig) -> None:
    seen = Counter(contact.name for contact in config.contacts)
    for index, contact in enumerate(config.contacts):
        if seen[contact.name] > 1:
            raise ConfigError(
                f"{path}: $.contacts[{index}].name: {contact.name} is there twice;"
                " put all their addresses into one file, and remove one of them"
            )
    for index, step in enumerate(config.escalation.steps if config.escalation else ()):
        for name in step.contacts:
            if name not in seen:
                raise ConfigError(
                    f"{path}: $.escalation.steps[{index}].contacts: {name} is not among the"
                    " contacts; add a [[contacts]] table, or correct the spelling"
                )


def _check_folder(path: Path, key: str, file: str) -> None:
    folder = (path.parent.absolute() / file).parent
    if not folder.is_dir():
        raise ConfigError(f"{path}: {key}: {folder} is not a directory; make it: mkdir -p {folder}")


def _control(path: Path, config: DeskConfig) -> Path:
    return path.parent.absolute() / config.control
