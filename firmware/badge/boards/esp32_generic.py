"""ESP32 development board (ESP32-DevKitC) with a GNSS module, a motor and a button.

Pins by the ESP32 datasheet, table 2-2: none of them is a strapping pin.
"""

BUTTON = 27  # to ground, internal pull-up; an RTC pin, so it can wake the chip
MOTOR = 26  # through a transistor
GNSS_UART = 2
GNSS_TX = 17
GNSS_RX = 16
GNSS_BAUD = 9600
GNSS_ENABLE = 25  # load switch
BATTERY_ADC = 34  # ADC1, input only; ADC2 is not usable beside the radio
BATTERY_DIVIDER = 2  # two equal resistors
