"""What a wearer's GNSS receiver sees: where they stand around the hub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import cos, radians, sin

from simulator.gnss import Burst, Position, track

HUB = Position(51.52790, -0.13330)  # a street in London

_METRES_PER_DEGREE = 111_195.0  # of latitude
_GOLDEN_ANGLE = 137.508  # degrees: spreads any number of wearers around the hub


def sky_over(number: int, metres: float, fix_after_s: float = 0.0) -> Iterator[Burst]:
    """What the receiver of that badge says, second by second, so far from the hub.

    Each badge has a direction of its own. fix_after_s: how long it finds nothing.
    """
    bearing = radians(number * _GOLDEN_ANGLE)
    north, east = metres * cos(bearing), metres * sin(bearing)
    here = Position(
        HUB.latitude + north / _METRES_PER_DEGREE,
        HUB.longitude + east / _METRES_PER_DEGREE / cos(radians(HUB.latitude)),
    )
    return track((here,), speed_mps=1.0, start=datetime.now(UTC), fix_after_s=fix_after_s)
