"""A fleet's files, a board on a pty, and the tool that works on both."""

import contextlib
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from provision import ports, start
from provision.__main__ import main
from provision.release import find_source
from simulator.badge_files import BadgeFiles
from simulator.board import Board, make_bare

WEARER = "Asha N."


class Outcome(NamedTuple):
    code: int
    out: str
    error: str


class Fleet(NamedTuple):
    """The directory of one fleet, and one of its boards."""

    directory: Path

    @property
    def registry(self) -> Path:
        return self.directory / "registry.toml"

    @property
    def desk(self) -> Path:
        return self.directory / "desk.toml"

    @property
    def board(self) -> BadgeFiles:
        return BadgeFiles(self.directory / "board")

    @property
    def identity(self) -> str:
        """What the board keeps as its identity, in hexadecimal."""
        kept = json.loads(self.board.nvs.read_text())["tocsin"]["identity"]
        assert isinstance(kept, str)
        return kept


Tool = Callable[..., Outcome]


def run_tool(*arguments: object) -> Outcome:
    """tocsin-badge in this process: its exit code, and what it shows."""
    out, error = io.StringIO(), io.StringIO()
    code: object = 0
    before, sys.argv = sys.argv, ["tocsin-badge", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            main()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.argv = before
    return Outcome(code if isinstance(code, int) else 0, out.getvalue(), error.getvalue())


def provision(board: Board, fleet: Fleet, *more: object, wearer: str = WEARER) -> Outcome:
    paths = ("--registry", fleet.registry, "--desk", fleet.desk, "--labels", fleet.directory)
    return run_tool("provision", "--port", board.port, "--wearer", wearer, *paths, *more)


def next_frame(board: Board) -> bytes:
    """What it says next on the air; that it falls silent is passed over."""
    while (words := board.wait_for("adv"))[1] == "0":
        pass
    return bytes.fromhex(words[3])


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("TOCSIN_PORTS", raising=False)
    return run_tool


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that was said already is not waited for long."""
    monkeypatch.setattr(start, "_LATE_S", 1.0)


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that will never come back is not waited for long."""
    monkeypatch.setattr(ports, "_BACK_S", 1.0)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firmware as it is now, whatever happens to the tree while the tests run."""
    copy = tmp_path_factory.mktemp("firmware")
    for package in ("badge", "dongle", "wire"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(find_source() / package, copy / package, ignore=ignore)
    for name in ("main.py", "boot.py"):
        shutil.copy(find_source() / name, copy / name)
    return copy


@pytest.fixture
def newer(source: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A firmware that differs in one module, by a line that is added to it."""

    def make(line: str) -> Path:
        copy = tmp_path / f"firmware-{abs(hash(line))}"
        shutil.copytree(source, copy)
        module = copy / "badge" / "signals.py"
        module.write_text(f"{module.read_text()}\n{line}\n")
        return copy

    return make


@pytest.fixture
def bare(tmp_path: Path) -> Fleet:
    """A fleet of no badges yet, and a board as it comes with MicroPython."""
    fleet = Fleet(tmp_path / "fleet")
    make_bare(fleet.board)
    fleet.desk.write_text('# Our desk.\nfleet = "demo"  # the clinic\n')
    return fleet


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Path:
    fleet = Fleet(tmp_path_factory.mktemp("finished"))
    make_bare(fleet.board)
    fleet.desk.write_text('fleet = "demo"\n')
    with Board(fleet.board) as board:
        flashed = run_tool("flash", "--port", board.port, "--source", source)
        assert flashed.code == 0, flashed
        provisioned = provision(board, fleet, "--new-fleet")
        assert provisioned.code == 0, provisioned
        board.wait_for("adv")
    return fleet.directory


@pytest.fixture
def fleet(finished: Path, tmp_path: Path) -> Fleet:
    """A fleet whose badge 1 has been flashed and provisioned."""
    return Fleet(Path(shutil.copytree(finished, tmp_path / "fleet")))


@pytest.fixture
def badge(fleet: Fleet) -> Iterator[Board]:
    """That badge, plugged in."""
    with Board(fleet.board) as board:
        yield board
