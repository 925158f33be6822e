"""ESP32-S3 development board (ESP32-S3-DevKitC-1) with a GNSS module, a motor and a button.

Pins by the ESP32-S3 series datasheet, section 2, and the GPIO chapter of the ESP-IDF programming
guide for it: 0, 3, 45 and 46 are strapping pins, 19 and 20 USB, 26 to 37 flash and PSRAM (33 to 37
where that is octal), 43 and 44 the console. 0 to 21 are RTC pins, 1 to 10 are ADC1.

The receiver's VCC is behind the load switch, its V_BCKP on the board's 3.3 V.
"""

from badge.supply import CellSupply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    import machine

CHIP = "esp32s3"
# To ground, and 10 kOhm to 3.3 V: in deep sleep this chip's own pull-up is off, and the pin would
# float (micropython/micropython, issue 15260). An RTC pin, so it can wake the chip.
BUTTON = 4
BUTTON_PULL_UP = True
BUTTON_WAKES = "ext0"
MOTOR = 5
LED = 15
LED_LIT = 1
BUZZER = 7
GNSS_UART = 1
GNSS_TX = 17
GNSS_RX = 18
GNSS_BAUD = 9600
GNSS_ENABLE = 6  # load switch
BATTERY_ADC = 1
BATTERY_DIVIDER = 2  # two equal resistors
EXTERNAL_POWER = None
I2C = 0
I2C_SDA = 8
I2C_SCL = 9
ACCELEROMETER_ADDRESS = 0x18
ACCELEROMETER_INT = 10
STRAPPING = ()


def power(module: "ModuleType", i2c: "machine.I2C | None") -> CellSupply:
    """The cell at the divider, the receiver behind its load switch."""
    return CellSupply(module, BATTERY_ADC, BATTERY_DIVIDER, GNSS_ENABLE, EXTERNAL_POWER)
