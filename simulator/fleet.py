"""A made-up fleet: keys, wearers, and the configuration files of its gateways and desk."""

import os
import random
from dataclasses import dataclass
from pathlib import Path

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
    """One organisation. badges: badge key by number."""

    name: str
    fleet_key: bytes
    badges: dict[int, bytes]

    def __repr__(self) -> str:
        return f"<Fleet {self.name} of {len(self.badges)} badges>"

    def wearer(self, number: int) -> str:
        """Who wears a badge."""
        name = WEARERS[(number - 1) % len(WEARERS)]
        return name if number <= len(WEARERS) else f"{name} {number}"

    def write_registry(self, path: Path) -> None:
        """The gateways' secret file."""
        text = f'[[fleet_keys]]\nepoch = 0\nkey = "{self.fleet_key.hex()}"\n'
        for number, key in self.badges.items():
            text += f'\n[[badges]]\nnumber = {number}\nkey = "{key.hex()}"\n'
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)

    def write_gateway(self, path: Path, name: str, registry: Path, broker_url: str) -> None:
        """A gateway's configuration."""
        path.write_text(
            f'fleet = "{self.name}"\nname = "{name}"\ndatabase = "{name}.db"\n'
            f'registry = "{registry}"\n\n[broker]\nurl = "{broker_url}"\n'
        )

    def write_desk(self, path: Path, broker_url: str) -> None:
        """The desk's configuration."""
        text = (
            f'fleet = "{self.name}"\ndatabase = "desk.db"\ncontrol = "desk.sock"\n\n'
            f'[broker]\nurl = "{broker_url}"\n'
        )
        for number in self.badges:
            text += f'\n[[badges]]\nnumber = {number}\nwearer = "{self.wearer(number)}"\n'
        path.write_text(text)


def make_fleet(name: str, badges: int, rng: random.Random) -> Fleet:
    """A fleet of so many badges, numbered from 1."""
    return Fleet(
        name, rng.randbytes(16), {number: rng.randbytes(16) for number in range(1, badges + 1)}
    )
