"""Whose frames are taken: the fleet's keys by epoch, every badge's key, every button's."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gateway.contract.config import parse_config
from gateway.contract.errors import ContractError
from gateway.contract.secret import read_secret
from gateway.errors import ConfigError

HexKey = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{32}$")]
Number = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
Address = Annotated[str, msgspec.Meta(pattern="^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$")]
Place = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Meaning = Literal["sos", "assist", "test", "nothing"]


class FleetKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fleet key and the epoch (0-15) in which it is used."""

    epoch: Annotated[int, msgspec.Meta(ge=0, le=15)]
    key: HexKey

    def __repr__(self) -> str:
        return f"<FleetKey epoch={self.epoch}>"


class BadgeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A badge's number (1-65535, never reused) and key."""

    number: Number
    key: HexKey

    def __repr__(self) -> str:
        return f"<BadgeKey number={self.number}>"


class ButtonKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A BTHome button on a wall: its Bluetooth address, its key, and where it hangs.

    number: from the numbers of the badges. single, double, triple, long: what each
    kind of press says; under stress nobody counts presses, so each calls for help.
    """

    number: Number
    address: Address
    key: HexKey
    place: Place
    single: Meaning = "sos"
    double: Meaning = "sos"
    triple: Meaning = "sos"
    long: Meaning = "sos"

    def __repr__(self) -> str:
        return f"<ButtonKey number={self.number}>"


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The registry file: `[[fleet_keys]]`, the current one first, `[[badges]]`, `[[buttons]]`."""

    fleet_keys: Annotated[tuple[FleetKey, ...], msgspec.Meta(min_length=1, max_length=2)]
    badges: tuple[BadgeKey, ...] = ()
    buttons: tuple[ButtonKey, ...] = ()

    def __repr__(self) -> str:
        return f"<Registry of {len(self.badges)} badges and {len(self.buttons)} buttons>"

    @property
    def epoch(self) -> int:
        """The fleet's current epoch, which commands carry."""
        return self.fleet_keys[0].epoch

    def fleet_key_bytes(self) -> dict[int, bytes]:
        """Fleet keys by epoch."""
        return {entry.epoch: bytes.fromhex(entry.key) for entry in self.fleet_keys}

    def badge_key_bytes(self) -> dict[int, bytes]:
        """Badge keys by badge number."""
        return {entry.number: bytes.fromhex(entry.key) for entry in self.badges}


def load_registry(path: Path) -> Registry:
    """The registry in a secret TOML file.

    Raises ConfigError, which names file and key path and never quotes a value.
    """
    try:
        registry = parse_config(path, read_secret("registry", path), Registry)
    except ContractError as error:
        raise ConfigError(str(error)) from None
    _refuse_twins(path, "fleet_keys", "epoch", [entry.epoch for entry in registry.fleet_keys])
    badges = [entry.number for entry in registry.badges]
    buttons = [entry.number for entry in registry.buttons]
    _refuse_twins(path, "badges", "number", badges)
    _refuse_twins(path, "buttons", "number", buttons)
    addresses = [entry.address.upper() for entry in registry.buttons]
    _refuse_twins(path, "buttons", "address", addresses)
    if both := sorted({*badges} & {*buttons}):
        raise ConfigError(
            f"{path}: $.buttons: number {both[0]} is a badge's; give the button another"
        )
    return registry


def _refuse_twins(path: Path, table: str, field: str, told: Sequence[int | str]) -> None:
    twins = [value for value, times in Counter(told).items() if times > 1]
    if twins:
        raise ConfigError(f"{path}: $.{table}: {field} {twins[0]} stands there twice; remove one")
