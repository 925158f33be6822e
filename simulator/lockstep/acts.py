"""What a badge's electronics do to the world, and what they are made of: bodies."""

from typing import NamedTuple, Protocol

from wire.frame import Report


class Told(NamedTuple):
    """What a GNSS receiver says of a moment: degrees, north and east positive; unix seconds."""

    latitude: float
    longitude: float
    hdop: float
    satellites: int
    speed_mps: float
    course_degrees: float
    unix_s: int


class Said(NamedTuple):
    """A frame as its own badge means it."""

    counter: int
    report: Report


class Advertises(NamedTuple):
    """From now on it says this, so often. said: where the body knows it without decoding."""

    interval_ms: int
    connectable: bool
    payload: bytes
    said: Said | None = None


class Silent(NamedTuple):
    """It stopped advertising."""


class Notifies(NamedTuple):
    """A reply to the peer of this connection."""

    connection: int
    sealed: bytes


class Drops(NamedTuple):
    """It ends a connection."""

    connection: int


class Moves(NamedTuple):
    """The motor goes on or off."""

    on: bool


class Boots(NamedTuple):
    """The firmware starts."""


class Hides(NamedTuple):
    """From now on it is known by a private address, another than before."""


class Sleeps(NamedTuple):
    """Deep sleep begins."""


class Listens(NamedTuple):
    """The GNSS receiver is switched on or off."""

    on: bool


class Stops(NamedTuple):
    """It went down by itself: `cut`, `reset` or `ended`."""

    why: str


Act = Advertises | Silent | Notifies | Drops | Moves | Boots | Hides | Sleeps | Listens | Stops


class Body(Protocol):
    """A badge's electronics in virtual time: the firmware in its VM, or its core alone.

    Times are those of the run. Inputs say what is so from now on.
    """

    @property
    def due_ms(self) -> float:
        """When it wants to run at the latest."""

    def run(self, now_ms: int) -> list[Act]:
        """All that it does up to now, in order."""

    def press(self, now_ms: int, *, down: bool) -> None:
        """The button's level."""

    def cell(self, now_ms: int, millivolts: int) -> None:
        """The cell's voltage."""

    def connect(self, now_ms: int, connection: int) -> None:
        """A peer has connected."""

    def disconnect(self, now_ms: int, connection: int) -> None:
        """A connection is over."""

    def write(self, now_ms: int, connection: int, sealed: bytes) -> None:
        """A peer wrote a command."""

    def receive(self, now_ms: int, told: Told | None) -> None:
        """What the receiver says; None: that it has no fix."""

    def fall(self, now_ms: int) -> None:
        """The wearer falls, and lies."""

    def crash(self, now_ms: int) -> None:
        """An exception that nobody expects, in the middle of the firmware's loop."""

    def fill_memory(self, now_ms: int, free: int) -> None:
        """The heap is full but for so many bytes."""

    def wear_out(self, now_ms: int, *, worn: bool) -> None:
        """The flash takes nothing any more, or does again."""

    def power_off(self, now_ms: int) -> None:
        """The cell comes out, at once."""

    def power_on(self, now_ms: int) -> None:
        """A cell goes in."""

    def reset(self, now_ms: int, *, brown_out: bool) -> None:
        """The processor starts anew: watchdog or crash; brown_out: the RTC lost its power too."""

    def cut_at(self, writes: int) -> None:
        """The power fails during the so-manieth write to the flash from now, half of it done;
        0: it does not."""

    def close(self) -> None:
        """Gone for good."""
