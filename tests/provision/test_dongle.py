"""tocsin-badge flash --dongle: a hub's USB radio on a bare board, and its updates."""

import contextlib
import os
import select
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from provision.release import find_source
from simulator.board import Board
from tests.provision.conftest import Fleet, Outcome, Tool, provision
from tests.provision.test_open_event import in_the_middle_of
from wire.frame import KIND_SOS, PHASE_RAISED, to_advertisement
from wire.link import LINK_VERSION, Advert, Hello, Message, Receiver

M = TypeVar("M", bound=Message)
PATIENCE_S = 30.0
ADDRESS = bytes.fromhex("4a0102030405")
PAYLOAD = to_advertisement(bytes(range(24)))


class Hub:
    """Has the port open; hears what the dongle says."""

    def __init__(self, port: str) -> None:
        self.receiver = Receiver()
        self._port = os.open(port, os.O_RDWR | os.O_NOCTTY)

    def say(self, message: Message) -> None:
        os.write(self._port, b"\0" + message.frame())

    def next(self, kind: type[M]) -> M:
        """Raises TimeoutError when none comes."""
        end_s = time.monotonic() + PATIENCE_S
        while select.select([self._port], [], [], max(0, end_s - time.monotonic()))[0]:
            for message in self.receiver.feed(os.read(self._port, 4096)):
                if isinstance(message, kind):
                    return message
        raise TimeoutError(f"no {kind.__name__}")

    def close(self) -> None:
        os.close(self._port)


@contextlib.contextmanager
def hub_at(board: Board) -> Iterator[Hub]:
    hub = Hub(board.port)
    yield hub
    hub.close()


def relays(board: Board) -> bool:
    """Whether it answers a hub's hello and relays what it hears."""
    with hub_at(board) as hub:
        hub.say(Hello(LINK_VERSION, 0xFFFF, "hub"))
        assert hub.next(Hello).company == 0xFFFF
        board.tell(f"heard 1 {ADDRESS.hex()} 0 -60 {PAYLOAD.hex()}")
        advert = hub.next(Advert)
    return (advert.address, advert.rssi, advert.payload) == (ADDRESS, -60, PAYLOAD)


@contextlib.contextmanager
def dongle(tool: Tool, fleet: Fleet, source: Path) -> Iterator[Board]:
    """One that runs."""
    with Board(fleet.board) as board:
        flashed = tool("flash", "--dongle", "--port", board.port, "--source", source)
        assert (flashed.code, flashed.error) == (0, "")
        board.wait_for("scan")
        yield board


def newer_dongle(source: Path, target: Path, line: str) -> Path:
    shutil.copytree(source, target)
    module = target / "dongle" / "hearing.py"
    module.write_text(f"{module.read_text()}\n{line}\n")
    return target


def test_a_bare_board_becomes_a_dongle_that_relays_to_a_hub(
    tool: Tool, bare: Fleet, source: Path
) -> None:
    with Board(bare.board) as board:
        flashed = tool("flash", "--dongle", "--port", board.port, "--source", source)
        assert (flashed.code, flashed.error) == (0, "")
        assert "are on the dongle, checked by hash" in flashed.out
        assert "next: plug it into a hub" in flashed.out
        assert "provision" not in flashed.out
        board.wait_for("scan")
        assert relays(board)


def test_its_first_hello_comes_whole_although_micropython_spoke_before_it(
    tool: Tool, bare: Fleet, source: Path
) -> None:
    with dongle(tool, bare, source) as board:
        board.unplug()
        board.plug_in()
        with hub_at(board) as hub:
            assert hub.next(Hello).version == LINK_VERSION


def test_a_running_dongle_is_updated_and_remains_one(
    tool: Tool, bare: Fleet, source: Path, tmp_path: Path
) -> None:
    with dongle(tool, bare, source) as board:
        newer = newer_dongle(source, tmp_path / "newer", "NEW = 1")
        updated = tool("flash", "--port", board.port, "--source", newer)
        assert (updated.code, updated.error) == (0, "")
        assert "to slot b" in updated.out
        assert "has started" in updated.out
        assert bare.board.read("fw/slot") == b"b"
        assert relays(board)
        again = tool("flash", "--port", board.port, "--source", newer)
        assert "already" in again.out
        board.wait_for("scan")
        assert relays(board)


