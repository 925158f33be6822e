"""What `tocsin-badge flash` leaves on a board's flash, made without a board."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from littlefs import LittleFS, UserContext

from simulator.errors import SimulatorError
from simulator.firmware import compiled

_BLOCK_SIZE = 4096
_BLOCKS = 128  # 512 kB: both slots, and the files
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
    files = _files()
    for name, content in files.items():
        system.makedirs(str(PurePosixPath(name).parent), exist_ok=True)
        with system.open(name, "wb") as file:
            file.write(content)
    return Flashed(bytes(context.buffer), files[RELEASE])


def _files() -> dict[str, bytes]:
    built = compiled()
    found = {
        f"/fw/a/{path.relative_to(built)}": path.read_bytes()
        for package in _PACKAGES
        for path in sorted((built / package).rglob("*.mpy"))
    }
    about = {"version": _version(), "digest": built.name[-12:], "program": _PROGRAM}
    found[RELEASE] = json.dumps(about).encode()
    found |= {f"/{name}": _starter(name) for name in _STARTERS}
    return found | {"/fw/slot": b"a"}


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
