"""A board as data: hardware/boards/NAME.toml, decoded and checked for its shape.

Whether its pins keep the rules of its chip says hardware.rules. Lengths are in millimetres,
seen from outside, from the board's lower left corner; volts, milliamperes, ohms, picofarads.
"""

from pathlib import Path
from typing import Literal

import msgspec

from hardware.errors import HardwareError

BOARDS = Path(__file__).parent / "boards"

Level = Literal["high", "low"]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that says nothing we do not know."""


class Pin(_Table, frozen=True, kw_only=True):
    """One pin of the chip.

    function: upper case is a name of the firmware's board file, lower case the hardware's own.
    pull: what holds the line while nobody drives it: "up" or "down" by the part pull_by, "chip"
    by the chip's own pull-up, "driven" by the other end, "none" where it may float.
    wake: how it ends deep sleep. held: kept by the chip in deep sleep (RTC hold).
    reset_level: of a strapping pin, at reset. divider_ohm: from from_rail to the pin, and from
    there to ground.
    """

    gpio: int
    function: str
    net: str
    direction: Literal["input", "output", "bidirectional"]
    active: Literal["high", "low", "analog"]
    pull: Literal["up", "down", "chip", "driven", "none"]
    pull_by: str = ""
    wake: Literal["ext0", "ext1", "gpio", ""] = ""
    held: bool = False
    reset_level: Literal["high", "low", ""] = ""
    from_rail: str = ""
    divider_ohm: tuple[int, int] | None = None

    @property
    def in_firmware(self) -> bool:
        return self.function.isupper()


class Device(_Table, frozen=True):
    """A chip on the I2C bus. part: its reference, "" on a breakout."""

    address: int
    name: str
    part: str = ""


class Bus(_Table, frozen=True):
    """The I2C bus. bus_pf: capacitance of a line, of traces, wires and all pins."""

    hz: int
    pull_up_ohm: int
    volts: float
    bus_pf: int
    devices: tuple[Device, ...]


class Uart(_Table, frozen=True):
    """A serial port of the chip."""

    number: int
    use: str
    tx: int
    rx: int
    baud: int = 115_200


class Rail(_Table, frozen=True, rename={"source": "from"}):
    """A supply. source: the part it comes from; peak_ma: what that can give for milliseconds."""

    name: str
    volts: tuple[float, float]
    source: str
    peak_ma: float | None = None


class Load(_Table, frozen=True):
    """What a rail may have to give at its worst moment."""

    rail: str
    name: str
    peak_ma: float


class Wire(_Table, frozen=True, rename={"start": "from", "end": "to"}):
    """One connection that a maker makes. by: what it goes through."""

    part: str
    start: str
    end: str
    by: str


class Hole(_Table, frozen=True):
    """A hole through the board."""

    x: float
    y: float
    diameter: float


class Mechanics(_Table, frozen=True):
    """The bare board and how high its sides are."""

    width: float
    height: float
    thickness: float
    corner_radius: float
    component_height_front: float
    component_height_back: float
    holes: tuple[Hole, ...] = ()


class Body(_Table, frozen=True):
    """A part that the enclosure must know. x, y: its centre; height: above its side."""

    reference: str
    side: Literal["front", "back"]
    x: float
    y: float
    width: float
    depth: float
    height: float


class KeepOut(_Table, frozen=True):
    """Where nothing that carries current or metal may be. x, y: its centre."""

    name: str
    x: float
    y: float
    width: float
    depth: float
    side: Literal["front", "back", "both"]


class Board(_Table, frozen=True, kw_only=True):
    """One board. firmware: its file in firmware/badge/boards; firmware_values: what that says
    besides pins, and under `absent` which names it gives None."""

    name: str
    title: str
    firmware: str
    kind: Literal["own", "shop", "bench"]
    chip: str
    module: str
    sources: tuple[str, ...]
    pins: tuple[Pin, ...]
    firmware_values: dict[str, str | int | bool | list[int | str]]
    i2c: Bus
    uarts: tuple[Uart, ...]
    rails: tuple[Rail, ...] = ()
    loads: tuple[Load, ...] = ()
    wiring: tuple[Wire, ...] = ()
    mechanics: Mechanics | None = None
    bodies: tuple[Body, ...] = ()
    keep_outs: tuple[KeepOut, ...] = ()
    test_pads: dict[str, str] = {}

    def pin(self, function: str) -> Pin | None:
        """The first pin with this function, None where there is none."""
        return next((pin for pin in self.pins if pin.function == function), None)

    @property
    def firmware_pins(self) -> dict[str, int]:
        """Number by name of each pin that the firmware's board file names."""
        return {pin.function: pin.gpio for pin in self.pins if pin.in_firmware}

    @property
    def firmware_names(self) -> dict[str, object]:
        """All that the firmware's board file must say, by name; its lists are tuples."""
        values = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.firmware_values.items()
            if name != "absent"
        }
        return {**values, **dict.fromkeys(self.absent), **self.firmware_pins}

    @property
    def absent(self) -> list[str]:
        """The names of parts that this board does not have."""
        names = self.firmware_values.get("absent", [])
        return [str(name) for name in names] if isinstance(names, list) else []


def board_names() -> list[str]:
    """Every board, in alphabetical order."""
    return sorted(path.stem for path in BOARDS.glob("*.toml"))


def load_board(name: str) -> Board:
    """The board of this name. Raises HardwareError when there is none, or its file is no board."""
    path = BOARDS / f"{name}.toml"
    try:
        text = path.read_bytes()
    except OSError:
        known = ", ".join(board_names())
        raise HardwareError(f"no board {name!r}: choose one of {known}") from None
    return parse_board(text, path.name)


def parse_board(text: bytes, source: str) -> Board:
    """A board from TOML; source: what an error shall name. Raises HardwareError."""
    try:
        return msgspec.toml.decode(text, type=Board)
    except msgspec.DecodeError as error:
        raise HardwareError(f"{source}: {error}") from None


def load_boards() -> list[Board]:
    """Every board, in alphabetical order of their names."""
    return [load_board(name) for name in board_names()]
