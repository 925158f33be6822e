"""tocsin-badge flash: the firmware on the board, whole, and never without a way back."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from mpremote.transport import TransportExecError
from mpremote.transport_serial import SerialTransport

from simulator.board import Board, make_bare
from tests.provision.conftest import Fleet, Tool, provision

Newer = Callable[[str], Path]

FILL = """\
n = 0
while True:
    with open("/recording.%d" % n, "wb") as file:
        file.write(bytes(4096))
    n += 1
"""


def test_a_bare_board_becomes_a_badge_that_is_on_the_air(
    tool: Tool, bare: Fleet, source: Path
) -> None:
    with Board(bare.board) as board:
        options = ("--source", source, "--board", "esp32_generic")
        flashed = tool("flash", "--port", board.port, *options)
        assert (flashed.code, flashed.error) == (0, "")
        assert "board = esp32_generic" in flashed.out
        assert "are on the badge, checked by hash" in flashed.out
        assert "next: tocsin-badge provision" in flashed.out
        assert provision(board, bare, "--new-fleet").code == 0
        assert board.wait_for("adv")


def test_a_firmware_that_is_there_is_not_sent_again(tool: Tool, badge: Board, source: Path) -> None:
    again = tool("flash", "--port", badge.port, "--source", source)
    assert again.code == 0
    assert "already" in again.out
    assert badge.wait_for("adv")


def test_an_update_goes_beside_the_old_one_and_sends_only_what_differs(
    tool: Tool, badge: Board, newer: Newer
) -> None:
    first = tool("flash", "--port", badge.port, "--source", newer("NEW = 1"))
    assert first.code == 0, first.error
    assert "to slot b" in first.out
    second = tool("flash", "--port", badge.port, "--source", newer("NEW = 2"))
    assert second.code == 0, second.error
    assert "sending 2 of " in second.out  # the module, and the mark of the release
    assert "to slot a" in second.out
    assert badge.wait_for("adv")


def test_a_firmware_that_cannot_start_gives_way_to_the_old_one(
    tool: Tool, badge: Board, newer: Newer
) -> None:
    failed = tool("flash", "--port", badge.port, "--source", newer("raise ValueError"))
    assert failed.code == 2
    assert "did not start (ValueError:); the old one runs again" in failed.error
    assert badge.wait_for("adv")


def test_a_firmware_whose_parts_die_after_its_first_frame_gives_way_to_the_old_one(
    tool: Tool, badge: Board, newer: Newer
) -> None:
    source = newer("NEW = 1")
    part = source / "badge" / "gnss.py"
    begun = part.read_text()
    part.write_text(begun.replace("await self._on.wait()", 'raise ValueError("a part")'))
    assert part.read_text() != begun
    failed = tool("flash", "--port", badge.port, "--source", source)
    assert failed.code == 2
    assert "did not start (ValueError: a part); the old one runs again" in failed.error
    assert badge.wait_for("adv")


def test_a_firmware_that_goes_to_sleep_before_it_has_spoken_gives_way_to_the_old_one(
    tool: Tool, badge: Board, newer: Newer
) -> None:
    source = newer("import machine\nmachine.deepsleep(100)")
    failed = tool("flash", "--port", badge.port, "--source", source)
    assert failed.code == 2
    assert "did not start" in failed.error
    assert badge.wait_for("adv")


def test_an_interrupted_flash_goes_on_where_it_stopped(
    tool: Tool, bare: Fleet, source: Path
) -> None:
    with Board(bare.board, cut_at=60) as board:
        cut = tool("flash", "--port", board.port, "--source", source)
    assert cut.code == 2
    assert "was unplugged" in cut.error
    assert "it goes on where it stopped" in cut.error
    with Board(bare.board) as board:
        resumed = tool("flash", "--port", board.port, "--source", source)
        assert resumed.code == 0, resumed.error
    sent, _, whole = resumed.out.split("sending ")[1].split(" files")[0].split(" ")
    assert 0 < int(sent) < int(whole) - 5


def test_a_full_flash_is_told_and_the_old_firmware_still_starts(
    tool: Tool, fleet: Fleet, badge: Board, newer: Newer
) -> None:
    run_on(badge, FILL)
    failed = tool("flash", "--port", badge.port, "--source", newer("NEW = 1"))
    assert failed.code == 2
    assert "flash is full" in failed.error
    assert len(failed.error.splitlines()) == 1
    assert badge.wait_for("adv")


def test_a_wrong_chip_is_told_before_anything_is_written(
    tool: Tool, bare: Fleet, source: Path
) -> None:
    with Board(bare.board, chip="ESP32H2") as board:
        board.wait_for("boot")  # which has formatted the flash
        empty = bare.board.image.read_bytes()
        failed = tool("flash", "--port", board.port, "--source", source)
    assert failed.code == 2
    assert "wrong chip: ESP32H2" in failed.error
    assert bare.board.image.read_bytes() == empty


def test_a_board_definition_for_another_chip_is_refused(tool: Tool, badge: Board) -> None:
    failed = tool("flash", "--port", badge.port, "--board", "esp32c3_generic")
    assert failed.code == 2
    assert "wrong chip: ESP32, and the firmware is for ESP32C3" in failed.error


def test_a_firmware_that_does_not_compile_is_named(tool: Tool, badge: Board, newer: Newer) -> None:
    failed = tool("flash", "--port", badge.port, "--source", newer("def ("))
    assert failed.code == 2
    assert "signals.py: does not compile for the badge" in failed.error
    assert badge.wait_for("adv")


def test_a_small_flash_is_told(tool: Tool, bare: Fleet, source: Path) -> None:
    make_bare(bare.board, blocks=16)
    with Board(bare.board) as board:
        failed = tool("flash", "--port", board.port, "--source", source)
    assert failed.code == 2
    assert "flash is full" in failed.error


def run_on(board: Board, code: str) -> None:
    transport = SerialTransport(board.port, timeout=1)
    transport.enter_raw_repl(soft_reset=True)
    with contextlib.suppress(TransportExecError):
        transport.exec(code)
    transport.close()
