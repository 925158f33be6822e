"""The sheets of the circuit, in the order of reading."""

from collections.abc import Callable, Mapping

from hardware.board import Board
from hardware.parts import Bill
from hardware.schematic.circuit import Circuit, Sheet
from hardware.schematic.sheets import gnss, haptics, mcu, motion, pads, power, touch, usb
from hardware.schematic.symbols import load

SHEETS: Mapping[str, Callable[[Sheet, Board], None]] = {
    "usb": usb.wire,
    "power": power.wire,
    "mcu": mcu.wire,
    "gnss": gnss.wire,
    "motion": motion.wire,
    "haptics": haptics.wire,
    "touch": touch.wire,
    "pads": pads.wire,
}
TITLES = {
    "usb": "USB-C and its protection",
    "power": "Charger, cell protection, gauge, supply",
    "mcu": "Processor and radio",
    "gnss": "Receiver, load switch, backup",
    "motion": "Accelerometer",
    "haptics": "Haptic driver and motor",
    "touch": "Button and light",
    "pads": "Test pads",
}


def build(board: Board, bill: Bill) -> Circuit:
    """The whole circuit. Raises HardwareError: a sheet names a part or pin that there is not."""
    circuit = Circuit()
    for name, wire in SHEETS.items():
        wire(Sheet(name, circuit, bill, load()), board)
    return circuit
