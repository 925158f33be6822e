"""DRV2605L, the haptic driver of our own badge: set up so that its EN pin alone makes it buzz.

IN/TRIG is tied to REG, 1.8 V: in analogue mode that is full drive, for as long as EN is high.
"The device registers are not reset" by EN low (data sheet SLOS854, Operation With EN Control), so
what stands in them outlives the processor's sleep; they are looked at in each start all the same.

Registers by the data sheet, register map; the voltages by its equations for closed-loop LRA drive,
for 2.0 V rms at 170 Hz, which an LRA that is rated for 2.5 V bears for ever.
"""

import time
from errno import ENODEV

from badge.registers import Registers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C, Pin

ADDRESS = 0x5A

_STATUS = 0x00
_DEVICE_ID = 0xE0
_DRV2605L = 0xE0
_MODE = 0x01
_STANDBY = 0x40
_ANALOGUE = 0x03
_WAKES_US = 250
_SET_UP = (
    (0x16, 0x54),  # RATED_VOLTAGE: 84 x 20.58 mV / sqrt(1 - 1.5 ms x 170 Hz) = 2.0 V rms
    (0x17, 0x8D),  # OD_CLAMP: 141 x 21.22 mV = 3.0 V peak
    (0x1A, 0xB6),  # FEEDBACK: LRA, brake x 4, the other gains as they come
    (0x1B, 0x98),  # CONTROL1: start boosted, 24 x 0.1 ms + 0.5 ms = half a cycle of 170 Hz
    (0x1C, 0xF5),  # CONTROL2: as it comes: samples for 300 us
    (0x1D, 0xA2),  # CONTROL3: closed loop, IN/TRIG is analogue
    (_MODE, _ANALOGUE),  # the last, for it moves the motor
)


class Drv2605l:
    """enable: the pin of the motor, which is EN."""

    def __init__(self, i2c: "I2C", enable: "Pin") -> None:
        self._registers = Registers(i2c, ADDRESS)
        self._enable = enable

    def begin(self) -> None:
        """Set up; the motor stays still. Raises OSError when the chip is missing or another one."""
        self._enable.on()
        try:
            time.sleep_us(_WAKES_US)
            registers = self._registers
            if registers.read(_STATUS) & _DEVICE_ID != _DRV2605L:
                raise OSError(ENODEV)
            # In standby within the 0.7 ms that it takes to drive: no twitch in each start.
            registers.change(_MODE, 0xFF, _STANDBY)
            for register, value in _SET_UP:
                registers.change(register, 0xFF, value)
        finally:
            self._enable.off()
