"""The receiver: load switch, backup supply, buffer into it, antenna and its matching."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet


def wire(sheet: Sheet, board: Board) -> None:
    """VCC and V_IO behind U9, V_BCKP always on 3V3: the receiver starts hot."""
    nets = {pin.function: pin.net for pin in board.pins}
    enable, receive = nets["GNSS_ENABLE"], nets["GNSS_TX"]
    sheet.chip(
        "U9",
        {"VIN": "3V3", "VBIAS": "3V3", "VOUT": "GNSS_VCC", "ON": enable, "GND": GROUND},
        why="nanoamperes when off (SLVSD04)",
    )
    sheet.between("R15", enable, GROUND, why="off while the chip sleeps or starts")
    sheet.capacitor("C17", "3V3", "U9.VIN", "1 uF (SLVSD04)")
    sheet.chip(
        "U2",
        {
            "VCC": "GNSS_VCC", "V_IO": "GNSS_VCC", "V_BCKP": "3V3", "GND": GROUND,
            "TXD": nets["GNSS_RX"], "RXD": "GNSS_RXD_SW", "TIMEPULSE": nets["gnss_pps"],
            "RF_IN": "RF_IN",
        },
        why="backup supply kept: hot start in a second",
    )  # fmt: skip
    sheet.capacitor("C19", "GNSS_VCC", "U2.VCC", "4.7 uF")
    sheet.capacitor("C18", "GNSS_VCC", "U2.VCC", "0.1 uF")
    sheet.capacitor("C20", "3V3", "U2.V_BCKP", "0.1 uF")
    sheet.chip(
        "U10",
        {"A": receive, "Y": "GNSS_RXD_SW", "VCC": "GNSS_VCC", "GND": GROUND},
        why="on the receiver's supply: the idle line does not feed it while it is off (Ioff)",
    )
    sheet.capacitor("C21", "GNSS_VCC", "U10.VCC", "0.1 uF (SCES519)")
    sheet.chip("ANT1", {"FEED": "RF_ANT"}, why="sees the sky through the front")
    sheet.between("C22", "RF_ANT", GROUND, why="matching, not fitted until measured in the shell")
    sheet.between("R26", "RF_ANT", "RF_IN", why="matching: 0 Ohm until measured")
    sheet.between("C23", "RF_IN", GROUND, why="matching, not fitted until measured in the shell")
