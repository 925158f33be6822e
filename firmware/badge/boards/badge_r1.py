"""Our own badge, revision 1: ESP32-S3-MINI-1, MAX-M10S, LIS2DW12, DRV2605L, MAX17048.

Pins by hardware/boards/badge.toml, which is what its board is built of; a test compares the two.
The receiver's VCC is behind a load switch, its V_BCKP on the 3.3 V that are always on.
"""

from badge.drv2605l import Drv2605l
from badge.max17048 import Max17048
from badge.supply import GaugeSupply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    import machine

CHIP = "esp32s3"
BUTTON = 4  # to ground, and 10 kOhm to 3.3 V, which hold it in deep sleep too
BUTTON_PULL_UP = True
BUTTON_WAKES = "ext0"
MOTOR = 7  # EN of the driver
LED = 12  # the green one of three
LED_LIT = 0
BUZZER = None
GNSS_UART = 1
GNSS_TX = 17
GNSS_RX = 18
GNSS_BAUD = 9600
GNSS_ENABLE = 6  # load switch
BATTERY_ADC = None  # the gauge knows
BATTERY_DIVIDER = 1
EXTERNAL_POWER = 10  # 5 V of USB, divided to 3 V
I2C = 0
I2C_SDA = 8
I2C_SCL = 9
ACCELEROMETER_ADDRESS = 0x19
ACCELEROMETER_INT = 5
STRAPPING = ()


def power(module: "ModuleType", i2c: "machine.I2C") -> GaugeSupply:
    """The cell at its gauge, the receiver behind its load switch; sets up the motor's driver."""
    haptic = Drv2605l(i2c, module.Pin(MOTOR, module.Pin.OUT))
    return GaugeSupply(module, Max17048(i2c), haptic, GNSS_ENABLE, EXTERNAL_POWER)
