"""ESP32-C3 development board (ESP32-C3-DevKitM-1) with a GNSS module, a motor and a button.

Pins by the ESP32-C3 series datasheet, section 2, and the GPIO chapter of the ESP-IDF programming
guide for it: 2, 8 and 9 are strapping pins, 11 to 17 belong to the flash, 18 and 19 are USB, 20 and
21 the console, which would take the receiver's bytes for commands. 0 to 5 end deep sleep, 0 to 4
are ADC1. That leaves one pin too few.

The receiver's VCC is behind the load switch, its V_BCKP on the board's 3.3 V.
"""

from badge.supply import CellSupply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    import machine

CHIP = "esp32c3"
BUTTON = 4  # to ground
BUTTON_PULL_UP = True
BUTTON_WAKES = "gpio"
MOTOR = 0
LED = None
LED_LIT = 1
BUZZER = None
GNSS_UART = 1
GNSS_TX = 7
GNSS_RX = 6
GNSS_BAUD = 9600
GNSS_ENABLE = 5  # load switch
BATTERY_ADC = 1
BATTERY_DIVIDER = 2  # two equal resistors
EXTERNAL_POWER = None
I2C = 0
I2C_SDA = 8
I2C_SCL = 10
ACCELEROMETER_ADDRESS = 0x18
ACCELEROMETER_INT = 3
# The bus's pull-up holds 8 high. Were it low, the chip would start all the same: with 9 high the
# level of 8 does not count (datasheet, boot mode control), and only flashing by UART0 needs it.
STRAPPING = (8,)


def power(module: "ModuleType", i2c: "machine.I2C | None") -> CellSupply:
    """The cell at the divider, the receiver behind its load switch."""
    return CellSupply(module, BATTERY_ADC, BATTERY_DIVIDER, GNSS_ENABLE, EXTERNAL_POWER)
