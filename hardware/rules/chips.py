"""What the datasheets say of each chip's pins, and which of them a module leads out.

Each number stands once, here, with its source; the rules only compare.
"""

from types import MappingProxyType
from typing import NamedTuple


def _span(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(pin for first, last in ranges for pin in range(first, last + 1))


class Strap(NamedTuple):
    """A pin that is read at reset. needs: for a start from flash; default: with nothing there."""

    needs: str  # "high", "low" or "any"
    default: str  # "high", "low" or "floating"
    decides: str


class Chip(NamedTuple):
    """One chip, by GPIO number.

    flash: also PSRAM. wakes: which pins end deep sleep, by how. pulls_in_sleep: whether the
    chip's own pulls hold on wake pins. holds: pins that can keep a level in deep sleep.
    adc_max_v: at the greatest attenuation. uarts, i2cs: how many.
    """

    name: str
    exist: frozenset[int]
    flash: frozenset[int]
    usb: frozenset[int]
    console: frozenset[int]
    input_only: frozenset[int]
    strapping: MappingProxyType[int, Strap]
    wakes: MappingProxyType[str, frozenset[int]]
    pulls_in_sleep: bool
    holds: frozenset[int]
    adc1: frozenset[int]
    adc_max_v: float
    uarts: int
    i2cs: int


_ESP32_RTC = _span((0, 0), (2, 2), (4, 4), (12, 15), (25, 27), (32, 39))
_S3_RTC = _span((0, 21))
_C3_RTC = _span((0, 5))

# ESP32 series datasheet: pin definitions, strapping pins, ADC characteristics (to 2450 mV at
# 11 dB); ESP-IDF programming guide v5.5, GPIO & RTC GPIO (34-39: GPI, no pulls; 6-11: SPI0/1;
# GPIO20 on the PICO-V3 only), sleep modes (ext0, ext1; ext0 keeps the RTC peripherals, and so
# the pulls, powered).
_ESP32 = Chip(
    name="esp32",
    exist=_span((0, 19), (21, 23), (25, 27), (32, 39)),
    flash=_span((6, 11)),
    usb=frozenset(),
    console=frozenset({1, 3}),
    input_only=_span((34, 39)),
    strapping=MappingProxyType(
        {
            0: Strap("high", "high", "start from flash or download"),
            2: Strap("any", "low", "download, only while 0 is low"),
            5: Strap("any", "high", "timing of SDIO"),
            12: Strap("low", "low", "flash at 3.3 V or 1.8 V"),
            15: Strap("any", "high", "messages of the ROM"),
        }
    ),
    wakes=MappingProxyType({"ext0": _ESP32_RTC, "ext1": _ESP32_RTC}),
    pulls_in_sleep=True,
    holds=_ESP32_RTC - _span((34, 39)),
    adc1=_span((32, 39)),
    adc_max_v=2.45,
    uarts=3,
    i2cs=2,
)

# ESP32-S3 series datasheet: pin definitions, strapping pins (0 pulled up, 3 floating, 45 and 46
# pulled down), ADC characteristics (to 2900 mV); ESP-IDF programming guide v5.3, GPIO & RTC GPIO
# (RTC_GPIO0-21, ADC1 on 1-10, USB-JTAG on 19 and 20, SPI0/1 on 26-32, and 33-37 with octal flash
# or PSRAM); micropython/micropython issue 15260 (its own pull-up does not hold in deep sleep).
_ESP32S3 = Chip(
    name="esp32s3",
    exist=_span((0, 21), (26, 48)),
    flash=_span((26, 37)),
    usb=frozenset({19, 20}),
    console=frozenset({43, 44}),
    input_only=frozenset(),
    strapping=MappingProxyType(
        {
            0: Strap("high", "high", "start from flash or download"),
            3: Strap("any", "floating", "source of JTAG"),
            45: Strap("low", "low", "flash at 3.3 V or 1.8 V"),
            46: Strap("any", "low", "download, only while 0 is low; messages of the ROM"),
        }
    ),
    wakes=MappingProxyType({"ext0": _S3_RTC, "ext1": _S3_RTC}),
    pulls_in_sleep=False,
    holds=_S3_RTC,
    adc1=_span((1, 10)),
    adc_max_v=2.9,
    uarts=3,
    i2cs=2,
)

# ESP32-C3 series datasheet: pin definitions, strapping pins, boot mode control (2 and 9 high:
# start from flash, whatever 8 is), ADC characteristics (to 2500 mV); ESP-IDF programming guide,
# GPIO (12-17: SPI0/1, 11 their supply; 18 and 19: USB-JTAG), sleep modes (GPIO0-5 end deep
# sleep, and the driver switches their pulls on for it).
_ESP32C3 = Chip(
    name="esp32c3",
    exist=_span((0, 21)),
    flash=_span((11, 17)),
    usb=frozenset({18, 19}),
    console=frozenset({20, 21}),
    input_only=frozenset(),
    strapping=MappingProxyType(
        {
            2: Strap("high", "floating", "start from flash or download"),
            8: Strap("any", "floating", "download, only while 9 is low; messages of the ROM"),
            9: Strap("high", "high", "start from flash or download"),
        }
    ),
    wakes=MappingProxyType({"gpio": _C3_RTC}),
    pulls_in_sleep=True,
    holds=_C3_RTC,
    adc1=_span((0, 4)),
    adc_max_v=2.5,
    uarts=2,
    i2cs=1,
)

CHIPS = MappingProxyType({chip.name: chip for chip in (_ESP32, _ESP32S3, _ESP32C3)})

#: GPIO numbers that each module or board leads out, by its own datasheet or pin map.
MODULES = MappingProxyType(
    {
        # ESP32-WROOM-32E datasheet, pin definitions (6-11 are led out, and are the flash's).
        "ESP32-WROOM-32E": _ESP32.exist - _span((6, 11), (20, 20), (37, 38)),
        # ESP32-S3-WROOM-1 datasheet, pin definitions; N8: no PSRAM.
        "ESP32-S3-WROOM-1-N8": _ESP32S3.exist - _span((22, 34)),
        # ESP32-S3-MINI-1 datasheet, pin definitions: 26 and 33-48 beside 0-21.
        "ESP32-S3-MINI-1-N8": _ESP32S3.exist - _span((27, 32)),
        # ESP32-C3-MINI-1 datasheet, pin definitions.
        "ESP32-C3-MINI-1": _span((0, 10), (18, 21)),
        # LILYGO's pin map of the T-Beam: the bare chip, so all but the flash.
        "T-Beam": _ESP32.exist - _span((6, 11)),
    }
)
