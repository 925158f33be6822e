"""Rules of the module: every pin as in badge.toml, levels at reset, reset delay, the two buses."""

from collections.abc import Iterator

from hardware.board import Pin
from hardware.schematic.circuit import GROUND, Circuit
from hardware.schematic.rules.rule import Design, Rule
from hardware.schematic.sheets.mcu import pin_name
from hardware.schematic.values import value

MODULE = "U1"
RESET_S = (1e-3, 50e-3)  # 10 kOhm and 1 uF are recommended; the bounds are assumed
RISE_S = 300e-9  # I2C specification UM10204, fast mode
SETTLES = 0.8473  # of R C: from 0.3 to 0.7 of the supply (UM10204, 7.1)
USB_RD = (5.1e3 * 0.9, 5.1e3 * 1.1)  # USB Type-C specification: Rd, 10 %


def agrees(design: Design) -> Iterator[str]:
    """Pins of the module on another net than badge.toml says, and nets it does not know."""
    circuit = design.circuit
    wanted = {pin_name(pin.gpio): pin.net for pin in design.board.pins}
    module = circuit.parts.get(MODULE)
    for pin in module.symbol.pins if module else ():
        if pin.kind != "bidirectional":
            continue
        net = circuit.net_of(MODULE, pin.name)
        if net != wanted.get(pin.name):
            yield f"{MODULE}.{pin.name} is on {net}; badge.toml says {wanted.get(pin.name)}"


def held(design: Design) -> Iterator[str]:
    """Lines that badge.toml lets a resistor hold, and no such resistor does."""
    for pin in design.board.pins:
        if pin.pull_by and not _pulled(design.circuit, pin, pin.pull_by):
            yield f"{pin.pull_by} shall pull {pin.net} {pin.pull}, and does not"


def _pulled(circuit: Circuit, pin: Pin, by: str) -> bool:
    rail = GROUND if pin.pull == "down" else "3V3"
    return any(
        part.reference == by and far == rail for part, far in circuit.two_ended(pin.net, "R")
    )


def strapped(design: Design) -> Iterator[str]:
    """Strapping pins that are not at their level when reset ends."""
    for pin in design.board.pins:
        if not pin.reset_level:
            continue
        pulls = {
            "high" if far != GROUND else "low" for _, far in design.circuit.two_ended(pin.net, "R")
        }
        if pulls != {pin.reset_level}:
            yield f"{pin.net} must be {pin.reset_level} at reset: it is pulled {sorted(pulls)}"


def delayed(design: Design) -> Iterator[str]:
    """A reset that ends before the supply is there, or long after."""
    circuit = design.circuit
    ups = [part for part, far in circuit.two_ended("EN", "R") if far == "3V3"]
    downs = [part for part, far in circuit.two_ended("EN", "C") if far == GROUND]
    if len(ups) != 1 or len(downs) != 1:
        yield f"EN has {len(ups)} resistors to 3V3 and {len(downs)} capacitors to ground: one each"
        return
    seconds = value(ups[0].value) * value(downs[0].value)
    if not RESET_S[0] <= seconds <= RESET_S[1]:
        yield f"{ups[0].reference} and {downs[0].reference} delay reset by {seconds * 1e3:.2g} ms"


def bus(design: Design) -> Iterator[str]:
    """An I2C line without one pull-up, with another than badge.toml's, or too slow."""
    circuit, i2c = design.circuit, design.board.i2c
    for function in ("I2C_SDA", "I2C_SCL"):
        net = next(pin.net for pin in design.board.pins if pin.function == function)
        pulls = [part for part, far in circuit.two_ended(net, "R") if far == "3V3"]
        if len(pulls) != 1:
            yield f"{net} has {len(pulls)} pull-ups: one"
            continue
        ohms = value(pulls[0].value)
        if ohms != i2c.pull_up_ohm:
            yield f"{pulls[0].reference} is {ohms:g} Ohm; badge.toml says {i2c.pull_up_ohm}"
        if (rise := SETTLES * ohms * i2c.bus_pf * 1e-12) > RISE_S:
            yield f"{net} rises in {rise * 1e9:.0f} ns with {pulls[0].reference}: 300 at most"
        for device in i2c.devices:
            if not any(end.reference == device.part for end in circuit.on(net)):
                yield f"{device.part}, {device.name}, is not on {net}"


def attached(design: Design) -> Iterator[str]:
    """A USB-C receptacle that no charger knows for a sink."""
    for line in ("CC1", "CC2"):
        net = design.circuit.net_of("J1", line)
        downs = [p for p, far in design.circuit.two_ended(net or "", "R") if far == GROUND]
        if len(downs) != 1 or not USB_RD[0] <= value(downs[0].value) <= USB_RD[1]:
            yield f"J1.{line} needs 5.1 kOhm to ground, alone: {[p.reference for p in downs]}"


RULES = (
    Rule("agrees", "every pin of the module is on its net", "hardware/boards/badge.toml", agrees),
    Rule("held", "every line is held by the resistor that holds it", "badge.toml, pull_by", held),
    Rule(
        "strapped",
        "strapping pins have their level at reset",
        "ESP32-S3 series datasheet, strapping pins",
        strapped,
    ),
    Rule(
        "delayed",
        "EN rises by a resistor and a capacitor, after the supply",
        "ESP32-S3 hardware design guidelines, power-up and reset",
        delayed,
    ),
    Rule("bus", "each I2C line has one pull-up and is fast enough", "UM10204, 7.1", bus),
    Rule("attached", "each CC has its own Rd", "USB Type-C specification", attached),
)
