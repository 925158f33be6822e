"""Which badge is meant, and what to do when it is not there."""

import os
import subprocess
import sys

import pytest

from provision.errors import PortError
from provision.link import Link
from provision.ports import Port, choose_port
from simulator.badge_files import BadgeFiles
from simulator.board import Board, make_bare
from tests.provision.conftest import Fleet, Tool


def test_the_only_badge_is_taken() -> None:
    ports = [Port("/dev/ttyUSB0", "CP2104", likely=True), Port("/dev/ttyACM0", "modem", False)]
    assert choose_port(None, ports) == "/dev/ttyUSB0"


def test_no_badge_is_told() -> None:
    with pytest.raises(PortError, match="no badge found; plug one in, or name its port"):
        choose_port(None, [Port("/dev/ttyACM0", "modem", likely=False)])


def test_with_several_badges_one_must_be_chosen(
    tool: Tool, fleet: Fleet, badge: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Board(make_bare(BadgeFiles(fleet.directory / "other"))) as other:
        monkeypatch.setenv("TOCSIN_PORTS", f"{badge.port}{os.pathsep}{other.port}")
        failed = tool("check")
        assert failed.code == 2
        assert f"several badges: {badge.port}, {other.port}; choose one" in failed.error
        listed = tool("list").out
    assert "badge 1 (fleet key 0), firmware" in listed
    assert "no firmware, MicroPython" in listed


def test_a_port_that_is_not_there_is_told(tool: Tool) -> None:
    failed = tool("check", "--port", "/dev/ttyUSB99")
    assert failed.code == 2
    assert "/dev/ttyUSB99: no such port; run tocsin-badge list" in failed.error


@pytest.mark.parametrize("path", ["/dev/null", "/etc/hostname"])
def test_what_is_no_serial_port_is_told(tool: Tool, path: str) -> None:
    failed = tool("check", "--port", path)
    assert failed.code == 2
    assert f"{path}: no serial port; run tocsin-badge list" in failed.error


def test_list_shows_a_port_that_has_gone(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PORTS", "/dev/ttyUSB99")
    assert "no such port  │" in tool("list").out


def test_a_busy_badge_is_told(tool: Tool, badge: Board) -> None:
    with Link(badge.port):
        failed = tool("check", "--port", badge.port)
    assert failed.code == 2
    assert "another program uses it; close that one" in failed.error


def test_what_does_not_answer_is_told(tool: Tool) -> None:
    ours, theirs = os.openpty()
    failed = tool("check", "--port", os.ttyname(theirs))
    os.close(ours)
    os.close(theirs)
    assert failed.code == 2
    assert "nothing there answers as MicroPython" in failed.error


def test_the_command_itself_works_in_a_process_of_its_own(badge: Board) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "provision", "list"],
        env={**os.environ, "TOCSIN_PORTS": badge.port, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "badge 1 (fleet key 0), firmware" in done.stdout
    assert badge.wait_for("adv")  # and the badge goes on
