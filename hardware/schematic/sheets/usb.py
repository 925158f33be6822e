"""USB-C: receptacle, ESD protection, resistors that ask for 5 V, sense of its voltage."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet


def wire(sheet: Sheet, board: Board) -> None:
    """USB Type-C specification: a sink has 5.1 kOhm to ground at each CC."""
    dp, dm = (pin.net for f in ("usb_dp", "usb_dm") if (pin := board.pin(f)))
    sense = next(pin.net for pin in board.pins if pin.function == "EXTERNAL_POWER")
    sheet.chip(
        "J1",
        {
            "VBUS": "VBUS", "GND": GROUND, "SHIELD": GROUND, "CC1": "CC1", "CC2": "CC2",
            "DP1": "USB_J_DP", "DP2": "USB_J_DP", "DN1": "USB_J_DM", "DN2": "USB_J_DM",
        },
        why="both rows of contacts: the plug goes in either way round",
    )  # fmt: skip
    sheet.chip(
        "D1",
        {"D1+": "USB_J_DP", "D1-": "USB_J_DM", "D2+": "CC1", "D2-": "CC2", "GND": GROUND},
        why="between receptacle and everything else (SLVSBO7, layout)",
    )
    sheet.chip("D2", {"K": "VBUS", "A": GROUND}, why="stands off 5 V; surges of cables")
    sheet.between("R6", "CC1", GROUND, why="Rd, 5.1 kOhm (USB Type-C specification)")
    sheet.between("R7", "CC2", GROUND, why="Rd, 5.1 kOhm (USB Type-C specification)")
    sheet.between("R22", "USB_J_DP", dp, why="22 Ohm (ESP32-S3 hardware design guidelines, USB)")
    sheet.between("R21", "USB_J_DM", dm, why="22 Ohm (ESP32-S3 hardware design guidelines, USB)")
    sheet.between("R8", "VBUS", sense, why="3.0 V of 5.0 V: high for the chip")
    sheet.between("R9", sense, GROUND, why="and low without USB")
