"""`python -m hardware`: what it prints and writes, and one line for each mistake."""

import csv
import sys
from pathlib import Path

import msgspec
import pytest

from hardware import __main__ as command
from hardware.board import load_board, load_boards
from hardware.rules import RULES


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Raises SystemExit, as the program does; its code is None or 0 when all is well."""
    monkeypatch.setattr(sys, "argv", ["hardware", *arguments])
    command.main()


def ran(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> str:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert not ended.value.code
    return capsys.readouterr().out


def test_boards_says_that_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ran(monkeypatch, capsys, "boards")
    assert f"{len(load_boards())} boards keep {len(RULES)} rules" in said


def test_boards_fails_with_a_line_for_what_breaks_a_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = msgspec.structs.replace(load_board("badge"), chip="z80")
    monkeypatch.setattr(command, "load_boards", lambda: [odd])
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "boards")
    assert ended.value.code == 1
    assert "badge: chip: z80 is none of esp32" in capsys.readouterr().out


def test_bom_prints_the_totals_and_writes_a_csv(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = ran(monkeypatch, capsys, "bom")
    assert "one badge" in said
    text = (tmp_path / "build" / "hardware" / "bom.csv").read_text()
    assert len(list(csv.reader(text.splitlines()))) > 40


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("rules",), "UM10204"),
        (("pins", "badge"), "ACCELEROMETER_INT"),
        (("wiring", "tbeam_v1_2"), "GPIO25"),
        (("currents",), "glenn20"),
        (("tables",), "| heartbeat |"),
        (("power", "--heartbeat-s", "600", "--alerts", "1"), "90 days need a heartbeat every"),
        (("power", "tbeam_v1_1", "--cell-mah", "3000"), "3000 mAh last"),
    ],
)
def test_a_command_shows_its_table(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    shown: str,
) -> None:
    assert shown in ran(monkeypatch, capsys, *arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("pins", "toaster"), "hardware: no board 'toaster': choose one of badge"),
        (("wiring", "badge"), "hardware: badge has nothing to wire"),
        (("power", "toaster"), "hardware: no power figures of 'toaster'"),
    ],
)
def test_a_mistake_is_one_line(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert str(ended.value.code).startswith(told)
    assert "\n" not in str(ended.value.code)
