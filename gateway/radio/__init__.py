"""Radios: sources of advertisements, sinks of commands."""

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol


class Advert(NamedTuple):
    """What a badge or a button said, as heard: any bytes at all. rssi in dBm.

    frame: manufacturer data of our company id; button: BTHome service data (UUID FCD2);
    each b"" when there was none. radio: the name of the one that heard it.
    """

    address: str
    rssi: int
    frame: bytes
    button: bytes = b""
    radio: str = ""


class RadioCondition(NamedTuple):
    """How a radio is, by its own account; it may be deaf all the same.

    `failed`: cannot scan now; `gone`: not there; both with a reason, and tried again.
    """

    state: Literal["scanning", "restarting", "failed", "gone"]
    reason: str = ""


class Listener(Protocol):
    """Who is told what radios hear; in the event loop, and quick to return."""

    def advert(self, advert: Advert) -> None:
        """A frame of our company or a button was heard."""

    def ambient(self, radio: str) -> None:
        """A stranger was heard: proof that this radio hears."""

    def condition(self, radio: str, condition: RadioCondition) -> None:
        """How this radio is from now on."""


class Connection(Protocol):
    """A connection to a badge."""

    @property
    def connected(self) -> bool:
        """Whether commands can be written."""

    async def write(self, command: bytes) -> None:
        """Write a command with response. Raises RadioError, also when that takes too long."""

    async def close(self) -> None:
        """Disconnect; never raises for a connection that is gone already."""


class Radio(Protocol):
    """What scans and connects: one radio, or several as one."""

    async def run(self, listener: Listener) -> None:
        """Scan without pause until cancelled. A radio that is missing is a condition, no error."""

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Connection:
        """Connect to an address that was heard, with replies subscribed. Raises RadioError."""

    async def rescan(self, radio: str) -> None:
        """Start the scan of the radio of this name again; a name not known is ignored."""

    async def reset(self, radio: str) -> None:
        """Switch the radio of this name off and on, and scan again. Raises RadioError."""
