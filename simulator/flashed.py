"""What `tocsin-badge flash` leaves on a board's flash, made without a board."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from littlefs import LittleFS, UserContext

from simulator.errors import SimulatorError
from simulator.firmware import compiled

_BLOCK_SIZE = 4096
_BLOCKS = 192  # 768 kB: both slots, and the files; an ESP32 with 4 MB of flash has 2 MB for them
_PROGRAM = "badge"
_PACKAGES = ("wire", _PROGRAM)
_STARTERS = ("boot.py", "main.py")
RELEASE = "/fw/a/release.json"


class Flashed(NamedTuple):
    """image: LittleFS; release: what its RELEASE says, which differs from firmware to firmware."""

    image: bytes
    release: bytes


def flashed() -> Flashed:
    """A flash with the firmware in slot a (see firmware/main.py), and no keys.

    Raises SimulatorError when the firmware does not compile, or is not installed.
    """
    context = UserContext(buffer=bytearray(b"\xff" * (_BLOCK_SIZE * _BLOCKS)))
    system = LittleFS(
        context=context,
        mount=False,
        block_size=_BLOCK_SIZE,
        block_count=_BLOCKS,
        read_size=256,
        prog_size=256,
    )
    system.format()
    system.mount()
    files = flash_files()
    for name, content in files.items():
        system.makedirs(str(PurePosixPath(name).parent), exist_ok=True)
        with system.open(name, "wb") as file:
            file.write(content)
    return Flashed(bytes(context.buffer), files[RELEASE])


def flash_files() -> dict[str, bytes]:
    """Every file, by its path on the badge: what the tool sends to a board as it comes.

    Raises SimulatorError when the firmware does not compile, or is not installed.
    """
    built = compiled()
    firmware = {
        str(path.relative_to(built)): path.read_bytes()
        for package in _PACKAGES
        for path in sorted((built / package).rglob("*.mpy"))
    }
    starters = {name: _starter(name) for name in _STARTERS}
    digest = _digest({**firmware, **starters})
    about = {"version": _version(), "digest": digest, "program": _PROGRAM}
    return {
        **{f"/fw/a/{name}": content for name, content in firmware.items()},
        RELEASE: json.dumps(about).encode(),
        **{f"/{name}": content for name, content in starters.items()},
        "/fw/slot": b"a",
    }


def _digest(files: dict[str, bytes]) -> str:
    """As the tool reckons it: of all files' names and hashes, in order."""
    parts = (f"{name}\0".encode() + sha256(files[name]).digest() for name in sorted(files))
    return sha256(b"".join(parts)).hexdigest()[:12]


def _starter(name: str) -> bytes:
    """From beside the firmware's packages; in a wheel, from the tool that ships it."""
    for package, below in ((_PROGRAM, ""), ("provision", "starters")):
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            folder = Path(spec.origin).parent
            path = folder / below / name if below else folder.parent / name
            if path.exists():
                return path.read_bytes()
    raise SimulatorError(f"{name}, which starts the firmware, is not installed: pip install tocsin")


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0"
