"""Button and light."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet


def wire(sheet: Sheet, board: Board) -> None:
    """The button to ground; the LED's anode on 3V3, so that an open pin is dark."""
    nets = {pin.function: pin.net for pin in board.pins}
    button = nets["BUTTON"]
    sheet.between("SW1", button, GROUND, why="behind the guard ring; IP67 by itself")
    sheet.between("R3", "3V3", button, why="10 kOhm: in deep sleep the chip's own pull-up is off")
    sheet.chip(
        "D3",
        {"A": "3V3", "RK": "LED_RK", "GK": "LED_GK", "BK": "LED_BK"},
        why="covert mode: its pins stay open and it stays dark",
    )
    sheet.between("R18", "LED_RK", nets["led_red"], why="(3.3 - 1.9 V) / 680 = 2 mA")
    sheet.between("R19", "LED_GK", nets["LED"], why="(3.3 - 2.7 V) / 220 = 3 mA")
    sheet.between("R20", "LED_BK", nets["led_blue"], why="(3.3 - 2.7 V) / 220 = 3 mA")
