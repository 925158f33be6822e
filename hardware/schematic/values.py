"""Values as people write them on a schematic: 4k7, 100n, 0R, 22u. Pure."""

import re

from hardware.errors import HardwareError

_WRITTEN = re.compile(r"(\d+)([pnuRkM])(\d*)")
_SCALE = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "R": 1.0, "k": 1e3, "M": 1e6}


def value(text: str) -> float:
    """Ohms, farads or henries. Raises HardwareError: no such value."""
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise HardwareError(f"value {text!r}: write it like 4k7, 100n or 0R")
    whole, unit, fraction = found.groups()
    return float(f"{whole}.{fraction or 0}") * _SCALE[unit]
