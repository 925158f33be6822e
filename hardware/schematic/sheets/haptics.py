"""The haptic driver and its motor."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet


def wire(sheet: Sheet, board: Board) -> None:
    """From VSYS: the motor's current does not pass through the 3.3 V supply."""
    enable = next(pin.net for pin in board.pins if pin.function == "MOTOR")
    sheet.chip(
        "U4",
        {
            "VDD": "VSYS", "VDD/NC": "VSYS", "REG": "HAP_REG", "IN/TRIG": "HAP_REG", "EN": enable,
            "SDA": "SDA", "SCL": "SCL", "OUT+": "HAP_P", "OUT-": "HAP_N", "GND": GROUND,
        },
        why="IN/TRIG on REG: EN high is full drive, so one pin of the chip buzzes",
    )  # fmt: skip
    sheet.between("R16", enable, GROUND, why="off while the chip sleeps or starts")
    sheet.capacitor("C13", "VSYS", "U4.VDD", "1 uF (SLOS854)")
    sheet.capacitor("C14", "HAP_REG", "U4.REG", "1 uF (SLOS854)")
    sheet.between("M1", "HAP_P", "HAP_N", why="LRA, 2.0 V rms, about 170 Hz")
