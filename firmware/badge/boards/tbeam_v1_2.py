"""LILYGO T-Beam v1.2: ESP32, u-blox NEO-6M or NEO-M8N, AXP2101; its LoRa radio stays off.

Pins as on the v1.1, by LILYGO's own examples (Xinyuan-LilyGO/LilyGo-LoRa-Series,
examples/Factory/utilities.h, T_BEAM_SX1262) and meshtastic/firmware, variants/tbeam/variant.h.
Free on the header: 2, 13, 14, 15 and 25.

Rails by the same repositories (LoRaBoards.cpp, Power.cpp): DCDC1 the ESP32, ALDO2 the LoRa
radio, ALDO3 the receiver, the charger of the button cell (VBACKUP) its memory.
"""

from badge.axp2101 import ALDO2, ALDO3, Axp2101
from badge.supply import ChipSupply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    import machine

CHIP = "esp32"
BUTTON = 38  # the middle one; input only, pulled up on the board; an RTC pin, so it can wake
BUTTON_PULL_UP = False
BUTTON_WAKES = "ext0"
MOTOR = 25  # through a transistor, on the header
LED = 4
LED_LIT = 0
BUZZER = 13  # on the header
GNSS_UART = 1
GNSS_TX = 12
GNSS_RX = 34
GNSS_BAUD = 9600
GNSS_ENABLE = None
BATTERY_ADC = None
BATTERY_DIVIDER = 1
EXTERNAL_POWER = None  # the power chip knows
I2C = 0
I2C_SDA = 21
I2C_SCL = 22
ACCELEROMETER_ADDRESS = 0x18  # on the header
ACCELEROMETER_INT = 14
# LILYGO's own wiring. 12 must be low at reset, for flash at 3.3 V (ESP32 datasheet, strapping
# pins): the chip's pull-down holds it there, and at its other end is only the receiver's input.
STRAPPING = (12,)


def power(module: "ModuleType", i2c: "machine.I2C | None") -> ChipSupply:
    """Cell and receiver behind the AXP2101."""
    return ChipSupply(Axp2101(i2c, ALDO3, ALDO2) if i2c else None)