def test_an_update_that_cannot_start_gives_way_to_the_old_dongle(
    tool: Tool, bare: Fleet, source: Path, tmp_path: Path
) -> None:
    with dongle(tool, bare, source) as board:
        newer = newer_dongle(source, tmp_path / "newer", 'raise ValueError("no")')
        failed = tool("flash", "--port", board.port, "--source", newer)
        assert failed.code == 2
        assert "did not start (ValueError: no); the old one runs again" in failed.error
        board.wait_for("scan")
        assert relays(board)


def test_a_first_firmware_that_cannot_start_is_told(
    tool: Tool, bare: Fleet, source: Path, tmp_path: Path
) -> None:
    broken = newer_dongle(source, tmp_path / "broken", 'raise ValueError("no")')
    with Board(bare.board) as board:
        failed = tool("flash", "--dongle", "--port", board.port, "--source", broken)
    assert failed.code == 2
    assert "the firmware does not start: ValueError: no" in failed.error


def test_a_cable_pulled_in_the_middle_leaves_the_old_dongle_and_the_next_run_goes_on(
    tool: Tool, bare: Fleet, source: Path, tmp_path: Path
) -> None:
    with dongle(tool, bare, source):
        pass
    newer = newer_dongle(source, tmp_path / "newer", "NEW = 1")
    with Board(bare.board, cut_at=40) as board:
        cut = tool("flash", "--port", board.port, "--source", newer)
    assert cut.code == 2
    assert "it goes on where it stopped" in cut.error
    with Board(bare.board) as board:
        board.wait_for("scan")
        assert relays(board)
        resumed = tool("flash", "--port", board.port, "--source", newer)
        assert (resumed.code, resumed.error) == (0, "")
        sent, _, whole = resumed.out.split("sending ")[1].split(" files")[0].split(" ")
        assert 0 < int(sent) < int(whole)
        assert relays(board)


def test_a_cable_pulled_by_hand_while_a_bare_board_is_flashed_costs_a_second_run(
    tool: Tool, bare: Fleet, source: Path
) -> None:
    said: list[Outcome] = []
    with Board(bare.board) as board:
        options = ("flash", "--dongle", "--port", board.port, "--source", source)
        flashing = threading.Thread(target=lambda: said.append(tool(*options)))
        flashing.start()
        for _ in range(60):
            board.wait_for("flash")
        board.unplug()
        flashing.join()
    assert said[0].code == 2
    with dongle(tool, bare, source) as board:
        assert relays(board)


