"""hardware/boards is the source of truth: the firmware says the same, and the rules are kept."""

import importlib
from types import ModuleType

import pytest

from hardware.board import Board, board_names, load_board, load_boards, parse_board
from hardware.errors import HardwareError
from hardware.rules import check
from hardware.rules.chips import CHIPS
from simulator.vm_script import firmware
from tests.badge.test_boards import NAMES

BOARDS = load_boards()


@pytest.fixture(params=BOARDS, ids=lambda board: board.name)
def board(request: pytest.FixtureRequest) -> Board:
    found: Board = request.param
    return found


def in_firmware(board: Board) -> ModuleType:
    return importlib.import_module(f"badge.boards.{board.firmware}")


def test_every_board_of_the_firmware_has_its_data_and_the_other_way_round() -> None:
    files = {path.stem for path in (firmware() / "badge" / "boards").glob("[a-z]*.py")}
    assert {board.firmware for board in BOARDS} == files


def test_the_firmware_says_what_the_data_says(board: Board) -> None:
    told = board.firmware_names
    assert {name: getattr(in_firmware(board), name) for name in told} == told
    assert set(told) == NAMES


def test_a_board_keeps_the_rules_of_its_chip(board: Board) -> None:
    assert [str(violation) for violation in check(board)] == []


def test_a_board_is_named_as_its_file() -> None:
    assert [board.name for board in BOARDS] == board_names()


def test_what_a_board_says_is_from_somewhere(board: Board) -> None:
    assert board.sources


def test_who_builds_from_a_shop_is_told_every_wire(board: Board) -> None:
    if board.kind == "own":
        assert not board.wiring
        return
    led_out = {pin.function: f"GPIO{pin.gpio}" for pin in board.pins}
    told = " ".join(f"{wire.start} {wire.end}" for wire in board.wiring)
    # What is on a T-Beam already: button, receiver, cell. A buzzer and an LED are as one likes.
    functions = {"MOTOR", "I2C_SDA", "I2C_SCL", "ACCELEROMETER_INT"}
    if board.kind == "bench":
        functions |= {"BUTTON", "GNSS_TX", "GNSS_RX", "GNSS_ENABLE", "BATTERY_ADC"}
    assert [name for name in sorted(functions) if led_out[name] not in told.split(" ")] == []


def test_our_own_board_has_more_pins_in_use_than_the_c3_has_free() -> None:
    own, c3 = load_board("badge"), CHIPS["esp32c3"]
    free = c3.exist - c3.flash - c3.usb - c3.console - set(c3.strapping)
    assert len(free) == 8
    assert len(own.firmware_pins) == 10


def test_an_unknown_board_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(HardwareError, match="no board 'toaster': choose one of badge, esp32"):
        load_board("toaster")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"name = [", "odd.toml: "),
        (b"nmae = 'x'", "odd.toml: Object"),
        (b"name = 3", "odd.toml: Expected `str`"),
    ],
)
def test_a_file_that_is_no_board_is_refused_by_its_name(text: bytes, told: str) -> None:
    with pytest.raises(HardwareError) as refused:
        parse_board(text, "odd.toml")
    assert str(refused.value).startswith(told)
