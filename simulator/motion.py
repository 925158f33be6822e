"""What an accelerometer feels on a wearer: bodies in motion, as samples 20 ms apart.

A body obeys mechanics here, not a detector's thresholds: who falls gathers speed, and the
floor takes it away again in contacts as long as what meets it is soft. Angles, speeds and
contact times are drawn for each movement. The activities are in simulator.daily_living,
the falls in simulator.falls; nothing of this is made from recordings of falls, of which
there were none to use.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

PERIOD_MS = 20
STANDARD_GRAVITY = 9.80665
_RANGE_MG = 8_000
_NOISE = 1 << 12


class Sample(NamedTuple):
    """One reading of the sensor. at_ms: since power-on; x, y, z: milli-g."""

    at_ms: int
    x: int
    y: int
    z: int


class Posture(Enum):
    """How the body is held."""

    STANDING = "standing"
    SITTING = "sitting"
    RECLINED = "reclined"
    BENT = "bent forward"
    SLUMPED = "slumped against a wall"
    LYING = "lying"


class Placement(Enum):
    """Where the badge is worn."""

    LANYARD = "lanyard"
    BELT = "belt"
    POCKET = "trouser pocket"


# How far the badge leans forward in each posture, degrees from ... to.
_LEAN: dict[Placement, dict[Posture, tuple[float, float]]] = {
    Placement.LANYARD: {
        Posture.STANDING: (-8, 10),
        Posture.SITTING: (-22, 8),
        Posture.RECLINED: (-48, -25),
        Posture.BENT: (0, 75),  # hangs free, or is caught under a jacket
        Posture.SLUMPED: (-45, -10),
        Posture.LYING: (-105, -72),
    },
    Placement.BELT: {
        Posture.STANDING: (-8, 8),
        Posture.SITTING: (-35, -12),
        Posture.RECLINED: (-50, -30),
        Posture.BENT: (35, 80),
        Posture.SLUMPED: (-52, -25),
        Posture.LYING: (-102, -78),
    },
    Placement.POCKET: {
        Posture.STANDING: (-10, 10),
        Posture.SITTING: (-95, -68),
        Posture.RECLINED: (-90, -60),
        Posture.BENT: (10, 45),
        Posture.SLUMPED: (-95, -30),
        Posture.LYING: (-105, -72),
    },
}
# How much wider than the trunk the badge swings.
_SWING = {Placement.LANYARD: 1.8, Placement.BELT: 1.0, Placement.POCKET: 1.6}


class Contact(NamedTuple):
    """A body part meets something: a half sine of force, in seconds and g above rest."""

    at_s: float
    width_s: float
    peak_g: float

    @classmethod
    def stopping(cls, speed: float, at_s: float, width_s: float) -> Contact:
        """The contact that takes speed (m/s) away within width_s."""
        return cls(at_s, width_s, math.pi / 2 * speed / STANDARD_GRAVITY / width_s)

    def mean(self, from_s: float, to_s: float) -> float:
        """The mean force over an interval: what a sensor makes of a blow between its samples."""
        begin = min(max((from_s - self.at_s) / self.width_s, 0.0), 1.0)
        end = min(max((to_s - self.at_s) / self.width_s, 0.0), 1.0)
        area = self.width_s / math.pi * (math.cos(math.pi * begin) - math.cos(math.pi * end))
        return self.peak_g * area / (to_s - from_s)


class Wearer:
    """One person with a badge, put on in some way; every movement moves on from the last.

    lean, roll: of the badge, in radians from upright. sway: how restless the body is, in
    radians.
    """

    def __init__(self, placement: Placement, seed: int) -> None:
        self.placement = placement
        self.rng = random.Random(seed)  # noqa: S311 - a signal, not a key
        self.at_ms = 0
        self.lean = self.roll = 0.0
        self.sway = 0.02
        self._drift_x = self._drift_y = 0.0
        # The sensors' data sheets: zero level 20-40 mg, scale a few percent; 14 bits, or the
        # 10 of the LIS3DH's FIFO.
        self._step_mg = self.rng.choice((1, 16))
        unit = 1000 / self._step_mg
        scale = self.rng.gauss(1, 0.012) * unit
        self._mount = tuple(
            (*(part * scale for part in row), self.rng.gauss(0, 0.025) * unit + 0.5)
            for row in _any_rotation(self.rng)
        )
        noise = self.rng.uniform(0.002, 0.009) * unit
        self._noise = [self.rng.gauss(0, noise) for _ in range(_NOISE)]
        self.period_s = PERIOD_MS / 1000 * self.rng.uniform(0.95, 1.05)
        self.swing = _SWING[placement]

    def lean_in(self, posture: Posture) -> float:
        """Some angle of the badge in a posture, in radians."""
        return math.radians(self.rng.uniform(*_LEAN[self.placement][posture]))

    def sense(self, forward: float = 0.0, left: float = 0.0, up: float = 0.0) -> Sample:
        """The next sample; accelerations of the body along the world's axes, in g."""
        chance = self.rng.random
        restless = self.sway * 0.28
        self._drift_x += restless * (chance() - 0.5) - 0.02 * self._drift_x
        self._drift_y += restless * (chance() - 0.5) - 0.02 * self._drift_y
        body = _specific_force(
            self.lean + self._drift_x, self.roll + self._drift_y, forward, left, up
        )
        self.at_ms += PERIOD_MS
        at = int(chance() * (_NOISE - 3))
        x, y, z = self._mount
        return Sample(
            self.at_ms,
            self._read(x, body, self._noise[at]),
            self._read(y, body, self._noise[at + 1]),
            self._read(z, body, self._noise[at + 2]),
        )

    def _read(
        self, axis: tuple[float, ...], force: tuple[float, float, float], noise: float
    ) -> int:
        digits = axis[0] * force[0] + axis[1] * force[1] + axis[2] * force[2] + axis[3] + noise
        reading = math.floor(digits) * self._step_mg
        return _RANGE_MG if reading > _RANGE_MG else max(reading, -_RANGE_MG)

    def ticks(self, seconds: float) -> range:
        """The samples of a movement so long."""
        return range(max(1, round(seconds / self.period_s)))

    def turn(
        self, lean: float, roll: float, seconds: float, contacts: tuple[Contact, ...] = ()
    ) -> Iterator[Sample]:
        """Turns to other angles, smoothly; contacts push up meanwhile."""
        from_lean, from_roll = self.lean, self.roll
        ticks = self.ticks(seconds)
        for tick in ticks:
            share = (1 - math.cos(math.pi * (tick + 1) / len(ticks))) / 2
            self.lean = from_lean + share * (lean - from_lean)
            self.roll = from_roll + share * (roll - from_roll)
            yield self.sense(up=self.pushed(contacts, tick * self.period_s))

    def pushed(self, contacts: tuple[Contact, ...], at_s: float) -> float:
        """What contacts push together in the sampling interval that begins at_s."""
        return sum(contact.mean(at_s, at_s + self.period_s) for contact in contacts)

    def take(self, posture: Posture, seconds: float) -> Iterator[Sample]:
        """Goes over into a posture, gently."""
        roll = math.radians(self.rng.uniform(-8, 8))
        return self.turn(self.lean_in(posture), roll, seconds)

    def hold(self, seconds: float, sway: float) -> Iterator[Sample]:
        """Stays as it is, more or less restless."""
        self.sway = sway
        for _ in self.ticks(seconds):
            yield self.sense()


