"""The simulated board is one to the real mpremote."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.badge_files import BadgeFiles
from simulator.board import Board, make_bare
from simulator.errors import SimulatorError

TIMEOUT_S = 30


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with Board(make_bare(BadgeFiles(tmp_path / "board"))) as board:
        yield board


def mpremote(board: Board, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", board.port, *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mpremote_runs_code_on_it(board: Board) -> None:
    assert mpremote(board, "exec", "import sys; print(sys.path)") == "['', '.frozen', '/lib']\n"
    assert mpremote(board, "resume", "eval", "6 * 7") == "42\n"


def test_its_parts_are_the_stand_ins(board: Board) -> None:
    code = "import machine, bluetooth, esp32, time; print(machine.unique_id()[0], time.sleep_ms(1))"
    assert mpremote(board, "exec", code) == "160 None\n"


def test_a_file_survives_the_cable(board: Board, tmp_path: Path) -> None:
    local = tmp_path / "there.bin"
    local.write_bytes(bytes(range(256)) * 20)
    mpremote(board, "fs", "cp", str(local), ":kept.bin")
    board.unplug()
    board.plug_in()
    mpremote(board, "fs", "cp", ":kept.bin", str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == local.read_bytes()
    assert board.files.read("kept.bin") == local.read_bytes()


def test_main_runs_after_a_reset_and_not_after_a_soft_reset_from_the_raw_repl(
    board: Board, tmp_path: Path
) -> None:
    for name in ("boot", "main"):
        (tmp_path / f"{name}.py").write_text(f"{name} = True\n")
        mpremote(board, "fs", "cp", str(tmp_path / f"{name}.py"), ":")
    seen = "with open('/seen', 'w') as file:\n    file.write('x')\n"
    (tmp_path / "main.py").write_text(seen)
    mpremote(board, "fs", "cp", str(tmp_path / "main.py"), ":")
    mpremote(board, "soft-reset", "exec", "import os; print('seen' in os.listdir('/'))")
    board.unplug()
    with pytest.raises(FileNotFoundError):
        board.files.read("seen")
    board.plug_in()
    mpremote(board, "resume", "exec", "--no-follow", "import machine; machine.reset()")
    mpremote(board, "resume", "exec", "1")
    assert board.files.read("seen") == b"x"


def test_a_program_that_never_waits_can_be_interrupted(board: Board, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("while True:\n    pass\n")
    mpremote(board, "fs", "cp", str(tmp_path / "main.py"), ":")
    board.unplug()
    board.plug_in()
    board.wait_for("boot")
    assert mpremote(board, "exec", "print(1)") == "1\n"


def test_the_key_value_store_keeps_what_was_committed_and_nothing_else(board: Board) -> None:
    store = "import esp32; n = esp32.NVS('x'); b = bytearray(4); "
    mpremote(board, "exec", store + "n.set_i32('kept', -5); n.set_blob('b', b'abc'); n.commit()")
    mpremote(board, "exec", store + "n.set_i32('lost', 5); n.erase_key('kept')")
    shown = mpremote(board, "exec", store + "print(n.get_i32('kept'), n.get_blob('b', b), b)")
    assert shown == "-5 3 bytearray(b'abc\\x00')\n"
    with pytest.raises(AssertionError, match="OSError"):
        mpremote(board, "exec", store + "n.get_i32('lost')")


def test_an_unplugged_board_has_no_port(board: Board) -> None:
    port = Path(board.port)
    assert port.exists()
    board.unplug()
    assert not port.exists()
    with pytest.raises(SimulatorError, match="not plugged in"):
        _ = board.port
