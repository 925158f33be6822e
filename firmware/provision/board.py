"""What a board is and holds."""

import enum

import msgspec

from provision.errors import BoardError
from provision.link import Link


class Program(enum.StrEnum):
    """What a board is for. The value is the package that it runs."""

    BADGE = "badge"
    DONGLE = "dongle"


class Installed(msgspec.Struct, frozen=True):
    """A firmware in a slot."""

    version: str
    digest: str
    program: Program = Program.BADGE


class Survey(msgspec.Struct, frozen=True):
    """A board: machine and micropython as os.uname names them, id of the chip, free bytes.

    slot: the content of /fw/slot (see firmware/main.py); number: the badge's, and epoch that
    of its fleet key, None when it has never been provisioned.
    """

    machine: str
    micropython: str
    id: str
    mpy: int
    slot: str
    releases: dict[str, Installed | None]
    number: int | None
    epoch: int | None
    free: int

    @property
    def chip(self) -> str:
        """Such as ESP32, ESP32S3, ESP32C3."""
        return self.machine.rsplit(" ", 1)[-1]

    @property
    def good(self) -> str:
        """The slot that starts when all else fails; "" when there is no firmware."""
        slot = self.slot[:1]
        return slot if self.releases.get(slot) else ""

    @property
    def program(self) -> Program | None:
        """What the good slot's firmware makes of the board; None when there is none."""
        release = self.releases.get(self.good)
        return release.program if release else None

    @property
    def firmware(self) -> str:
        """The good slot's firmware, for people."""
        release = self.releases.get(self.good)
        return f"{release.version} ({release.digest})" if release else "none"


def survey(link: Link) -> Survey:
    """Raises BoardError when it is no board that Tocsin runs on."""
    found = link.run("survey")
    try:
        return msgspec.convert(found, Survey)
    except msgspec.ValidationError as error:
        raise BoardError(
            f"{link.port}: a board that Tocsin does not know ({error}); it needs an ESP32"
        ) from None


def require_no_dongle(link: Link, found: Survey) -> None:
    """Raises BoardError for what only a badge has, asked of a dongle."""
    if found.program is Program.DONGLE:
        raise BoardError(
            f"{link.port}: is a dongle, which has none of this; to make a badge of it:"
            " tocsin-badge flash --badge"
        )


def slot_of(link: Link, found: Survey) -> str:
    """The directory of the badge firmware that starts. Raises BoardError when there is none."""
    require_no_dongle(link, found)
    if not found.good:
        raise BoardError(f"{link.port}: no firmware there; run tocsin-badge flash first")
    return f"/fw/{found.good}"
