"""Pins and parts of each supported board, a file each; the only place that names pins.

The name in config.json is the name of the file. What a board says, None where it has no such part:

CHIP: "esp32", "esp32s3" or "esp32c3".
BUTTON: low while it is pressed. BUTTON_PULL_UP: whether it needs the chip's own pull-up.
BUTTON_WAKES: what ends deep sleep by it, "ext0" or "gpio": esp32.wake_on_ext0, .wake_on_gpio.
MOTOR, BUZZER: through a transistor, high is on. A resistor to ground at its gate, and at
GNSS_ENABLE, keeps it off while the chip sleeps or starts: its pins float then.
LED, LED_LIT: and the level that lights it.
GNSS_UART, GNSS_TX, GNSS_RX, GNSS_BAUD: as the chip sees it, TX goes to the receiver.
GNSS_ENABLE: of the receiver's load switch, high is on; None where a power chip has the rail.
BATTERY_ADC, BATTERY_DIVIDER: volts of the cell for each volt at the pin.
EXTERNAL_POWER: high while a charger or USB supplies the badge.
I2C, I2C_SDA, I2C_SCL: number and pins of the bus.
ACCELEROMETER_ADDRESS, ACCELEROMETER_INT: on that bus, and its interrupt, high is active.
STRAPPING: those of these pins that the chip also reads at reset; the file says why that is safe.
power(module, i2c): a badge.supply for the battery and the receiver's rail. module: machine;
i2c: the bus above.

The receiver's backup supply is wired, or switched on by power(), so that it stays on while
the receiver is off: the receiver then starts hot, in about a second and not in half a minute.
"""
