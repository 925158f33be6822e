"""A circuit: parts on sheets, and the nets that join their pins. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from hardware.errors import HardwareError
from hardware.parts import Bill
from hardware.schematic.symbols import Pin, Symbol

GROUND = "GND"


class End(NamedTuple):
    """A pin of a part."""

    reference: str
    pin: Pin

    def __str__(self) -> str:
        return f"{self.reference}.{self.pin.name} ({self.pin.number})"


@dataclass(frozen=True)
class Part:
    """A part on a sheet. beside: "U8.VIN", of a capacitor that must stand next to that pin.

    why: the recommendation that gives its value, or what it is for.
    """

    reference: str
    symbol: Symbol
    value: str
    sheet: str
    beside: str = ""
    why: str = ""

    def pins(self, name: str) -> tuple[Pin, ...]:
        """Every pin of that name."""
        return tuple(pin for pin in self.symbol.pins if pin.name == name)


@dataclass
class Circuit:
    """nets: by name, what they join; open: pins that stay open, and why."""

    parts: dict[str, Part] = field(default_factory=dict)
    nets: dict[str, list[End]] = field(default_factory=dict)
    open: dict[End, str] = field(default_factory=dict)

    def net_of(self, reference: str, name: str) -> str | None:
        """The net of the pins of that name, None where they are open."""
        for net, ends in self.nets.items():
            if any(end.reference == reference and end.pin.name == name for end in ends):
                return net
        return None

    def on(self, net: str) -> list[End]:
        return self.nets.get(net, [])

    def two_ended(self, net: str, prefix: str = "") -> Iterator[tuple[Part, str]]:
        """Parts with two pins that have one on this net, and the net of their other end."""
        for end in self.on(net):
            part = self.parts[end.reference]
            if len(part.symbol.pins) == 2 and part.reference.startswith(prefix):
                other = next(pin for pin in part.symbol.pins if pin != end.pin)
                far = self.net_of(part.reference, other.name)
                if far is not None:
                    yield part, far


class Sheet:
    """Where a sheet's module puts its parts.

    Every part's number and value come from the bill, its pins from symbols.toml.
    """

    def __init__(
        self, name: str, circuit: Circuit, bill: Bill, symbols: Mapping[str, Symbol]
    ) -> None:
        self.name = name
        self._circuit, self._bill, self._symbols = circuit, bill, symbols

    def chip(self, reference: str, pins: Mapping[str, str], why: str = "") -> None:
        """A part with the net of each pin by its name; the rest stays open, as symbols.toml allows.

        Raises HardwareError: no such pin.
        """
        part = self._put(reference, why=why)
        for name, net in pins.items():
            found = part.pins(name)
            if not found:
                raise HardwareError(f"sheet {self.name}: {reference} has no pin {name!r}")
            for pin in found:
                self._join(net, End(reference, pin))
        for pin in part.symbol.pins:
            if pin.name not in pins:
                self._circuit.open[End(reference, pin)] = part.symbol.why_open(pin)

    def between(
        self, reference: str, one: str, other: str, beside: str = "", why: str = ""
    ) -> None:
        """A part with two pins, the first on one net, the second on the other."""
        part = self._put(reference, beside, why)
        if len(part.symbol.pins) != 2:
            raise HardwareError(f"sheet {self.name}: {reference} does not have two pins")
        for pin, net in zip(part.symbol.pins, (one, other), strict=True):
            self._join(net, End(reference, pin))

    def capacitor(self, reference: str, net: str, beside: str, why: str = "") -> None:
        """From a net to ground, next to a pin."""
        self.between(reference, net, GROUND, beside, why)

    def pad(self, reference: str, net: str) -> None:
        """A test pad: bare copper, no part of the bill."""
        symbol = self._symbols["TP"]
        self._add(Part(reference, symbol, net, self.name))
        self._join(net, End(reference, symbol.pins[0]))

    def _put(self, reference: str, beside: str = "", why: str = "") -> Part:
        line = self._bill.part(reference)
        symbol = self._symbols.get(line.number) or self._symbols.get(reference.rstrip("0123456789"))
        if symbol is None:
            raise HardwareError(f"symbols.toml: no symbol for {reference}, {line.number}")
        size = {"0402": "0402_1005", "0603": "0603_1608"}.get(line.package.split(",")[0], "")
        fitted = symbol._replace(footprint=symbol.footprint.format(size=size))
        part = Part(reference, fitted, line.value or line.number, self.name, beside, why)
        self._add(part)
        return part

    def _add(self, part: Part) -> None:
        if part.reference in self._circuit.parts:
            raise HardwareError(f"sheet {self.name}: {part.reference} is on a sheet already")
        self._circuit.parts[part.reference] = part

    def _join(self, net: str, end: End) -> None:
        self._circuit.nets.setdefault(net, []).append(end)
