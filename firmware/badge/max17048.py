"""MAX17048, the fuel gauge of our own badge: the cell's voltage, and its charge by a model of it.

Registers of 16 bits, the high byte first, by the data sheet (19-6171, register summary): VCELL in
78.125 uV, SOC in 1/256 %, VERSION 0x001x. It sleeps by itself (hibernate mode) and needs no set-up.
"""

from errno import ENODEV

from badge.registers import Registers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C

ADDRESS = 0x36

_VCELL = 0x02
_SOC = 0x04
_VERSION = 0x08


class Max17048:
    """Every method raises OSError when the chip does not answer."""

    def __init__(self, i2c: "I2C") -> None:
        self._registers = Registers(i2c, ADDRESS)

    def begin(self) -> None:
        """Raises OSError when the chip is missing or is another one."""
        if self._registers.read_two(_VERSION) & 0xFFF0 != 0x0010:
            raise OSError(ENODEV)

    def cell(self) -> "tuple[int, int]":
        """Millivolts of the cell, and its percent by the chip's model, 0-100."""
        cell_mv = self._registers.read_two(_VCELL) * 5 // 64
        return cell_mv, min(100, (self._registers.read_two(_SOC) + 128) >> 8)
