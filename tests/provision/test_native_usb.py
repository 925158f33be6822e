"""Chips whose USB is their own: the port goes with each reset, and comes back."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provision.ports import Device, await_device, find_again
from simulator.board import Board
from simulator.usb_cable import NativeUsb
from tests.provision.conftest import Fleet, Tool, provision
from tests.provision.test_dongle import newer_dongle, relays

Newer = Callable[[str], Path]
KNOWN = [
    Device("/dev/ttyACM1", "1-1:1.0", "a0b1"),
    Device("/dev/ttyUSB0", "1-2:1.0", None),
    Device("/dev/ttyACM2", "1-3:1.0", "a0b2"),
]


def plugged(fleet: Fleet, until: str = "boot") -> Board:
    return Board(fleet.board, native=NativeUsb(fleet.directory / "ttyACM0", until))


@pytest.mark.parametrize(
    ("device", "found"),
    [
        (Device("/dev/ttyACM0", "1-1:1.0", "a0b1"), "/dev/ttyACM1"),
        (Device("/dev/ttyACM0", "1-1:1.0", "another"), "/dev/ttyACM1"),  # in its loader
        (Device("/dev/ttyACM0", "1-9:1.0", "a0b2"), "/dev/ttyACM2"),  # in another socket
        (Device("/dev/ttyACM0", "1-9:1.0", None), None),
        (Device("/dev/ttyACM0", "1-9:1.0", "gone"), None),
        (Device("/nowhere", None, None), None),
        (Device(os.devnull, None, None), os.devnull),
    ],
)
def test_a_device_is_known_by_its_socket_or_its_number(device: Device, found: str | None) -> None:
    assert find_again(device, KNOWN) == found


def test_a_port_that_goes_with_the_reset_is_waited_for(tmp_path: Path) -> None:
    port = tmp_path / "ttyACM0"
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 5:
            port.touch()

    assert next(await_device(Device(str(port), None, None), wait)) == str(port)
    assert len(waited) == 5
    waited.clear()
    assert list(await_device(Device(str(tmp_path / "never"), None, None), waited.append)) == []
    assert 9 < sum(waited) < 12


def test_flash_and_all_after_it_find_the_board_again(
    tool: Tool, bare: Fleet, source: Path, newer: Newer
) -> None:
    with plugged(bare) as board:
        options = ("--source", source, "--board", "esp32_generic")
        flashed = tool("flash", "--port", board.port, *options)
        assert (flashed.code, flashed.error) == (0, "")
        assert "board = esp32_generic" in flashed.out
        assert provision(board, bare, "--new-fleet").code == 0
        assert tool("config", "set", "covert", "off", "--port", board.port).code == 0
        updated = tool("flash", "--port", board.port, "--source", newer("NEW = 1"))
        assert (updated.code, updated.error) == (0, "")
        assert "has started" in updated.out


@pytest.mark.usefixtures("impatient")
def test_a_start_that_nobody_could_hear_is_looked_up(
    tool: Tool, fleet: Fleet, newer: Newer
) -> None:
    with plugged(fleet, until="wakeon") as board:
        updated = tool("flash", "--port", board.port, "--source", newer("NEW = 1"))
        assert (updated.code, updated.error) == (0, "")
        assert fleet.board.read("fw/slot") == b"b"


@pytest.mark.usefixtures("impatient")
def test_a_failure_that_nobody_could_hear_is_looked_up(
    tool: Tool, fleet: Fleet, newer: Newer
) -> None:
    with plugged(fleet, until="adv") as board:
        failed = tool("flash", "--port", board.port, "--source", newer("raise ValueError"))
        assert failed.code == 2
        assert "the new firmware did not start" in failed.error
        assert "the old one runs again" in failed.error
        assert board.wait_for("adv")


def test_a_dongle_is_found_again_too(tool: Tool, bare: Fleet, source: Path, tmp_path: Path) -> None:
    with plugged(bare, until="feed") as board:
        flashed = tool("flash", "--dongle", "--port", board.port, "--source", source)
        assert (flashed.code, flashed.error) == (0, "")
        newer = newer_dongle(source, tmp_path / "newer", "NEW = 1")
        updated = tool("flash", "--port", board.port, "--source", newer)
        assert (updated.code, updated.error) == (0, "")
        assert relays(board)


@pytest.mark.usefixtures("gone")
def test_a_board_that_does_not_come_back_is_told(tool: Tool, fleet: Fleet, newer: Newer) -> None:
    with plugged(fleet, until="never") as board:
        failed = tool("flash", "--port", board.port, "--source", newer("NEW = 1"))
    assert failed.code == 2
    assert "was gone before it started; plug it in" in failed.error
