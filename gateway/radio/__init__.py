"""Radios: sources of advertisements, sinks of commands."""

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Advert(NamedTuple):
    """Manufacturer data of our company id, as heard: any bytes at all. rssi in dBm."""

    address: str
    rssi: int
    frame: bytes


class Connection(Protocol):
    """A connection to a badge."""

    @property
    def connected(self) -> bool:
        """Whether commands can be written."""

    async def write(self, command: bytes) -> None:
        """Write a command with response. Raises RadioError."""

    async def close(self) -> None:
        """Disconnect; never raises for a connection that is gone already."""


class Radio(Protocol):
    """What scans and connects."""

    async def run(self, on_advert: Callable[[Advert], None]) -> None:
        """Scan without pause until cancelled. Raises RadioError when that cannot be."""

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Connection:
        """Connect, with replies subscribed. Raises RadioError."""
