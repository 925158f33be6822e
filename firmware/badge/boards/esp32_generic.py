"""ESP32 development board (ESP32-DevKitC, WROOM module) with a GNSS module, a motor and a button.

Pins by the ESP32 series datasheet, section 2 (pins) and 2.3.3 (which can do what): none is a
strapping pin, none belongs to the flash, and what wakes from deep sleep is an RTC pin. On
WROVER modules 16 and 17 belong to the PSRAM.

The receiver's VCC is behind the load switch, its V_BCKP on the board's 3.3 V.
"""

from badge.supply import CellSupply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    import machine

CHIP = "esp32"
BUTTON = 27  # to ground; an RTC pin, so it can wake the chip
BUTTON_PULL_UP = True
BUTTON_WAKES = "ext0"
MOTOR = 26  # through a transistor
LED = 33
LED_LIT = 1
BUZZER = 32
GNSS_UART = 2
GNSS_TX = 17
GNSS_RX = 16
GNSS_BAUD = 9600
GNSS_ENABLE = 25  # load switch
BATTERY_ADC = 34  # ADC1, input only; ADC2 is not usable beside the radio
BATTERY_DIVIDER = 2  # two equal resistors
EXTERNAL_POWER = None
I2C = 0
I2C_SDA = 21
I2C_SCL = 22
ACCELEROMETER_ADDRESS = 0x18
ACCELEROMETER_INT = 35  # input only, and an RTC pin
STRAPPING = ()


def power(module: "ModuleType", i2c: "machine.I2C | None") -> CellSupply:
    """The cell at the divider, the receiver behind its load switch."""
    return CellSupply(module, BATTERY_ADC, BATTERY_DIVIDER, GNSS_ENABLE, EXTERNAL_POWER)