def test_list_shows_a_dongle_as_one(
    tool: Tool, bare: Fleet, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dongle(tool, bare, source) as board:
        monkeypatch.setenv("TOCSIN_PORTS", board.port)
        listed = tool("list")
        board.wait_for("scan")
        assert relays(board)
    assert "│ dongle, firmware 0.1.0" in listed.out


@pytest.mark.parametrize(
    "command", [("check",), ("log",), ("config", "get"), ("provision", "--wearer", "Asha N.")]
)
def test_what_only_a_badge_has_is_refused_by_name(
    tool: Tool, bare: Fleet, source: Path, command: tuple[str, ...]
) -> None:
    with dongle(tool, bare, source) as board:
        if command[0] == "provision":
            failed = provision(board, bare, "--new-fleet")
        else:
            failed = tool(*command, "--port", board.port)
    assert failed.code == 2
    assert "is a dongle, which has none of this; to make a badge of it" in failed.error
    assert not bare.registry.exists()


def test_a_badge_of_a_fleet_becomes_a_dongle_by_force_alone_and_loses_its_keys(
    tool: Tool, fleet: Fleet, badge: Board, source: Path
) -> None:
    options = ("--port", badge.port, "--source", source)
    failed = tool("flash", "--dongle", *options)
    assert failed.code == 2
    assert "is badge 1: a dongle calls for nobody, and its keys would be gone" in failed.error
    assert len(failed.error.splitlines()) == 1
    assert badge.wait_for("adv")
    turned = tool("flash", "--dongle", "--force", *options)
    assert (turned.code, turned.error) == (0, "")
    assert "it was a badge, and becomes a dongle" in turned.out
    assert "the keys of badge 1 are gone from it; remove that number" in turned.out
    assert "identity" not in fleet.board.nvs.read_text()
    badge.wait_for("scan")
    assert relays(badge)


def test_a_dongle_becomes_a_badge_when_that_is_said(tool: Tool, bare: Fleet, source: Path) -> None:
    with dongle(tool, bare, source) as board:
        turned = tool("flash", "--badge", "--port", board.port, "--source", source)
        assert (turned.code, turned.error) == (0, "")
        assert "it was a dongle, and becomes a badge" in turned.out
        assert "next: tocsin-badge provision" in turned.out
        assert provision(board, bare, "--new-fleet").code == 0
        assert board.wait_for("adv")
        back = tool("flash", "--dongle", "--force", "--port", board.port, "--source", source)
        assert (back.code, back.error) == (0, "")
        assert relays(board)


def test_a_badge_whose_dongle_firmware_cannot_start_is_that_badge_again(
    tool: Tool, fleet: Fleet, badge: Board, source: Path, tmp_path: Path
) -> None:
    before = fleet.identity
    broken = newer_dongle(source, tmp_path / "broken", 'raise ValueError("no")')
    options = ("--dongle", "--force", "--port", badge.port, "--source", broken)
    failed = tool("flash", *options)
    assert failed.code == 2
    assert "the old one runs again" in failed.error
    assert fleet.identity == before
    assert badge.wait_for("adv")


def test_a_board_definition_is_no_matter_of_a_dongle(tool: Tool, bare: Fleet, source: Path) -> None:
    with Board(bare.board) as board:
        options = ("--board", "esp32_generic", "--port", board.port, "--source", source)
        failed = tool("flash", "--dongle", *options)
    assert failed.code == 2
    assert "--board: a dongle has no parts that differ; leave it out" in failed.error


def test_a_chip_without_bluetooth_is_refused(tool: Tool, bare: Fleet, source: Path) -> None:
    with Board(bare.board, chip="ESP32S2") as board:
        failed = tool("flash", "--dongle", "--port", board.port, "--source", source)
    assert failed.code == 2
    assert "wrong chip: ESP32S2, and the firmware is for ESP32, ESP32C3, ESP32S3" in failed.error


def test_a_badge_with_an_open_event_is_not_flashed_but_by_force(
    tool: Tool, fleet: Fleet, newer: Callable[[str], Path]
) -> None:
    in_the_middle_of(fleet, KIND_SOS, PHASE_RAISED)
    source = newer("NEW = 1")
    with Board(fleet.board) as board:
        board.wait_for("adv")
        failed = tool("flash", "--port", board.port, "--source", source)
        assert failed.code == 2
        assert "has an open event (event 3: sos, raised): while it is updated" in failed.error
        assert len(failed.error.splitlines()) == 1
        done = tool("flash", "--force", "--port", board.port, "--source", source)
        assert (done.code, done.error) == (0, "")
        assert board.wait_for("adv")


def test_with_an_open_event_not_even_a_base_image_is_written(
    tool: Tool, fleet: Fleet, tmp_path: Path
) -> None:
    image = tmp_path / "base.bin"
    image.write_bytes(b"\xe9" + bytes(63))
    in_the_middle_of(fleet, KIND_SOS, PHASE_RAISED)
    with Board(fleet.board) as board:
        board.wait_for("adv")
        failed = tool("flash", "--image", image, "--port", board.port)
    assert failed.code == 2
    assert "has an open event" in failed.error


def test_the_installed_firmware_has_a_dongle() -> None:
    assert (find_source() / "dongle" / "app.py").exists()
