"""Each rule finds what breaks it, and a board that breaks nothing is let through."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.board import Board, Device, Load, Pin, Rail, Uart, load_board
from hardware.rules import RULES, check
from hardware.rules.chips import CHIPS, MODULES

replace = msgspec.structs.replace

C3 = load_board("esp32c3_generic")
ESP32 = load_board("esp32_generic")
OWN = load_board("badge")


def change(board: Board, at: str, /, **fields: Any) -> Board:
    """The board with other fields in one pin."""
    assert board.pin(at)
    pins = tuple(replace(p, **fields) if p.function == at else p for p in board.pins)
    return replace(board, pins=pins)


def add(board: Board, gpio: int, **fields: Any) -> Board:
    """The board with one more pin, an output that floats where `fields` does not say otherwise."""
    defaults: dict[str, Any] = {"function": "spare", "net": "SPARE", "direction": "output"}
    defaults |= {"active": "high", "pull": "none"}
    return replace(board, pins=(*board.pins, Pin(gpio=gpio, **{**defaults, **fields})))


def value(board: Board, name: str, given: Any) -> Board:
    return replace(board, firmware_values={**board.firmware_values, name: given})


def bus(**fields: Any) -> Board:
    return replace(OWN, i2c=replace(OWN.i2c, **fields))


def devices(*addresses: int) -> Board:
    return bus(devices=tuple(Device(address, "part") for address in addresses))


# For each rule one or more boards that break it, and a word of what is then said.
PLANTED: list[tuple[str, Board, str]] = [
    ("chip", replace(OWN, chip="z80"), "z80"),
    ("exists", change(OWN, "LED", gpio=24), "LED on GPIO24"),
    ("module", change(OWN, "LED", gpio=28), "does not lead it out"),
    ("module", replace(OWN, module="unheard-of"), "unheard-of"),
    ("one-use", change(OWN, "LED", gpio=7), "gpio 7"),
    ("one-use", change(OWN, "LED", net="MOTOR"), "net MOTOR"),
    ("one-use", change(OWN, "led_red", function="LED"), "function LED"),
    ("flash", change(OWN, "LED", gpio=33), "LED on GPIO33"),
    ("usb", change(OWN, "LED", gpio=19), "LED on GPIO19"),
    ("usb", change(OWN, "usb_dm", gpio=21), "usb_dm on GPIO21"),
    ("console", change(OWN, "LED", gpio=43), "LED on GPIO43"),
    ("input-only", change(ESP32, "MOTOR", gpio=34), "MOTOR on GPIO34"),
    ("input-only", change(ESP32, "BUTTON", gpio=39), "no pull there"),
    ("adc1", change(ESP32, "BATTERY_ADC", gpio=4), "BATTERY_ADC on GPIO4"),
    ("adc-range", value(ESP32, "BATTERY_DIVIDER", 1), "4.20 V"),
    ("strapping", change(OWN, "LED", gpio=45), "flash at 3.3 V"),
    ("strapping", change(OWN, "boot", reset_level=""), "boot: GPIO0"),
    ("strapping", change(OWN, "boot", pull="down", reset_level="low"), "must be high"),
    ("strapping", change(OWN, "boot", pull="down"), "is low at reset"),
    ("strapping", change(OWN, "MOTOR", reset_level="low"), "no strapping pin"),
    ("strapping", add(C3, 2, reset_level="low", pull="down", pull_by="R1"), "must be high"),
    ("strapping", add(C3, 2, reset_level="high"), "is floating at reset"),
    ("strapping-told", value(C3, "STRAPPING", []), "[8]"),
    ("wake", change(C3, "BUTTON", gpio=6), "GPIO6"),
    ("wake", change(OWN, "BUTTON", gpio=38), "GPIO38"),
    ("wake", value(OWN, "BUTTON_WAKES", "gpio"), "BUTTON_WAKES"),
    ("wake", change(C3, "ACCELEROMETER_INT", gpio=6), "ACCELEROMETER_INT"),
    ("wake-level", change(OWN, "BUTTON", active="high"), "ext0 at low"),
    ("wake-level", change(OWN, "ACCELEROMETER_INT", wake="ext0", active="low"), "one pin"),
    ("wake-held", change(OWN, "BUTTON", pull="chip", pull_by=""), "a resistor must"),
    ("wake-held", change(OWN, "ACCELEROMETER_INT", pull="none"), "nothing holds GPIO5"),
    ("wake-held", change(OWN, "gnss_pps", gpio=38, held=True), "GPIO38 cannot hold"),
    ("off-in-sleep", change(OWN, "MOTOR", pull="none", pull_by=""), "MOTOR: GPIO7"),
    ("off-in-sleep", change(OWN, "GNSS_ENABLE", active="low"), "GNSS_ENABLE"),
    ("pulls", change(OWN, "MOTOR", pull_by=""), "by nothing"),
    ("pulls", value(ESP32, "BUTTON_PULL_UP", False), "BUTTON_PULL_UP"),
    ("divided", change(OWN, "EXTERNAL_POWER", divider_ohm=(100_000, 300_000)), "4.12 V"),
    ("divided", change(OWN, "EXTERNAL_POWER", divider_ohm=(330_000, 330_000)), "2.20 to"),
    ("divided", change(OWN, "EXTERNAL_POWER", divider_ohm=None), "belong together"),
    ("uarts", replace(C3, uarts=(*C3.uarts, Uart(2, "x", 1, 2))), "no UART2"),
    ("uarts", replace(OWN, uarts=(*OWN.uarts, Uart(1, "x", 1, 2))), "UART1 is named 2 times"),
    ("uarts", replace(OWN, uarts=(*OWN.uarts, Uart(2, "x", 1, 2, 9))), "9 baud"),
    ("uarts", replace(OWN, uarts=(Uart(0, "x", 1, 2), OWN.uarts[1])), "UART0 is not on"),
    ("receiver", value(OWN, "GNSS_UART", 0), "console"),
    ("receiver", value(OWN, "GNSS_BAUD", 4800), "4800"),
    ("i2c", value(C3, "I2C", 1), "no I2C bus 1"),
    ("i2c", devices(0x19, 0x36, 0x36), "0x36 is named 2 times"),
    ("i2c", devices(0x19, 0x7C), "0x7c is reserved"),
    ("i2c", devices(0x36), "ACCELEROMETER_ADDRESS"),
    ("i2c-pulls", bus(pull_up_ohm=10_000), "10000 Ohm"),
    ("i2c-pulls", bus(pull_up_ohm=500), "500 Ohm"),
    ("i2c-pulls", bus(hz=1_000_000), "1000000 Hz"),
    ("rails", replace(OWN, loads=(*OWN.loads, Load("3V3", "heater", 100))), "471 mA"),
    ("rails", replace(OWN, loads=(Load("5V", "heater", 1),)), "5V must give"),
]


def test_each_rule_has_a_planted_fault() -> None:
    assert {name for name, _, _ in PLANTED} == {rule.name for rule in RULES}


@pytest.mark.parametrize(("name", "board", "said"), PLANTED, ids=lambda part: str(part)[:20])
def test_a_planted_fault_is_found(name: str, board: Board, said: str) -> None:
    found = [v.what for v in check(board) if v.rule.name == name]
    assert any(said in what for what in found), [str(v) for v in check(board)]


def test_a_violation_names_board_rule_and_source() -> None:
    told = str(check(change(OWN, "LED", gpio=33))[0])
    assert told.startswith("badge: flash: LED on GPIO33")
    assert told.endswith("(ESP-IDF, GPIO: SPI0/1)")


def test_every_rule_has_a_name_of_its_own_and_a_source() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source and rule.says for rule in RULES)


@given(st.sampled_from([OWN, ESP32, C3]), st.integers(-1, 60))
def test_a_motor_goes_where_a_plain_output_may_and_nowhere_else(board: Board, gpio: int) -> None:
    chip = CHIPS[board.chip]
    others = {pin.gpio for pin in board.pins if pin.function != "MOTOR"}
    taken = chip.flash | chip.usb | chip.console | chip.input_only | set(chip.strapping) | others
    free = chip.exist & MODULES[board.module] - taken
    assert (check(change(board, "MOTOR", gpio=gpio)) == []) == (gpio in free)


def rail(peak_ma: float) -> Callable[[Board], Board]:
    return lambda board: replace(
        board, rails=tuple(Rail(r.name, r.volts, r.source, peak_ma) for r in board.rails)
    )


@given(st.floats(1, 1_000))
def test_a_rail_is_enough_from_the_sum_of_its_loads_on(peak_ma: float) -> None:
    wanted = sum(load.peak_ma for load in OWN.loads)
    assert (check(rail(peak_ma)(OWN)) == []) == (peak_ma >= wanted)


@given(st.integers(100, 50_000), st.integers(10, 400))
def test_pull_ups_rise_in_time_and_can_be_pulled_low(ohm: int, picofarads: int) -> None:
    good = 2.9 / 3e-3 <= ohm <= 300e-9 / (0.8473 * picofarads * 1e-12)
    board = replace(OWN, i2c=replace(OWN.i2c, pull_up_ohm=ohm, bus_pf=picofarads))
    assert (check(board) == []) == good
