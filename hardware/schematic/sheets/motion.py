"""The accelerometer: falls, stillness, waking."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet


def wire(sheet: Sheet, board: Board) -> None:
    """On the bus at 0x19; INT1 wakes the chip."""
    interrupt = next(pin.net for pin in board.pins if pin.function == "ACCELEROMETER_INT")
    sheet.chip(
        "U3",
        {
            "VDD": "3V3", "VDD_IO": "3V3", "GND": GROUND, "RES": GROUND, "CS": "3V3", "SA0": "3V3",
            "SDA": "SDA", "SCL": "SCL", "INT1": interrupt,
        },
        why="CS high: I2C; SA0 high: 0x19, and its own pull-up takes nothing (DS11825)",
    )  # fmt: skip
    sheet.capacitor("C16", "3V3", "U3.VDD", "10 uF (DS11825, application hints)")
    sheet.capacitor("C15", "3V3", "U3.VDD_IO", "0.1 uF (the same)")