def _specific_force(
    lean: float, roll: float, forward: float, left: float, up: float
) -> tuple[float, float, float]:
    """What a sensor at rest or in motion feels: the support against gravity, and the push."""
    sin_lean, cos_lean = math.sin(lean), math.cos(lean)
    sin_roll, cos_roll = math.sin(roll), math.cos(roll)
    support = 1 + up
    return (
        -support * sin_lean * cos_roll + forward * cos_lean + left * sin_lean * sin_roll,
        support * sin_roll + left * cos_roll,
        support * cos_lean * cos_roll + forward * sin_lean - left * cos_lean * sin_roll,
    )


def _any_rotation(rng: random.Random) -> tuple[tuple[float, float, float], ...]:
    """A rotation, each as likely as any other: badges are worn every way round."""
    w, x, y, z = (rng.gauss(0, 1) for _ in range(4))
    length = math.sqrt(w * w + x * x + y * y + z * z)
    w, x, y, z = w / length, x / length, y / length, z / length
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )


def recording(path: Path) -> Iterator[Sample]:
    """Samples from a file with `x,y,z` in milli-g in each line, 20 ms apart.

    Raises OSError when the file cannot be read, ValueError where a line is not like that.
    """
    for number, line in enumerate(path.read_text().splitlines()):
        x, y, z = (int(part) for part in line.split(","))
        yield Sample(PERIOD_MS * (number + 1), x, y, z)
