"""The module with processor and radio; which pin is which net says hardware/boards/badge.toml."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet

# UART0's pins have names of their own on the module.
OWN_NAMES = {43: "TXD0", 44: "RXD0"}


def pin_name(gpio: int) -> str:
    """As the module's datasheet calls it."""
    return OWN_NAMES.get(gpio, f"IO{gpio}")


def wire(sheet: Sheet, board: Board) -> None:
    """Module, reset, boot and the pull-ups of the bus."""
    pins = {pin_name(pin.gpio): pin.net for pin in board.pins}
    sheet.chip("U1", {"3V3": "3V3", "GND": GROUND, "EN": "EN", **pins})
    sheet.between("R1", "3V3", "EN", why="10 kOhm (ESP32-S3 hardware design guidelines, reset)")
    sheet.capacitor("C1", "EN", "U1.EN", "1 uF: 10 ms with R1 (the same)")
    sheet.between("R2", "3V3", "BOOT", why="boots from flash; a test pad pulls it low")
    sheet.capacitor("C2", "3V3", "U1.3V3", "22 uF (module datasheet, peripheral schematics)")
    sheet.capacitor("C3", "3V3", "U1.3V3", "0.1 uF (the same)")
    one, other = (pin.net for pin in board.pins if pin.function in ("crystal_p", "crystal_n"))
    sheet.between("Y1", one, other, why="not fitted: for firmware in C that sleeps lightly")
    sheet.between("C24", one, GROUND, why="load of Y1, not fitted")
    sheet.between("C25", other, GROUND, why="load of Y1, not fitted")
    sheet.between("R4", "3V3", "SDA", why="the bus's only pull-up: 239 ns rise at 60 pF")
    sheet.between("R5", "3V3", "SCL", why="the bus's only pull-up: 239 ns rise at 60 pF")
