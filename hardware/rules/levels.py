"""Rules about the level of a pin when nobody drives it: at reset, and in deep sleep."""

from collections.abc import Iterator

from hardware.board import Board, Pin
from hardware.rules.chips import Chip
from hardware.rules.rule import Rule

# What a wearer presses, or what hums and shines, must not decide how the chip starts.
_NEVER_STRAPPING = ("BUTTON", "MOTOR", "LED", "BUZZER", "ACCELEROMETER_INT")
_SWITCHES = ("MOTOR", "BUZZER", "GNSS_ENABLE")
_LOGIC_MAX_V = 3.6  # VDD of 3.3 V and 0.3 V: absolute maximum ratings
_LOGIC_HIGH_V = 0.75 * 3.3


def _rest(pin: Pin, chip: Chip) -> str:
    """The level of a strapping pin at reset, when the chip's pulls are as they come."""
    return {"up": "high", "down": "low"}.get(pin.pull, chip.strapping[pin.gpio].default)


def _strapping(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        strap = chip.strapping.get(pin.gpio)
        if strap is None:
            if pin.reset_level:
                yield f"{pin.function}: GPIO{pin.gpio} is no strapping pin"
        elif pin.function in _NEVER_STRAPPING:
            yield f"{pin.function}: GPIO{pin.gpio} decides at reset on: {strap.decides}"
        elif not pin.reset_level or pin.reset_level != _rest(pin, chip):
            rest = _rest(pin, chip)
            yield f"{pin.function}: GPIO{pin.gpio} is {rest} at reset, whatever reset_level says"
        elif strap.needs not in ("any", pin.reset_level):
            yield f"{pin.function}: GPIO{pin.gpio} must be {strap.needs} at reset: {strap.decides}"


def _strapping_told(board: Board, chip: Chip) -> Iterator[str]:
    used = {pin.gpio for pin in board.pins if pin.in_firmware} & set(chip.strapping)
    told = board.firmware_values.get("STRAPPING")
    if not isinstance(told, list) or set(told) != used:
        yield f"STRAPPING is {told}, and the strapping pins of the firmware are {sorted(used)}"


def _wakes(board: Board, chip: Chip) -> Iterator[str]:
    button = board.pin("BUTTON")
    if (
        button is None
        or not button.wake
        or board.firmware_values.get("BUTTON_WAKES") != button.wake
    ):
        yield f"the button must end deep sleep, as BUTTON_WAKES says ({button and button.wake})"
    for pin in board.pins:
        if pin.wake and pin.gpio not in chip.wakes.get(pin.wake, frozenset()):
            yield f"{pin.function}: GPIO{pin.gpio} does not end deep sleep by {pin.wake}"
    moved = board.pin("ACCELEROMETER_INT")
    if moved and not any(moved.gpio in pins for pins in chip.wakes.values()):
        yield f"ACCELEROMETER_INT: GPIO{moved.gpio} of {chip.name} cannot end deep sleep"


def _wake_levels(board: Board, chip: Chip) -> Iterator[str]:
    levels = {
        "ext0": "low",
        "ext1": "high",
        "gpio": "low",
    }  # what badge.parts and badge.shell ask for
    for pin in board.pins:
        if pin.wake and pin.active != levels[pin.wake]:
            yield f"{pin.function}: the firmware wakes by {pin.wake} at {levels[pin.wake]}"
    if sum(pin.wake == "ext0" for pin in board.pins) > 1:
        yield "ext0 watches one pin"


def _held_in_sleep(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if pin.wake and (pin.pull == "none" or (pin.pull == "chip" and not chip.pulls_in_sleep)):
            yield f"{pin.function}: nothing holds GPIO{pin.gpio} in deep sleep: a resistor must"
        if pin.held and pin.gpio not in chip.holds:
            yield f"{pin.function}: GPIO{pin.gpio} cannot hold its level in deep sleep"


def _off_in_sleep(board: Board, chip: Chip) -> Iterator[str]:
    off = {"high": "down", "low": "up"}
    for pin in board.pins:
        if pin.function in _SWITCHES and not pin.held and pin.pull != off[pin.active]:
            yield f"{pin.function}: GPIO{pin.gpio} floats in deep sleep: pull it to off"


def _pulls_named(board: Board, chip: Chip) -> Iterator[str]:
    for pin in board.pins:
        if (pin.pull in ("up", "down")) != bool(pin.pull_by):
            yield f"{pin.function}: pull {pin.pull} by {pin.pull_by or 'nothing'}"
    asked = board.firmware_values.get("BUTTON_PULL_UP")
    button = board.pin("BUTTON")
    if button and button.pull == "chip" and asked is not True:
        yield "BUTTON: relies on the chip's pull-up, and BUTTON_PULL_UP does not ask for it"


def _divided(board: Board, chip: Chip) -> Iterator[str]:
    rails = {rail.name: rail for rail in board.rails}
    for pin in board.pins:
        if pin.divider_ohm and pin.from_rail in rails:
            above, below = pin.divider_ohm
            low_v, high_v = (v * below / (above + below) for v in rails[pin.from_rail].volts)
            if high_v > _LOGIC_MAX_V or low_v < _LOGIC_HIGH_V:
                yield f"{pin.function}: {low_v:.2f} to {high_v:.2f} V is no high level"
        elif pin.divider_ohm or pin.from_rail:
            yield f"{pin.function}: rail {pin.from_rail or '?'} and divider_ohm belong together"


LEVEL_RULES = (
    Rule(
        "strapping",
        "a strapping pin is at reset as the start needs it, by more than luck",
        "chip's datasheet, strapping pins",
        _strapping,
    ),
    Rule(
        "strapping-told",
        "the firmware's file names its strapping pins",
        "as above",
        _strapping_told,
    ),
    Rule("wake", "button and accelerometer can end deep sleep", "ESP-IDF, sleep modes", _wakes),
    Rule(
        "wake-level",
        "each at the level that its source watches",
        "MicroPython, esp32",
        _wake_levels,
    ),
    Rule(
        "wake-held",
        "a pin that wakes does not float, and only RTC pins hold a level in deep sleep",
        "ESP-IDF, sleep modes and GPIO hold; micropython issue 15260",
        _held_in_sleep,
    ),
    Rule(
        "off-in-sleep", "what switches power is off in deep sleep", "ESP-IDF, GPIO", _off_in_sleep
    ),
    Rule("pulls", "a pull is somebody's", "by sense", _pulls_named),
    Rule("divided", "a divided rail is a level", "datasheet, DC characteristics", _divided),
)
