"""X-Powers AXP2101, the power chip of the T-Beam v1.2.

Registers by its datasheet (v1.4, chapter 6), and lewisxhe/XPowersLib, src/REG/AXP2101Constants.h.

Its low-charge warnings are not used: the cell is measured often enough (badge.shell).
"""

from errno import ENODEV

from badge.registers import Registers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C

ADDRESS = 0x34
# The rails that a board may switch: bits of _OUTPUTS. The others keep the processor alive.
ALDO1 = 0x01
ALDO2 = 0x02
ALDO3 = 0x04
ALDO4 = 0x08

_STATUS = 0x00
_VBUS = 0x20
_CELL = 0x08
_IDENTITY = 0x03
_AXP2101 = 0x4A
_CONTROL = 0x10
_MODULES = 0x18
_GAUGE = 0x08
_BACKUP_CHARGER = 0x04
_ADC = 0x30
_ADC_CELL = 0x01
_ADC_TS = 0x02
_CELL_VOLTAGE = 0x34
_TS = 0x50
_TS_UNUSED = 0x10
_BACKUP_VOLTAGE = 0x6A
_BACKUP_3V3 = 7  # 2.6 V and so many times 0.1 V
_OUTPUTS = 0x90
_ALDO1_VOLTAGE = 0x92
_VOLT_3V3 = 28  # 0.5 V and so many times 0.1 V
_PERCENT = 0xA4


class Axp2101:
    """gnss, unused: the rail of the receiver, and one that the badge needs not; bits as above."""

    def __init__(self, i2c: "I2C", gnss: int, unused: int) -> None:
        self._registers = Registers(i2c, ADDRESS)
        self._gnss = gnss
        self._unused = unused

    def begin(self) -> None:
        """Set up. Raises OSError when the chip is missing or is another one."""
        registers = self._registers
        if registers.read(_IDENTITY) != _AXP2101:
            raise OSError(ENODEV)
        # The cell has no thermistor on TS, and would not be charged for that.
        registers.change(_TS, 0x1F, _TS_UNUSED)
        registers.change(_ADC, _ADC_CELL | _ADC_TS, _ADC_CELL)
        registers.change(_BACKUP_VOLTAGE, 0x07, _BACKUP_3V3)
        modules = _GAUGE | _BACKUP_CHARGER
        registers.change(_MODULES, modules, modules)
        rail = (ALDO1, ALDO2, ALDO3, ALDO4).index(self._gnss)
        registers.change(_ALDO1_VOLTAGE + rail, 0x1F, _VOLT_3V3)
        registers.change(_OUTPUTS, self._unused, 0)

    def cell(self) -> "tuple[int, int | None]":
        """Millivolts of the cell, 0 = there is none, and its percent by the chip's gauge."""
        registers = self._registers
        if not registers.read(_STATUS) & _CELL:
            return 0, None
        percent = registers.read(_PERCENT)
        cell_mv = registers.read_two(_CELL_VOLTAGE) & 0x1FFF
        return cell_mv, percent if percent <= 100 else None

    def powered(self) -> bool:
        """Whether a charger or USB is plugged in, even when the cell is full."""
        return bool(self._registers.read(_STATUS) & _VBUS)

    def gnss(self, on: bool) -> None:
        """The receiver's rail. Its memory is on the button cell, which is kept charged."""
        self._registers.change(_OUTPUTS, self._gnss, self._gnss if on else 0)

    def off(self) -> None:
        """Everything but the button cell: until the power button of the board, or a charger."""
        self._registers.change(_CONTROL, 0x01, 0x01)
