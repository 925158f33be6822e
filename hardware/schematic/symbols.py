"""Parts as the circuit sees them: pins and footprint, decoded from symbols.toml."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import msgspec

from hardware.errors import HardwareError

FILE = Path(__file__).parent / "symbols.toml"

Kind = Literal[
    "ground", "supply", "source", "input", "output", "bidirectional", "open_drain", "passive",
    "none",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)


class Pin(NamedTuple):
    """One pin: number and name as the maker has them."""

    number: str
    name: str
    kind: Kind


class Supply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pin's supply: volts in operation, capacitors to ground beside it at least, who says so."""

    pin: str
    volts: tuple[float, float]
    capacitors: tuple[str, ...]
    source: str


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pins: tuple[str, ...]
    footprint: str
    number: str = ""
    prefix: str = ""
    kicad: str = ""
    kicad_names: dict[str, str] = {}
    source: str = ""
    supplies: tuple[Supply, ...] = ()
    open: dict[str, str] = {}
    spare: str = ""
    assumed: str = ""


class Symbol(NamedTuple):
    """See symbols.toml. name: the manufacturer's number, or the prefix of parts that are alike."""

    name: str
    pins: tuple[Pin, ...]
    footprint: str
    kicad: str
    kicad_names: Mapping[str, str]
    source: str
    supplies: tuple[Supply, ...]
    open: Mapping[str, str]
    spare: str
    assumed: str

    def why_open(self, pin: Pin) -> str:
        """Why a pin may stay open, "" when it may not."""
        if pin.kind == "none":
            return "not connected inside"
        return self.open.get(pin.name, self.spare if pin.kind == "bidirectional" else "")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    symbols: tuple[_Entry, ...]


@cache
def load(path: Path = FILE) -> Mapping[str, Symbol]:
    """Every symbol by its name. Raises HardwareError: a file that is none of symbols."""
    try:
        entries = msgspec.toml.decode(path.read_bytes(), type=_File).symbols
    except msgspec.DecodeError as error:
        raise HardwareError(f"{path.name}: {error}") from None
    return {symbol.name: symbol for symbol in map(_symbol, entries)}


def _symbol(entry: _Entry) -> Symbol:
    name = entry.number or entry.prefix
    pins = tuple(pin for text in entry.pins for pin in _pins(text, name))
    return Symbol(
        name, pins, entry.footprint, entry.kicad, entry.kicad_names, entry.source, entry.supplies,
        entry.open, entry.spare, entry.assumed,
    )  # fmt: skip


def _pins(text: str, symbol: str) -> Iterator[Pin]:
    """ "46..65 GND ground" is one for each number."""
    try:
        numbers, name, kind = text.split()
    except ValueError:
        raise HardwareError(f"symbols.toml: {symbol}: {text!r}: number, name and kind") from None
    if kind not in KINDS:
        raise HardwareError(f"symbols.toml: {symbol}: {text!r}: kind is one of {', '.join(KINDS)}")
    first, _, last = numbers.partition("..")
    span = [str(n) for n in range(int(first), int(last) + 1)] if last else [first]
    for number in span:
        yield Pin(number, name, kind)  # type: ignore[arg-type]  # one of KINDS, as was just seen
