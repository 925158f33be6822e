"""The base image: MicroPython itself, put on the chip by esptool through its ROM loader."""

import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from provision.errors import BoardError, FilesError, LinkError, PortError, ProvisionError
from provision.ports import why_not

_MAGIC = 0xE9
_CHIP_ID_AT = 12
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_ERROR = "error occurred: "
_BAUD = 460_800


class Chip(NamedTuple):
    """name: esptool's; offset: where its images with a boot loader begin."""

    name: str
    offset: int


# By the chip id in an image's header (esptool's documentation, "Firmware Image Format").
_CHIPS = {0: Chip("esp32", 0x1000), 5: Chip("esp32c3", 0), 9: Chip("esp32s3", 0)}

CHIPS = frozenset(chip.name.upper() for chip in _CHIPS.values())  # as a running board says it


def chip_of(image: Path) -> Chip:
    """The chip that an image is for. Raises FilesError when it is no image, or for another."""
    try:
        with image.open("rb") as file:
            header = file.read(_CHIP_ID_AT + 2)
    except OSError as error:
        raise FilesError(f"{image}: {error.strerror}") from None
    if len(header) < _CHIP_ID_AT + 2 or header[0] != _MAGIC:
        raise FilesError(
            f"{image}: no ESP32 image; take the .bin file for your board from"
            " micropython.org/download"
        )
    (chip_id,) = struct.unpack_from("<H", header, _CHIP_ID_AT)
    if chip_id not in _CHIPS:
        raise FilesError(f"{image}: for a chip that Tocsin does not know (id {chip_id})")
    return _CHIPS[chip_id]


def command(port: str, image: Path) -> list[str]:
    """What esptool is told. Nothing is erased but what the image covers: keys and files stay."""
    chip = chip_of(image)
    return [
        *(sys.executable, "-m", "esptool", "--port", port, "--chip", chip.name),
        *("--baud", str(_BAUD), "--connect-attempts", "3", "write-flash", hex(chip.offset)),
        str(image),
    ]


def write_image(port: str, image: Path, progress: Callable[[float], None]) -> None:
    """Writes and verifies the image. progress: called with percent done.

    Raises FilesError for a wrong image, PortError for a port that cannot be used, BoardError
    for a chip that cannot take it, LinkError when the chip does not answer or goes away.
    """
    with subprocess.Popen(  # noqa: S603
        command(port, image),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"},  # each step as it is made
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        for line in _lines(process.stdout):
            said.append(line)
            if found := _PERCENT.search(line):
                progress(float(found[1]))
    if process.returncode:
        raise explain(port, image, "\n".join(said))


def explain(port: str, image: Path, said: str) -> ProvisionError:
    """esptool's last words as one line that says what to do."""
    chip = chip_of(image).name
    if "Could not open" in said:
        return PortError(why_not(port))
    if "This chip is" in said or f"not {chip.upper()}" in said:
        return BoardError(
            f"{port}: wrong chip: {image.name} is for {chip} ({_last_words(said)}); take the"
            " image for this board"
        )
    if "will not fit" in said:
        return BoardError(
            f"{port}: the chip's flash is too small for {image.name} ({_last_words(said)}); take"
            " an image for so much flash, or another board"
        )
    if "MD5 of file does not match" in said or "region is empty" in said:
        return BoardError(
            f"{port}: the flash does not hold {image.name} as it was sent; run the same command"
            " again, and if that does not help, the flash is worn out"
        )
    if "will be erased" in said:  # it says so and begins
        return LinkError(
            f"{port}: the board was unplugged or fell silent while {image.name} was written; hold"
            " BOOT while you plug it in, and run the same command again: it begins anew"
        )
    return LinkError(
        f"{port}: the chip's loader does not answer ({_last_words(said)}); hold BOOT, press"
        " RESET, let BOOT go, and run the same command again"
    )


def _last_words(said: str) -> str:
    last = next((line for line in reversed(said.splitlines()) if _ERROR in line), "")
    return last.rsplit(_ERROR, 1)[-1].strip().split(". ")[0].rstrip(".") or "no reason given"


def _lines(output: IO[bytes]) -> Iterator[str]:
    """Lines as they come; esptool ends those of its progress bar with a carriage return."""
    rest = b""
    while chunk := os.read(output.fileno(), 4096):
        *lines, rest = re.split(rb"[\r\n]+", rest + chunk)
        yield from (line.decode(errors="replace") for line in lines)
    yield rest.decode(errors="replace")
