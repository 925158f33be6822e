"""What is shipped is what was tested: the built wheel runs the whole chain by itself."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEMO_S = 300


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(target), str(ROOT))
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a clean environment with nothing but the wheel's simulator in it."""
    directory = tmp_path_factory.mktemp("clean")
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, f"{wheel}[simulator,provision]")
    return python


def run(*command: str, timeout_s: float = DEMO_S, **more: str) -> str:
    # Outside the checkout: only what is installed can be imported.
    done = subprocess.run(
        command,
        cwd="/",
        env={**os.environ, "PYTHONPATH": "", **more},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_runs_a_press_to_resolved(python: Path) -> None:
    said = run(str(python.parent / "tocsin-simulator"), "demo", "--once", "--seed", "1")
    assert "resolved" in said


def test_the_wheel_brings_every_command(python: Path) -> None:
    for command in ("tocsin-badge", "tocsin-gateway", "tocsin-desk", "tocsin-simulator"):
        assert "Usage" in run(str(python.parent / command), "--help")


def test_both_machines_import_the_same_wire_from_the_wheel(python: Path) -> None:
    where = run(str(python), "-c", "import wire; print(wire.__file__)").strip()
    assert Path(where).is_relative_to(python.parents[1])
    vm = python.parent / "micropython"
    seen = run(
        str(vm),
        "-c",
        "import wire.frame; print(wire.frame.FRAME_LENGTH)",
        MICROPYPATH=f".frozen:{Path(where).parents[1]}",
    )
    assert seen.strip() == "24"
