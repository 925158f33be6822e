"""Both virtual machines, and the keys of the golden vectors."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from simulator.vm_script import run_script

SCRIPT = Path(__file__).parent / "by_lines.py"
VECTORS = Path(__file__).parents[1] / "data" / "vectors.json"


class Keys(NamedTuple):
    mask: bytes
    seal: bytes
    command: bytes


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """Golden frames and commands, made by another implementation."""
    loaded: dict[str, Any] = json.loads(VECTORS.read_text())
    return loaded


@pytest.fixture(scope="session")
def keys(vectors: dict[str, Any]) -> Keys:
    return Keys(*(bytes.fromhex(vectors[f"{name}_key"]) for name in Keys._fields))


@pytest.fixture
def on_both_vms(keys: Keys, tmp_path: Path) -> Callable[[list[str]], list[str]]:
    """Runs lines of by_lines.py on CPython and MicroPython; the answers, which must be the same."""

    def run(lines: list[str]) -> list[str]:
        file = tmp_path / "lines"
        file.write_text("\n".join([f"keys {' '.join(key.hex() for key in keys)}", *lines]) + "\n")
        ours = subprocess.run(
            [sys.executable, str(SCRIPT), str(file)], capture_output=True, text=True, check=True
        ).stdout.splitlines()[1:]
        theirs = run_script(SCRIPT, file).splitlines()[1:]
        assert len(ours) == len(lines)
        for line, one, other in zip(lines, ours, theirs, strict=True):
            assert one == other, f"CPython and MicroPython differ on: {line}"
        return ours

    return run
