"""tocsin-badge flash --image: MicroPython on a bare chip, by the real esptool."""

import os
import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.base_image import write_image
from provision.errors import BoardError, LinkError, PortError
from provision.link import Link
from simulator.board import Board
from simulator.rom_loader import CHIPS, SECTOR, RomLoader, empty_flash
from simulator.slip import SlipReader, slip
from tests.provision.conftest import Fleet, Tool, provision

OFFSETS = {"ESP32": 0x1000, "ESP32C3": 0, "ESP32S3": 0}
FILES = 0x200000  # where MicroPython keeps its files, keys before it


def base_image(path: Path, chip: str, length: int = 300_000) -> Path:
    """An image in form: header and, where MicroPython would be, what does not compress."""
    header = struct.pack("<4BI4xHB2HB4x", 0xE9, 1, 2, 0x20, 0, CHIPS[chip].number, 0, 0, 0xFFFF, 0)
    path.write_bytes(header + random.Random(1).randbytes(length - len(header)))
    return path


def used_flash() -> bytes:
    """A chip's flash with something everywhere."""
    return random.Random(2).randbytes(4 << 20)


@given(
    contents=st.lists(st.binary(min_size=1, max_size=40), max_size=5),
    size=st.integers(1, 50),
)
def test_frames_come_out_of_the_line_whole_however_it_is_cut(
    contents: list[bytes], size: int
) -> None:
    line = b"".join(map(slip, contents))
    reader, found = SlipReader(), []
    for at in range(0, len(line), size):
        frames, between = reader.feed(line[at : at + size])
        found += frames
        assert between == b""
    assert found == contents


@given(codes=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=8))
def test_whatever_a_host_says_the_loader_answers_and_lives(codes: list[tuple[int, bytes]]) -> None:
    loader = RomLoader("ESP32", empty_flash(1 << 16))
    for code, body in codes:
        said = loader.feed(slip(struct.pack("<BBHI", 0, code, len(body), 0) + body))
        answers, _ = SlipReader().feed(said)
        assert answers[0][:2] == bytes((1, code))


def loading(fleet: Fleet, loader: RomLoader) -> Board:
    return Board(fleet.board, loader=loader)


