"""figures.toml, decoded: what is drawn, for how long, and what a cell gives."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from hardware.errors import HardwareError
from hardware.power.ranges import Range

FIGURES = Path(__file__).parent / "figures.toml"

Three = tuple[float, float, float]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that says nothing we do not know."""


class Draw(_Table, frozen=True):
    """Milliamperes."""

    ma: Three
    source: str
    assumed: bool = False


class Duration(_Table, frozen=True):
    """Seconds."""

    s: Three
    source: str
    assumed: bool = False

    @property
    def range(self) -> Range:
        return Range(*self.s)


class Ratio(_Table, frozen=True):
    """A share, from 0 to 1."""

    value: Three
    source: str
    assumed: bool = False

    @property
    def range(self) -> Range:
        return Range(*self.value)


class RatioAt(_Table, frozen=True):
    """A share at a temperature in degrees Celsius."""

    c: float
    value: Three
    source: str
    assumed: bool = False


class Always(_Table, frozen=True):
    """A part that draws for ever: at the cell, or at the 3.3 V rail."""

    name: str
    ma: Three
    at: Literal["cell", "rail"]
    source: str
    assumed: bool = False


class Processor(_Table, frozen=True):
    """A chip in each of its states."""

    deep_sleep: Draw
    boot: Draw
    idle: Draw
    advertise: Draw
    advertise_fast: Draw
    connected: Draw
    scan: Draw
    light_sleep: Draw


class Receiver(_Table, frozen=True):
    """A GNSS receiver in each of its states."""

    cold: Draw
    hot: Draw
    tracking: Draw
    backup: Draw


class Consumer(_Table, frozen=True, kw_only=True):
    """A board. sleep, work: its regulator's efficiency; backup_from_cell: False: from its own."""

    chip: str
    receiver: str
    sleep: Ratio
    work: Ratio
    vibration: Draw
    led: Draw
    always: tuple[Always, ...]
    backup_from_cell: bool = True


class CellFigures(_Table, frozen=True):
    """What a lithium polymer cell gives."""

    volts: float
    tolerance: Ratio
    usable: Ratio
    self_discharge: Ratio
    temperature: tuple[RatioAt, ...]
    ageing: tuple[RatioAt, ...]


class Figures(_Table, frozen=True):
    """All of them. boards: tables of Consumer, or `like` another with what differs."""

    chips: dict[str, Processor]
    receivers: dict[str, Receiver]
    boards: dict[str, dict[str, object]]
    durations: dict[str, Duration]
    cell: CellFigures

    def consumer(self, board: str) -> Consumer:
        """Raises HardwareError for a board without figures."""
        try:
            return msgspec.convert(self._table(board), Consumer)
        except msgspec.ValidationError as error:
            raise HardwareError(f"{FIGURES.name}: boards.{board}: {error}") from None

    def _table(self, board: str) -> dict[str, object]:
        if board not in self.boards:
            known = ", ".join(sorted(self.boards))
            raise HardwareError(f"no power figures of {board!r}: choose one of {known}")
        table = dict(self.boards[board])
        like = table.pop("like", None)
        return table if like is None else {**self._table(str(like)), **table}


@cache
def load_figures() -> Figures:
    """The figures of this package. Raises HardwareError when the file is none."""
    return parse_figures(FIGURES.read_bytes())


def parse_figures(text: bytes) -> Figures:
    """Figures from TOML. Raises HardwareError."""
    try:
        return msgspec.toml.decode(text, type=Figures)
    except msgspec.DecodeError as error:
        raise HardwareError(f"{FIGURES.name}: {error}") from None
