"""Rules of supplies: capacitors beside their pins, voltages within what parts bear, currents."""

from collections.abc import Iterator

from hardware.schematic.circuit import Circuit, Part
from hardware.schematic.rules.rule import Design, Rule
from hardware.schematic.symbols import Supply
from hardware.schematic.values import value

CELL_MAH = 500.0  # hardware/parts.toml, BT1
USB_MA = 500.0  # of a port that promises no more (USB 2.0; USB Type-C default)
_LOGIC_HIGH = 0.75  # of the supply: ESP32-S3 datasheet, DC characteristics


def decoupled(design: Design) -> Iterator[str]:
    """Supply pins without the capacitors that their maker asks for."""
    for part in design.circuit.parts.values():
        for supply in part.symbol.supplies:
            yield from _missing(design.circuit, part, supply)


def _missing(circuit: Circuit, part: Part, supply: Supply) -> Iterator[str]:
    net = circuit.net_of(part.reference, supply.pin)
    place = f"{part.reference}.{supply.pin}"
    grounds = {
        circuit.net_of(part.reference, p.name) for p in part.symbol.pins if p.kind == "ground"
    }
    beside = [
        other.value
        for other, far in circuit.two_ended(net or "", "C")
        if other.beside == place and far in grounds
    ]
    left = sorted((value(text) for text in beside), reverse=True)
    for wanted in sorted((value(text) for text in supply.capacitors), reverse=True):
        enough = [farads for farads in left if farads >= wanted * 0.999]
        if not enough:
            there = ", ".join(beside) or "no capacitor"
            asked = ", ".join(supply.capacitors)
            yield f"{place} has {there} beside it: {asked} by {supply.source}"
            return
        left.remove(enough[-1])


def belongs(design: Design) -> Iterator[str]:
    """Capacitors that say they stand beside a pin of another net."""
    circuit = design.circuit
    for part in circuit.parts.values():
        if part.beside:
            reference, _, pin = part.beside.partition(".")
            net = circuit.net_of(reference, pin)
            if net is None or not any(end.reference == part.reference for end in circuit.on(net)):
                yield f"{part.reference} shall stand beside {part.beside}, and is not on its net"


def bearable(design: Design) -> Iterator[str]:
    """Pins on a rail whose voltage they do not bear."""
    rails = {rail.name: rail.volts for rail in design.board.rails}
    for part in design.circuit.parts.values():
        for supply in part.symbol.supplies:
            net = design.circuit.net_of(part.reference, supply.pin)
            low, high = rails.get(net or "", supply.volts)
            if low < supply.volts[0] or high > supply.volts[1]:
                yield (
                    f"{part.reference}.{supply.pin} bears {supply.volts[0]} to {supply.volts[1]} V "
                    f"and is on {net}, {low} to {high} V"
                )


def charging(design: Design) -> Iterator[str]:
    """A charger that charges faster than the cell may be charged, or takes more than USB gives."""
    charge_ma = _current_ma(design, "R10", 890.0)
    limit_ma = _current_ma(design, "R11", 1_610.0)
    if charge_ma > CELL_MAH / 2:
        yield f"R10 sets {charge_ma:.0f} mA: {CELL_MAH:g} mAh bear half of that an hour"
    if limit_ma > USB_MA:
        yield f"R11 lets {limit_ma:.0f} mA in: a port gives {USB_MA:g}"
    if limit_ma and charge_ma > limit_ma:
        yield f"R10 sets {charge_ma:.0f} mA, more than R11 lets in, {limit_ma:.0f}"


def _current_ma(design: Design, reference: str, factor: float) -> float:
    """What a resistor of the charger sets, factor in A Ohm; 0 without the resistor."""
    ohms = _ohms(design, reference)
    return 1_000 * factor / ohms if ohms else 0.0


def _ohms(design: Design, reference: str) -> float:
    part = design.circuit.parts.get(reference)
    return value(part.value) if part else 0.0


def sensed(design: Design) -> Iterator[str]:
    """A divider that gives no clear level, or more than a pin bears."""
    upper, lower = _ohms(design, "R8"), _ohms(design, "R9")
    if not (upper and lower):
        return
    low, high = next(rail.volts for rail in design.board.rails if rail.name == "VBUS")
    least, most = next(rail.volts for rail in design.board.rails if rail.name == "3V3")
    share = lower / (upper + lower)
    if low * share < _LOGIC_HIGH * most:
        yield f"R8 and R9 give {low * share:.2f} V of {low} V: {_LOGIC_HIGH * most:.2f} V is high"
    if high * share > least + 0.3:
        yield f"R8 and R9 give {high * share:.2f} V of {high} V: the pin bears {least + 0.3:.2f} V"


RULES = (
    Rule(
        "decoupled",
        "every supply pin has the capacitors its maker asks for",
        "hardware/schematic/symbols.toml, supplies",
        decoupled,
    ),
    Rule(
        "belongs", "a capacitor is on the net of the pin it stands beside", "good practice", belongs
    ),
    Rule(
        "bearable", "no pin gets more or less voltage than it works with", "data sheets", bearable
    ),
    Rule(
        "charging",
        "half the cell's capacity an hour at most, and no more than USB gives",
        "SLUS810, ISET and ILIM; the cell's maker, assumed",
        charging,
    ),
    Rule(
        "sensed",
        "USB's voltage is a clear level, within what the pin bears",
        "ESP32-S3 datasheet, DC characteristics",
        sensed,
    ),
)