@pytest.mark.parametrize("chip", list(CHIPS))
def test_the_image_is_written_byte_for_byte_and_nothing_else_is_touched(
    bare: Fleet, tmp_path: Path, chip: str
) -> None:
    before = used_flash()
    loader = RomLoader(chip, before)
    image = base_image(tmp_path / "base.bin", chip)
    shown: list[float] = []
    with loading(bare, loader) as board:
        write_image(board.port, image, shown.append)
    start, end = OFFSETS[chip], OFFSETS[chip] + image.stat().st_size
    assert loader.flash[start:end] == image.read_bytes()
    assert loader.flash[:start] == before[:start]
    last = -(-end // SECTOR) * SECTOR  # flash is erased in whole sectors
    assert loader.flash[last:] == before[last:]
    assert loader.erased == set(range(start // SECTOR, last // SECTOR))
    assert shown == sorted(shown)
    assert len(shown) > 10
    assert shown[-1] == 100


def test_a_bare_chip_becomes_a_badge_on_the_air(
    tool: Tool, bare: Fleet, tmp_path: Path, source: Path
) -> None:
    image = base_image(tmp_path / "base.bin", "ESP32")
    with loading(bare, RomLoader("ESP32", empty_flash())) as board:
        options = ("--image", image, "--board", "esp32_generic", "--source", source)
        flashed = tool("flash", "--port", board.port, *options)
        assert (flashed.code, flashed.error) == (0, "")
        assert "base.bin to the chip" in flashed.out
        assert "are on the badge, checked by hash" in flashed.out
        assert provision(board, bare, "--new-fleet").code == 0
        assert board.wait_for("adv")


@pytest.mark.parametrize(("chip", "other"), [("ESP32S3", "ESP32"), ("ESP32", "ESP32C3")])
def test_a_wrong_chip_is_told_in_a_line_and_nothing_is_erased(
    tool: Tool, bare: Fleet, tmp_path: Path, chip: str, other: str
) -> None:
    before = used_flash()
    loader = RomLoader(chip, before)
    with loading(bare, loader) as board:
        image = base_image(tmp_path / "base.bin", other)
        failed = tool("flash", "--port", board.port, "--image", image)
        assert failed.code == 2
        assert failed.error.startswith(
            f"tocsin-badge: {board.port}: wrong chip: base.bin is for {other.lower()} (This chip"
        )
    assert len(failed.error.splitlines()) == 1
    assert (loader.flash, loader.erased) == (before, set())


@pytest.mark.parametrize(
    ("board", "told"),
    [
        ("esp32c3_generic", "--board: esp32c3_generic has the chip ESP32C3, and"),
        ("toaster", "--board: 'toaster' is none of badge_r1, esp32_generic"),
    ],
)
def test_a_board_that_cannot_run_the_image_is_told_before_anything_is_written(
    tool: Tool, bare: Fleet, tmp_path: Path, board: str, told: str
) -> None:
    loader = RomLoader("ESP32", empty_flash())
    image = base_image(tmp_path / "base.bin", "ESP32")
    with loading(bare, loader) as plugged:
        failed = tool("flash", "--port", plugged.port, "--image", image, "--board", board)
    assert failed.code == 2
    assert told in failed.error
    assert loader.erased == set()


@pytest.mark.parametrize("cut_at", [1, 5])
def test_a_cable_pulled_in_the_middle_costs_a_second_run(
    bare: Fleet, tmp_path: Path, cut_at: int
) -> None:
    image = base_image(tmp_path / "base.bin", "ESP32")
    loader = RomLoader("ESP32", empty_flash(), cut_at=cut_at)
    with loading(bare, loader) as board, pytest.raises(LinkError) as told:
        write_image(board.port, image, lambda _: None)
    assert "fell silent while base.bin was written; hold BOOT while you plug it in" in str(told)
    assert loader.flash[FILES:] == empty_flash()[FILES:]
    again = RomLoader("ESP32", bytes(loader.flash))
    with loading(bare, again) as board:
        write_image(board.port, image, lambda _: None)
    assert again.flash[0x1000:].startswith(image.read_bytes())


def test_a_flash_that_is_too_small_is_told_and_nothing_is_erased(
    bare: Fleet, tmp_path: Path
) -> None:
    loader = RomLoader("ESP32", empty_flash(1 << 18))
    image = base_image(tmp_path / "base.bin", "ESP32")
    with loading(bare, loader) as board, pytest.raises(BoardError) as told:
        write_image(board.port, image, lambda _: None)
    assert "the chip's flash is too small for base.bin" in str(told)
    assert "\n" not in str(told.value)
    assert loader.erased == set()


def test_a_flash_that_does_not_keep_what_it_is_given_is_told(bare: Fleet, tmp_path: Path) -> None:
    image = base_image(tmp_path / "base.bin", "ESP32")
    with (
        loading(bare, RomLoader("ESP32", bytes(4 << 20), worn=True)) as board,
        pytest.raises(BoardError) as told,
    ):
        write_image(board.port, image, lambda _: None)
    assert "the flash does not hold base.bin as it was sent" in str(told)


def test_a_board_that_is_not_in_its_loader_is_told_to_hold_boot(tmp_path: Path) -> None:
    silent, port = os.openpty()
    with pytest.raises(LinkError) as told:
        write_image(os.ttyname(port), base_image(tmp_path / "base.bin", "ESP32"), lambda _: None)
    os.close(silent)
    os.close(port)
    assert (
        "does not answer (Failed to connect to ESP32: No serial data received); hold BOOT,"
        " press RESET, let BOOT go, and run the same command again" in str(told)
    )
    assert "\n" not in str(told.value)


def test_a_running_badge_on_a_port_without_reset_lines_is_told_to_hold_boot(
    badge: Board, tmp_path: Path
) -> None:
    image = base_image(tmp_path / "base.bin", "ESP32")
    with pytest.raises(LinkError, match="hold BOOT"):
        write_image(badge.port, image, lambda _: None)


def test_a_port_that_is_not_there_or_taken_is_told_as_for_every_command(
    badge: Board, tmp_path: Path
) -> None:
    image = base_image(tmp_path / "base.bin", "ESP32")
    with pytest.raises(PortError, match="/dev/ttyUSB99: no such port; run tocsin-badge list"):
        write_image("/dev/ttyUSB99", image, lambda _: None)
    with Link(badge.port), pytest.raises(PortError, match="another program uses it"):
        write_image(badge.port, image, lambda _: None)
