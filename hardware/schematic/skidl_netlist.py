"""The circuit in SKiDL: its electrical rule check, KiCad's netlist, and KiCad's own symbols.

The only module that knows SKiDL, which writes reports where it runs: in a folder of its own.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import re
import tempfile
from typing import TYPE_CHECKING, Any

from hardware.schematic.circuit import GROUND
from hardware.schematic.sheets.power import CELL_MINUS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hardware.schematic.circuit import Circuit, Part
    from hardware.schematic.symbols import Symbol

# Nets that give a supply although no pin of theirs is one for SKiDL.
GIVEN = {
    GROUND: "the cell's minus behind the protection",
    CELL_MINUS: "the cell's minus",
    "PROT_BAT": "the cell through R13",
}
KINDS = {
    "ground": "PWRIN",
    "supply": "PWRIN",
    "source": "PWROUT",
    "input": "INPUT",
    "output": "OUTPUT",
    "bidirectional": "BIDIR",
    "open_drain": "OPENCOLL",
    "passive": "PASSIVE",
    "none": "NOCONNECT",
}


_PLACE = re.compile(r'\s*\(field\s*\(name "SKiDL Line"\) "[^"]*"\)')


class Netlist:
    """The circuit, translated once."""

    def __init__(self, circuit: Circuit, title: str) -> None:
        with _apart():
            self._skidl = importlib.import_module("skidl")
            self._pins = importlib.import_module("skidl.pin")
            self._circuit = self._translated(circuit, title)

    def check(self) -> list[str]:
        """What SKiDL's electrical rule check says, errors and warnings."""
        heard: list[str] = []
        logger = self._skidl.erc_logger
        handler = _Heard(heard)
        logger.addHandler(handler)
        with _apart():
            self._circuit.ERC()
        logger.removeHandler(handler)
        return heard

    def write(self, path: Path) -> None:
        """The netlist for KiCad 9, to be imported into its board editor."""
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.resolve()
        with _apart():
            self._circuit.generate_netlist(file_=str(target), tool=self._skidl.KICAD9)
        # Where a part stands in this code says nothing to KiCad, and names a folder of the machine.
        target.write_text(_PLACE.sub("", target.read_text(encoding="utf-8")), encoding="utf-8")

    def compare(self, symbols: Iterator[Symbol]) -> Iterator[str]:
        """Symbols whose pins are not those of KiCad's own symbol."""
        for symbol in symbols:
            if symbol.kicad:
                yield from self._compared(symbol)

    def _compared(self, symbol: Symbol) -> Iterator[str]:
        library, _, name = symbol.kicad.partition(":")
        with _apart():
            module = importlib.import_module(f"skidl.tools.skidl.libs.{library}_sklib")
        parts = getattr(module, f"_{library}" if library[0].isdigit() else library).parts
        theirs = next((part for part in parts if part.name == name), None)
        if theirs is None:
            yield f"{symbol.name}: KiCad has no symbol {symbol.kicad}"
            return
        ours = {pin.number: symbol.kicad_names.get(pin.name, pin.name) for pin in symbol.pins}
        known = {str(pin.num): _plain(pin.name) for pin in theirs.pins}
        for number in sorted(ours.keys() | known.keys()):
            if _plain(ours.get(number, "?")) != known.get(number):
                said = f"pin {number} is {ours.get(number)}, KiCad's {known.get(number)}"
                yield f"{symbol.name}: {said}"

    def _translated(self, circuit: Circuit, title: str) -> Any:
        made = self._skidl.Circuit()
        made.name = title
        parts = {ref: self._part(part, made) for ref, part in circuit.parts.items()}
        for name, ends in circuit.nets.items():
            net = self._skidl.Net(name, circuit=made)
            if name in GIVEN:
                net.drive = self._skidl.POWER
            for end in ends:
                net += parts[end.reference][end.pin.number]
        for end in circuit.open:
            if end.pin.kind != "none":
                made.NC += parts[end.reference][end.pin.number]
        return made

    def _part(self, part: Part, made: Any) -> Any:
        seen: set[str] = set()
        pins = []
        for pin in part.symbol.pins:
            # A second pin of one supply is no second supply.
            kind = "passive" if pin.kind == "source" and pin.name in seen else pin.kind
            seen.add(pin.name)
            func = getattr(self._pins.pin_types, KINDS[kind])
            pins.append(self._skidl.Pin(num=pin.number, name=pin.name, func=func))
        return self._skidl.Part(
            tool=self._skidl.SKIDL,
            name=part.symbol.name,
            ref_prefix=part.reference.rstrip("0123456789"),
            ref=part.reference,
            tag=part.reference,
            value=part.value,
            footprint=part.symbol.footprint or "Tocsin:None",
            description=part.why,
            circuit=made,
            pins=pins,
        )


class _Heard(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


def _plain(name: str) -> str:
    """Without KiCad's marks for an overbar."""
    return name.replace("~{", "").replace("}", "").replace("~", "").upper()


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """In a folder that is thrown away, and without what SKiDL says to the console."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        yield
