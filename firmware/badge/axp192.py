"""X-Powers AXP192, the power chip of the T-Beam v1.1.

Registers by its datasheet (v1.1, chapter 10); the identification, which that does not tell, by
lewisxhe/XPowersLib, src/REG/AXP192Constants.h.

Its low-voltage interrupts are not used: the cell is measured often enough (badge.shell).
"""

from errno import ENODEV

from badge.registers import Registers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C

ADDRESS = 0x34
# The rails that a board may switch: bits of _OUTPUTS. The others keep the processor alive.
LDO2 = 0x04
LDO3 = 0x08

_STATUS = 0x00
_ACIN = 0x80
_VBUS = 0x20
_CHARGE_STATUS = 0x01
_CELL = 0x20
_IDENTITY = 0x03
_AXP192 = 0x03
_OUTPUTS = 0x12
_LDO23_VOLTAGE = 0x28
_OFF = 0x32
_CELL_VOLTAGE = 0x78
_ADC = 0x82
_ADC_CELL = 0x80
_ADC_TS = 0x01
_VOLT_3V3 = 15  # 1.8 V and so many times 0.1 V


class Axp192:
    """gnss, unused: the rail of the receiver, and one that the badge needs not; bits as above."""

    def __init__(self, i2c: "I2C", gnss: int, unused: int) -> None:
        self._registers = Registers(i2c, ADDRESS)
        self._gnss = gnss
        self._unused = unused

    def begin(self) -> None:
        """Set up. Raises OSError when the chip is missing or is another one."""
        registers = self._registers
        if registers.read(_IDENTITY) != _AXP192:
            raise OSError(ENODEV)
        # The cell has no thermistor on TS, and would not be charged for that.
        registers.change(_ADC, _ADC_CELL | _ADC_TS, _ADC_CELL)
        shift = 4 if self._gnss == LDO2 else 0
        registers.change(_LDO23_VOLTAGE, 0x0F << shift, _VOLT_3V3 << shift)
        registers.change(_OUTPUTS, self._unused, 0)

    def cell(self) -> "tuple[int, None]":
        """Millivolts of the cell, 0 = there is none; no percent, the chip has no gauge."""
        if not self._registers.read(_CHARGE_STATUS) & _CELL:
            return 0, None
        both = self._registers.read_two(_CELL_VOLTAGE)
        return (both >> 8 << 4 | both & 0x0F) * 11 // 10, None

    def powered(self) -> bool:
        """Whether a charger or USB is plugged in, even when the cell is full."""
        return bool(self._registers.read(_STATUS) & (_ACIN | _VBUS))

    def gnss(self, on: bool) -> None:
        """The receiver's rail. Its memory is on LDO1, which is always on."""
        self._registers.change(_OUTPUTS, self._gnss, self._gnss if on else 0)

    def off(self) -> None:
        """Everything but LDO1: until the power button of the board, or a charger."""
        self._registers.change(_OFF, 0x80, 0x80)
