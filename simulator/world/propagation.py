"""How much of a 2.4 GHz signal is left: distance, walls, ceilings, bodies, shadows.

Mean values in dB; fading of single packets is in simulator.world.fading. Distance costs what
ITU-R P.1411 (line of sight, UHF, median) has: free space up to the break point, four times
the distance for a sixteenth of it beyond. Each wall and ceiling on the straight line costs extra,
as in the multi-wall model of COST 231 (Final Report, 4.7.2). More distance, walls, ceilings
or body never make a signal stronger.
"""

from __future__ import annotations

from functools import cache
from math import atan2, degrees, log10, pi

FREQUENCY_MHZ = 2440.0
WAVELENGTH_M = 299.792458 / FREQUENCY_MHZ
NEAREST_M = 0.3
"""Antennas do not come nearer than this (assumed); below it the far field does not hold."""

LOW_M = 0.5
"""The lowest height that the break point is reckoned with (assumed): who lies on the floor."""

WALL_DB = {
    # Thin walls and thick ones: COST 231, Final Report, 4.7.2 (1.8 GHz).
    "plasterboard": 3.4,
    "brick": 6.9,
    # 3GPP TR 38.901, table 7.4.3-1, at 2.44 GHz: 2 + 0.2 f, 23 + 0.3 f, 5 + 4 f, 4.85 + 0.12 f.
    "glass": 2.5,
    "coated glass": 23.7,
    "concrete": 14.8,
    "wood": 5.1,
    # A lift, a cold store, foil-backed insulation: assumed.
    "metal": 30.0,
}
"""What crossing a wall costs in dB."""

FLOOR_DB = {
    # Reinforced concrete or hollow tiles up to 30 cm: COST 231, Final Report, 4.7.2.
    "concrete": 18.3,
    # Boards on beams: assumed, between 5 (house) and 10 (apartment) of ITU-R P.1238.
    "timber": 8.0,
}
"""What the first ceiling costs in dB."""

FLOOR_B = 0.46
"""COST 231: each further ceiling costs less than the first."""

BODY_DB = 17.0
"""Lost when a badge on the chest has the whole wearer in the way: assumed, within the 15 to
25 dB that body-worn antennas at 2.4 GHz are measured to differ by from front to back."""

BODY_FRONT_DEGREES = 60.0
"""Up to here the wearer is not in the way (assumed). Beyond, the wave creeps around the body and
loses its dB evenly with the angle (assumed; creeping waves fade exponentially)."""

SHADOW_DB = 4.0
"""Deviation of what furniture, people and the model's own errors do: 3GPP TR 38.901, table
7.5-6, line of sight in a street canyon 4 dB, in an office 3 dB; walls are counted one by one."""

SHADOW_CELL_M = 6.0
"""How far shadows are alike: the same table, correlation distance in an office without line of
sight 6 m, with it 10 m."""


def free_space_db(distance_m: float) -> float:
    """ITU-R P.525: 32.4 + 20 log f (MHz) + 20 log d (km)."""
    return 20.0 * log10(4.0 * pi * max(distance_m, NEAREST_M) / WAVELENGTH_M)


def distance_db(distance_m: float, height_m: float = 1.2, other_m: float = 2.2) -> float:
    """Loss over a distance without anything in between; heights of both antennas in metres."""
    break_m = 4.0 * max(height_m, LOW_M) * max(other_m, LOW_M) / WAVELENGTH_M
    beyond = max(0.0, 20.0 * log10(max(distance_m, NEAREST_M) / break_m))
    return free_space_db(distance_m) + beyond


def ceilings_db(number: int, material: str) -> float:
    """Loss through so many ceilings."""
    if number == 0:
        return 0.0
    return FLOOR_DB[material] * float(number ** ((number + 2) / (number + 1) - FLOOR_B))


def body_db(off_degrees: float) -> float:
    """Loss when the other end lies so far off where the wearer looks, in degrees either way."""
    off = abs((off_degrees + 180.0) % 360.0 - 180.0)
    return BODY_DB * max(0.0, off - BODY_FRONT_DEGREES) / (180.0 - BODY_FRONT_DEGREES)


@cache
def mean_body_db() -> float:
    """The loss of a wearer who may look anywhere: of the mean power, not the mean of dB."""
    power = sum(10.0 ** (-body_db(angle) / 10.0) for angle in range(360)) / 360
    return -10.0 * log10(power)


def bearing(dx: float, dy: float) -> float:
    """Degrees clockwise from north of a direction."""
    return degrees(atan2(dx, dy)) % 360.0


def milliwatts(dbm: float) -> float:
    """A power in mW."""
    return float(10.0 ** (dbm / 10.0))


def rise_db(noise_dbm: float, more_mw: float) -> float:
    """By how much further power lifts a noise."""
    return 10.0 * log10(1.0 + more_mw / milliwatts(noise_dbm))
