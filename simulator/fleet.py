"""A made-up fleet: keys, wearers, and the configuration files of its gateways and desk."""

import json
import os
import random
from dataclasses import dataclass, field
from pathlib import Path

from gateway.registry import ButtonKey

WEARERS = (
    "Asha Nair",
    "Ben Okafor",
    "Carla Mendes",
    "Dmitri Volkov",
    "Elif Kaya",
    "Femi Adeyemi",
    "Grace Liu",
    "Hanna Berg",
)


@dataclass(frozen=True)
class Fleet:
    """One organisation. badges: badge key by number; buttons: by number too; wearers: names."""

    name: str
    fleet_key: bytes
    badges: dict[int, bytes]
    buttons: dict[int, ButtonKey] = field(default_factory=dict)
    wearers: tuple[str, ...] = WEARERS

    def __repr__(self) -> str:
        return f"<Fleet {self.name} of {len(self.badges)} badges and {len(self.buttons)} buttons>"

    def wearer(self, number: int) -> str:
        """Who wears a badge."""
        name = self.wearers[(number - 1) % len(self.wearers)]
        return name if number <= len(self.wearers) else f"{name} {number}"

    def write_registry(self, path: Path) -> None:
        """The gateways' secret file."""
        text = f'[[fleet_keys]]\nepoch = 0\nkey = "{self.fleet_key.hex()}"\n'
        for number, key in self.badges.items():
            text += f'\n[[badges]]\nnumber = {number}\nkey = "{key.hex()}"\n'
        for button in self.buttons.values():
            text += (
                f'\n[[buttons]]\nnumber = {button.number}\naddress = "{button.address}"\n'
                f'key = "{button.key}"\nplace = "{button.place}"\n'
            )
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)

    def write_gateway(
        self, path: Path, name: str, registry: Path, broker_url: str, listen: str = ""
    ) -> None:
        """A gateway's configuration; listen: where it shows how it is, "" for nowhere."""
        path.write_text(
            f'fleet = "{self.name}"\nname = "{name}"\ndatabase = "{name}.db"\n'
            f'registry = "{registry}"\n\n[broker]\nurl = "{broker_url}"\n'
            f'\n[status]\nlisten = "{listen}"\n'
        )

    def write_desk(self, path: Path, broker_url: str, more: str = "") -> None:
        """The desk's configuration. more: further tables of it."""
        text = (
            f'fleet = "{self.name}"\ndatabase = "desk.db"\ncontrol = "desk.sock"\n\n'
            f'[broker]\nurl = "{broker_url}"\n'
        )
        for number in self.badges:
            text += f"\n[[badges]]\nnumber = {number}\nwearer = {quoted(self.wearer(number))}\n"
        path.write_text(text + more)


def quoted(text: str) -> str:
    """A text as a string of TOML: JSON's are such."""
    return json.dumps(text)


def make_fleet(
    name: str,
    badges: int,
    rng: random.Random,
    buttons: int = 0,
    wearers: tuple[str, ...] = (),
) -> Fleet:
    """A fleet of so many badges, numbered from 1, and of buttons, whose numbers go on."""
    return Fleet(
        name,
        rng.randbytes(16),
        {number: rng.randbytes(16) for number in range(1, badges + 1)},
        {badges + at: _button(badges + at, at, rng) for at in range(1, buttons + 1)},
        wearers or WEARERS,
    )


def _button(number: int, room: int, rng: random.Random) -> ButtonKey:
    # The two highest bits of a random address that stays are set.
    address = bytes((0xC0 | rng.randrange(0x40), *rng.randbytes(5))).hex(":").upper()
    return ButtonKey(number, address, rng.randbytes(16).hex(), f"Interview room {room}")
