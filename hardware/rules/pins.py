"""Rules about which pin may do what at all."""

from collections import Counter
from collections.abc import Iterator

from hardware.board import Board, Pin
from hardware.rules.chips import MODULES, Chip
from hardware.rules.rule import Rule

_USB = ("usb_dm", "usb_dp")
_CONSOLE = ("uart0_tx", "uart0_rx")


def _at(pin: Pin) -> str:
    return f"{pin.function} on GPIO{pin.gpio}"


def _exists(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if pin.gpio not in chip.exist:
            yield f"{_at(pin)}: {chip.name} has no such pin"


def _led_out(board: Board, chip: Chip) -> Iterator[str]:
    out = MODULES.get(board.module)
    if out is None:
        yield f"module {board.module} is not known: add it to hardware/rules/chips.py"
        return
    for pin in board.pins:
        if pin.gpio not in out and pin.gpio in chip.exist:
            yield f"{_at(pin)}: {board.module} does not lead it out"


def _one_use(board: Board, chip: Chip) -> Iterator[str]:
    for field in ("gpio", "function", "net"):
        used = Counter(getattr(pin, field) for pin in board.pins)
        for value, times in used.items():
            if times > 1:
                yield f"{field} {value} is named {times} times"


def _not_flash(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if pin.gpio in chip.flash:
            yield f"{_at(pin)}: belongs to flash or PSRAM"


def _not_usb(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if (pin.gpio in chip.usb) != (pin.function in _USB):
            yield f"{_at(pin)}: GPIO{sorted(chip.usb)} are USB's, and nothing else is"


def _not_console(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if pin.gpio in chip.console and pin.function not in _CONSOLE:
            yield f"{_at(pin)}: is the console's"


def _input_only(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if pin.gpio in chip.input_only:
            if pin.direction != "input":
                yield f"{_at(pin)}: is an input and nothing else"
            if pin.pull == "chip":
                yield f"{_at(pin)}: the chip has no pull there"


def _adc1(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if pin.active == "analog" and pin.gpio not in chip.adc1:
            yield f"{_at(pin)}: is not on ADC1, which alone works beside the radio"


def _adc_range(board: Board, chip: Chip) -> Iterator[str]:
    divider = board.firmware_values.get("BATTERY_DIVIDER")
    if board.pin("BATTERY_ADC") and isinstance(divider, int):
        highest_v = 4.2 / divider
        if highest_v > chip.adc_max_v:
            yield f"a full cell is {highest_v:.2f} V at the ADC, which reads to {chip.adc_max_v} V"


PIN_RULES = (
    Rule("exists", "a pin exists on the chip", "chip's datasheet, pin definitions", _exists),
    Rule("module", "the module leads it out", "module's datasheet, pin definitions", _led_out),
    Rule("one-use", "a pin, a function and a net are named once", "by sense", _one_use),
    Rule("flash", "flash and PSRAM keep their pins", "ESP-IDF, GPIO: SPI0/1", _not_flash),
    Rule("usb", "USB-JTAG keeps its pins", "ESP-IDF, GPIO: USB-JTAG", _not_usb),
    Rule("console", "the console keeps its pins", "chip's datasheet, UART0", _not_console),
    Rule(
        "input-only",
        "an input-only pin drives and pulls nothing",
        "ESP-IDF, GPIO: GPI",
        _input_only,
    ),
    Rule("adc1", "what is measured is on ADC1", "ESP-IDF, ADC: ADC2 is the radio's", _adc1),
    Rule("adc-range", "a full cell is within the ADC's range", "datasheet, ADC", _adc_range),
)
