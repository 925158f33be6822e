"""The badge's log: a ring on flash that a power cut shortens by a line at most."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.log import FILE_BYTES, LINE_CHARACTERS, Log

LINES = st.lists(st.text(max_size=200), max_size=120)


def as_kept(text: str) -> str:
    return "".join(c if c >= " " else " " for c in text[:LINE_CHARACTERS])


@given(lines=LINES, restarts=st.sets(st.integers(0, 119)))
def test_the_latest_lines_are_kept_in_order_through_any_restarts(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], restarts: set[int]
) -> None:
    directory = str(tmp_path_factory.mktemp("log"))
    log = Log(directory)
    for at, line in enumerate(lines):
        log = Log(directory) if at in restarts else log
        assert log.write(line)
    kept = list(Log(directory).lines())
    assert kept == [as_kept(line) for line in lines][len(lines) - len(kept) :]
    bytes_kept = sum(len(line.encode()) + 1 for line in kept)
    assert len(kept) == len(lines) or bytes_kept > FILE_BYTES - 5 * LINE_CHARACTERS


def test_the_log_never_takes_more_than_two_files_of_their_size(tmp_path: Path) -> None:
    log = Log(str(tmp_path))
    for number in range(1000):
        log.write(f"line {number}")
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= FILE_BYTES


@given(damage=st.binary(max_size=60))
def test_a_damaged_file_costs_its_lines_and_no_more(
    tmp_path_factory: pytest.TempPathFactory, damage: bytes
) -> None:
    directory = tmp_path_factory.mktemp("log")
    log = Log(str(directory))
    while not (directory / "log.1").exists() or not (directory / "log.0").exists():
        log.write("x" * 100)
    (directory / "log.1").write_bytes(damage)
    log = Log(str(directory))
    assert log.write("after it")
    assert "after it" in list(log.lines())


def test_a_flash_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    assert not Log(str(tmp_path / "missing")).write("a line")
