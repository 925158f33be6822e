"""Every board says all that a board says, and keeps the rules of its chip."""

import ast
import importlib
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from simulator.vm_script import firmware

BADGE = firmware() / "badge"
BOARDS = sorted(path.stem for path in (BADGE / "boards").glob("[a-z]*.py"))

OUTPUTS = ("MOTOR", "LED", "BUZZER", "GNSS_TX", "GNSS_ENABLE", "I2C_SDA", "I2C_SCL")
INPUTS = ("BUTTON", "GNSS_RX", "BATTERY_ADC", "EXTERNAL_POWER", "ACCELEROMETER_INT")
NO_PINS = {
    "CHIP", "BUTTON_PULL_UP", "BUTTON_WAKES", "LED_LIT", "GNSS_UART", "GNSS_BAUD",
    "BATTERY_DIVIDER", "I2C", "ACCELEROMETER_ADDRESS", "STRAPPING",
}  # fmt: skip


def span(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(pin for first, last in ranges for pin in range(first, last + 1))


class Chip(NamedTuple):
    """What the datasheet says of its pins; `taken`: by flash, PSRAM, USB and the console."""

    exist: frozenset[int]
    taken: frozenset[int]
    strapping: frozenset[int]
    input_only: frozenset[int]
    wake: frozenset[int]
    wakes_by: str
    adc1: frozenset[int]
    uarts: int


CHIPS = {
    # ESP32 series datasheet: 2.2 (pins), 3.1 (strapping: MTDI, GPIO0, GPIO2, MTDO, GPIO5),
    # 4.1.3 (ADC), 2.4 (RTC_GPIO); ESP-IDF GPIO chapter: 6-11 flash, 34-39 input without pulls.
    "esp32": Chip(
        exist=span((0, 19), (21, 23), (25, 27), (32, 39)),
        taken=span((6, 11), (1, 1), (3, 3)),
        strapping=frozenset({0, 2, 5, 12, 15}),
        input_only=span((34, 39)),
        wake=span((0, 0), (2, 2), (4, 4), (12, 15), (25, 27), (32, 39)),
        wakes_by="ext0",
        adc1=span((32, 39)),
        uarts=3,
    ),
    # ESP32-S3 series datasheet: 2 (pins), 3 (strapping); ESP-IDF GPIO chapter: 26-37 flash and
    # PSRAM, 19-20 USB; 43-44 UART0; RTC_GPIO0-21, ADC1 on 1-10.
    "esp32s3": Chip(
        exist=span((0, 21), (26, 48)),
        taken=span((26, 37), (19, 20), (43, 44)),
        strapping=frozenset({0, 3, 45, 46}),
        input_only=frozenset(),
        wake=span((0, 21)),
        wakes_by="ext0",
        adc1=span((1, 10)),
        uarts=3,
    ),
    # ESP32-C3 series datasheet: 2 (pins), 3 (strapping); ESP-IDF GPIO chapter: 12-17 flash (11 its
    # supply), 18-19 USB, 0-5 end deep sleep; 20-21 UART0; ADC1 on 0-4.
    "esp32c3": Chip(
        exist=span((0, 21)),
        taken=span((11, 17), (18, 19), (20, 21)),
        strapping=frozenset({2, 8, 9}),
        input_only=frozenset(),
        wake=span((0, 5)),
        wakes_by="gpio",
        adc1=span((0, 4)),
        uarts=2,
    ),
}


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(f"badge.boards.{request.param}")


def pins(board: ModuleType, names: tuple[str, ...]) -> dict[str, int]:
    found = {name: getattr(board, name) for name in names}
    return {name: pin for name, pin in found.items() if pin is not None}


def test_the_boards_that_are_promised_are_there() -> None:
    assert BOARDS == [
        "esp32_generic", "esp32c3_generic", "esp32s3_generic", "tbeam_v1_1", "tbeam_v1_2",
    ]  # fmt: skip


def test_a_board_says_all_that_a_board_says_and_nothing_else(board: ModuleType) -> None:
    wanted = {*OUTPUTS, *INPUTS, *NO_PINS}
    source = ast.parse(Path(board.__file__ or "").read_text())
    said = {
        target.id
        for statement in source.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    assert said - {"TYPE_CHECKING"} == wanted
    assert callable(board.power)


def test_every_name_of_a_board_is_explained() -> None:
    explained = importlib.import_module("badge.boards").__doc__ or ""
    missing = [name for name in (*OUTPUTS, *INPUTS, *NO_PINS) if name not in explained]
    assert missing == []


def test_a_pin_exists_is_free_and_has_one_use(board: ModuleType) -> None:
    chip = CHIPS[board.CHIP]
    used = pins(board, OUTPUTS + INPUTS)
    assert set(used.values()) <= chip.exist - chip.taken
    assert len(set(used.values())) == len(used), used


def test_an_input_only_pin_is_no_output_and_has_no_pull_up(board: ModuleType) -> None:
    chip = CHIPS[board.CHIP]
    assert not set(pins(board, OUTPUTS).values()) & chip.input_only
    assert not (board.BUTTON_PULL_UP and board.BUTTON in chip.input_only)


def test_a_strapping_pin_is_used_only_where_the_board_says_why(board: ModuleType) -> None:
    used = set(pins(board, OUTPUTS + INPUTS).values())
    assert used & CHIPS[board.CHIP].strapping == set(board.STRAPPING)
    # What a wearer presses, or what hums and shines, must not decide how the chip starts.
    named = pins(board, ("BUTTON", "MOTOR", "LED", "BUZZER", "ACCELEROMETER_INT"))
    assert not set(named.values()) & set(board.STRAPPING)


def test_the_button_and_the_accelerometer_end_deep_sleep(board: ModuleType) -> None:
    chip = CHIPS[board.CHIP]
    assert board.BUTTON in chip.wake
    assert chip.wakes_by == board.BUTTON_WAKES
    assert board.ACCELEROMETER_INT in chip.wake


def test_the_battery_is_measured_on_adc1_which_the_radio_leaves_alone(board: ModuleType) -> None:
    if board.BATTERY_ADC is not None:
        assert board.BATTERY_ADC in CHIPS[board.CHIP].adc1
        # 11 dB: to 2.45 V on the ESP32, 2.5 V on the C3, 2.9 V on the S3 (ADC characteristics).
        assert 4.2 / board.BATTERY_DIVIDER <= 2.45


def test_the_receiver_has_a_uart_that_is_not_the_console(board: ModuleType) -> None:
    assert 0 < board.GNSS_UART < CHIPS[board.CHIP].uarts


def test_no_pin_is_named_outside_the_boards() -> None:
    opened = {"Pin", "UART", "I2C", "SoftI2C", "ADC", "PWM"}
    pins = {"id", "tx", "rx", "sda", "scl"}
    for path in [*BADGE.glob("*.py"), *(BADGE.parent / "dongle").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                values = [*node.args, *(k.value for k in node.keywords if k.arg in pins)]
                numbers = [v.value for v in values if isinstance(v, ast.Constant)]
                named = name in opened and any(type(n) is int for n in numbers)
                assert not named, f"{path.name}:{node.lineno}"
