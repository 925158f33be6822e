"""Plans that come with the simulator: places for stories, as TOML files in this folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.world.plan import Plan


def names() -> tuple[str, ...]:
    """The plans that are here, by name."""
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load(name: str) -> Plan:
    """A plan that is here, by its name, or else a TOML file's.

    Raises SimulatorError with one line: what was wrong, where, what to do.
    """
    if name in names():
        shipped = files(__name__) / f"{name}.toml"
        return Plan.parse(f"{name}.toml", shipped.read_text(encoding="utf-8"))
    try:
        return Plan.parse(name, Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "must be a text file in UTF-8"
        raise SimulatorError(
            f"plan {name!r}: {reason}; choose one of {', '.join(names())}, or name a TOML file"
        ) from None
