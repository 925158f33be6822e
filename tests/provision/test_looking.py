"""tocsin-badge check, log and config: looking into a badge, and one value changed."""

import pytest

from simulator.board import Board
from tests.provision.conftest import Fleet, Tool


def test_a_healthy_badge_passes_its_self_test(tool: Tool, badge: Board) -> None:
    shown = tool("check", "--port", badge.port)
    assert shown.code == 0, shown
    assert "badge 1 (fleet key 0), firmware" in shown.out
    for part in ("motor", "LED", "accelerometer", "GNSS", "flash", "battery", "radio"):
        assert part in shown.out
    assert "3900 mV" in shown.out
    assert "fault" not in shown.out


def test_parts_that_do_not_answer_are_faults(tool: Tool, fleet: Fleet) -> None:
    with Board(fleet.board, hardware=(), receiver=b"") as board:
        shown = tool("check", "--port", board.port)
    assert shown.code == 1
    rows = [line for line in shown.out.splitlines() if "fault" in line]
    assert [row.split()[1] for row in rows] == ["accelerometer", "GNSS", "battery"]
    assert "nothing answers" in rows[0]
    assert "silent" in rows[1]
    assert "0 mV" in rows[2]


def test_the_badge_goes_on_after_a_look(tool: Tool, fleet: Fleet) -> None:
    with Board(fleet.board) as board:
        assert tool("log", "--port", board.port).code == 0
        assert board.wait_for("boot")
        assert board.wait_for("adv")


def test_a_badge_that_sleeps_is_woken_for_a_look(tool: Tool, badge: Board) -> None:
    badge.wait_for("deepsleep")
    shown = tool("config", "get", "covert", "--port", badge.port)
    assert (shown.code, shown.out) == (0, "covert = True\n")


def test_the_latest_lines_of_the_log_are_shown(tool: Tool, fleet: Fleet) -> None:
    fleet.board.write("log.0", b"1\nan old line\na line [/red] as it is\nthe last line\n")
    with Board(fleet.board) as board:
        shown = tool("log", "-n", "2", "--port", board.port)
    assert shown.out == "a line [/red] as it is\nthe last line\n"


def test_a_value_is_changed_and_kept(tool: Tool, badge: Board) -> None:
    assert tool("config", "set", "covert", "off", "--port", badge.port).code == 0
    assert tool("config", "get", "covert", "--port", badge.port).out == (
        "covert = False  (default True)\n"
    )
    assert badge.wait_for("adv")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("covet", "on", "covet: unknown key; this badge knows board, company, covert"),
        ("covert", "perhaps", "covert: 'perhaps' is none of true, yes, on, false, no, off"),
        ("hold_ms", "-5", "hold_ms: '-5' is no whole number from 300 to 10000, such as 1500"),
        ("hold_ms", "99999999999", "is no whole number from 300 to 10000"),
        ("heartbeat_ms", "0", "is no whole number from 1000 to 3600000"),
        ("company", "65536", "is no whole number from 0 to 65535"),
        ("debounce_ms", "²", "is no whole number from 1 to 200"),
        ("board", "toaster", "board: 'toaster' is none of badge_r1, esp32"),
    ],
)
def test_a_value_that_the_badge_would_not_take_is_refused(
    tool: Tool, badge: Board, key: str, value: str, told: str
) -> None:
    failed = tool("config", "set", "--port", badge.port, "--", key, value)
    assert failed.code == 2
    assert told in failed.error


def test_a_board_without_firmware_is_told_what_to_do(tool: Tool, bare: Fleet) -> None:
    with Board(bare.board) as board:
        failed = tool("check", "--port", board.port)
    assert failed.code == 2
    assert "no firmware there; run tocsin-badge flash first" in failed.error
