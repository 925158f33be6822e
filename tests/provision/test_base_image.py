"""The step that needs the chip's own loader: what esptool is told, and what its words mean."""

import struct
import sys
from pathlib import Path

import pytest

from provision.base_image import chip_of, command, explain
from provision.errors import BoardError, FilesError, LinkError
from tests.provision.conftest import Tool


def image(path: Path, chip_id: int) -> Path:
    path.write_bytes(struct.pack("<4B8sH", 0xE9, 3, 2, 0x20, bytes(8), chip_id) + bytes(64))
    return path


@pytest.mark.parametrize(
    ("chip_id", "name", "offset"), [(0, "esp32", 0x1000), (5, "esp32c3", 0), (9, "esp32s3", 0)]
)
def test_the_image_says_for_which_chip_it_is_and_where_it_begins(
    tmp_path: Path, chip_id: int, name: str, offset: int
) -> None:
    assert chip_of(image(tmp_path / "base.bin", chip_id)) == (name, offset)


def test_esptool_is_told_chip_and_place_and_to_erase_nothing_else(tmp_path: Path) -> None:
    base = image(tmp_path / "base.bin", 0)
    said = command("/dev/ttyUSB0", base)
    assert said[:5] == [sys.executable, "-m", "esptool", "--port", "/dev/ttyUSB0"]
    assert said[5:7] == ["--chip", "esp32"]
    assert said[-3:] == ["write-flash", "0x1000", str(base)]
    assert not any("erase" in word for word in said)


@pytest.mark.parametrize("content", [b"", b"\xe9", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "base.bin"
    path.write_bytes(content)
    with pytest.raises(FilesError, match="no ESP32 image"):
        chip_of(path)


def test_an_image_for_an_unknown_chip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="a chip that Tocsin does not know"):
        chip_of(image(tmp_path / "base.bin", 77))


def test_a_wrong_chip_is_told(tmp_path: Path) -> None:
    said = "A fatal error occurred: This chip is ESP32-S3, not ESP32. Wrong --chip argument?"
    told = explain("/dev/ttyUSB0", image(tmp_path / "base.bin", 0), said)
    assert isinstance(told, BoardError)
    assert str(told).startswith("/dev/ttyUSB0: wrong chip: base.bin is for esp32")


def test_a_loader_that_does_not_answer_is_told(tmp_path: Path) -> None:
    said = "A fatal error occurred: Failed to connect to ESP32: No serial data received."
    told = explain("/dev/ttyUSB0", image(tmp_path / "base.bin", 0), said)
    assert isinstance(told, LinkError)
    assert "hold BOOT, press RESET" in str(told)


def test_an_image_that_is_not_there_is_told(tool: Tool) -> None:
    failed = tool("flash", "--port", "/dev/ttyUSB0", "--image", "/nowhere/base.bin")
    assert failed.code == 2
    assert "/nowhere/base.bin: No such file or directory" in failed.error
