"""Every board says all that a board says. Its pins: tests/hardware/test_boards.py."""

import ast
import importlib
from pathlib import Path
from types import ModuleType

import pytest

from simulator.vm_script import firmware

BADGE = firmware() / "badge"
BOARDS = sorted(path.stem for path in (BADGE / "boards").glob("[a-z]*.py"))

NAMES = {
    "BUTTON", "MOTOR", "LED", "BUZZER", "GNSS_TX", "GNSS_RX", "GNSS_ENABLE", "I2C_SDA", "I2C_SCL",
    "BATTERY_ADC", "EXTERNAL_POWER", "ACCELEROMETER_INT", "CHIP", "BUTTON_PULL_UP", "BUTTON_WAKES",
    "LED_LIT", "GNSS_UART", "GNSS_BAUD", "BATTERY_DIVIDER", "I2C", "ACCELEROMETER_ADDRESS",
    "STRAPPING",
}  # fmt: skip


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(f"badge.boards.{request.param}")


def test_the_boards_that_are_promised_are_there() -> None:
    assert BOARDS == [
        "badge_r1", "esp32_generic", "esp32c3_generic", "esp32s3_generic", "tbeam_v1_1",
        "tbeam_v1_2",
    ]  # fmt: skip


def test_a_board_says_all_that_a_board_says_and_nothing_else(board: ModuleType) -> None:
    source = ast.parse(Path(board.__file__ or "").read_text())
    said = {
        target.id
        for statement in source.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    assert said - {"TYPE_CHECKING"} == NAMES
    assert callable(board.power)


def test_every_name_of_a_board_is_explained() -> None:
    explained = importlib.import_module("badge.boards").__doc__ or ""
    assert [name for name in sorted(NAMES) if name not in explained] == []


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
