"""What a GNSS receiver makes of the sky: how soon it has a fix, and how far off that is.

Times to a fix and errors under open sky are u-blox's for MAX-M8 and MAX-M10S. What houses and
roofs do to them differs more from street to street than any figure could say; those numbers are
assumed, within what receivers with one frequency are reported to do.
"""

from __future__ import annotations

from math import exp, inf, sqrt
from typing import Final, NamedTuple

from simulator.world.draws import Draws
from simulator.world.fields import Field, Wander
from simulator.world.geometry import Point

HOT_FOR_MS = 4 * 3_600_000
"""How long a receiver with backup supply starts hot: its ephemerides are good for 4 h."""

ATMOSPHERE_MS = 1_200_000.0
"""How long errors of ionosphere and orbits stay alike, the same for everybody (assumed)."""

REFLECTION_MS = 300_000.0
"""How long reflections at one place stay alike: satellites wander on (assumed)."""

REFLECTION_M = 20.0
"""And over what distance (assumed)."""

NOISE_MS = 15_000.0
"""How long a receiver's own error stays alike: its filter for a person's movement (assumed)."""


class View(NamedTuple):
    """What one kind of sky does.

    cold_ms, hot_ms: median time to the first fix; spread: the deviation of its logarithm.
    never: the share of attempts that find nothing however long they take. error_m: deviation
    of the position, east and north each. atmosphere, reflection: shares of its variance that
    come from there; the rest is the receiver's own noise. hdop, satellites: middle values;
    kept_ms: how long on average a receiver that comes here keeps its fix, None = for good.
    """

    cold_ms: float
    hot_ms: float
    spread: float
    never: float
    error_m: float
    atmosphere: float
    reflection: float
    hdop: float
    satellites: int
    kept_ms: float | None


VIEWS: Final = {
    # MAX-M8: cold 26 to 45 s, MAX-M10S 23 s; hot 1 s. 2.5 m CEP is 2.1 m each way.
    "open": View(28_000, 1_200, 0.2, 0.0, 2.1, 0.5, 0.2, 0.9, 12, None),
    # A strip of sky: twice as long (assumed), 7 m each way, as often reported from city streets.
    "canyon": View(55_000, 4_000, 0.4, 0.03, 7.0, 0.05, 0.75, 2.0, 7, None),
    # Near windows and under light roofs sometimes, late and bad (assumed). Whoever walks in
    # keeps a fix for some 20 s, of what comes in by door and windows (assumed).
    "indoor": View(150_000, 25_000, 0.6, 0.75, 15.0, 0.01, 0.8, 4.0, 5, 20_000),
}


class Fix(NamedTuple):
    """One position. true: where the receiver is; told: what it says, at the same height.

    accuracy_m: its own estimate of the error, of which 68 % are less. satellites: in use.
    """

    at_ms: float
    true: Point
    told: Point
    hdop: float
    accuracy_m: float
    satellites: int

    @property
    def error_m(self) -> float:
        """How far off it is."""
        return self.true.to(self.told)


class Sky:
    """The sky over one plan."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws.under("sky")
        axes = ("east", "north")
        self._atmosphere = [Wander(self._draws, ATMOSPHERE_MS, "atmosphere", a) for a in axes]
        self._noise: dict[int, list[Wander]] = {}
        self._reflections: dict[tuple[str, int], Field] = {}

    def time_to_fix_ms(self, badge: int, on_since_ms: int, sky: str, hot: bool) -> float:
        """From power-on to the first fix, staying under that sky; infinity where none comes.

        hot: whether it had a fix within HOT_FOR_MS, and backup supply since.
        """
        view = VIEWS[sky]
        luck = self._draws.under("first", badge, on_since_ms, sky)
        if luck.uniform("never") < view.never:
            return inf
        return (view.hot_ms if hot else view.cold_ms) * exp(view.spread * luck.gauss("time"))

    def fix(
        self, badge: int, on_since_ms: int, at_ms: float, point: Point, sky: str, hot: bool
    ) -> Fix | None:
        """What a receiver says that has been on for a while and under the same sky.

        None: it has no fix yet. For one that is carried from sky to sky: Receiver.
        """
        if at_ms - on_since_ms < self.time_to_fix_ms(badge, on_since_ms, sky, hot):
            return None
        return self.told(badge, at_ms, point, sky)

    def told(self, badge: int, at_ms: float, point: Point, sky: str) -> Fix:
        """The position that a receiver with a fix gives."""
        view = VIEWS[sky]
        minute = int(at_ms // 60_000)
        luck = self._draws.under("quality", badge, minute)
        # More satellites hidden, and everything is worse at once.
        strain = exp(0.25 * luck.gauss("strain"))
        error_m = view.error_m * strain
        told = point._replace(
            x=point.x + error_m * self._error(0, badge, at_ms, point, view),
            y=point.y + error_m * self._error(1, badge, at_ms, point, view),
        )
        satellites = max(4, round(view.satellites / strain + luck.gauss("satellites")))
        return Fix(at_ms, point, told, round(view.hdop * strain, 2), 1.5 * error_m, satellites)

    def chance(self, badge: int, at_ms: float) -> float:
        """A draw for a receiver at a moment, from 0 up to 1."""
        return self._draws.uniform("chance", badge, int(at_ms))

    def _error(self, axis: int, badge: int, at_ms: float, point: Point, view: View) -> float:
        """Of deviation 1."""
        noise = 1.0 - view.atmosphere - view.reflection
        reflection = self._reflection(axis, at_ms, point)
        return (
            sqrt(view.atmosphere) * self._atmosphere[axis].at(at_ms)
            + sqrt(view.reflection) * reflection
            + sqrt(noise) * self._own(badge)[axis].at(at_ms)
        )

    def _reflection(self, axis: int, at_ms: float, point: Point) -> float:
        """The same for all who stand there then; it gives way to the next one evenly."""
        index, share = divmod(at_ms / REFLECTION_MS, 1.0)
        now = self._pattern(axis, int(index)).at(point.x, point.y)
        following = self._pattern(axis, int(index) + 1).at(point.x, point.y)
        rest = 1.0 - share
        return (rest * now + share * following) / sqrt(rest * rest + share * share)

    def _pattern(self, axis: int, index: int) -> Field:
        key = ("east", "north")[axis], index
        if key not in self._reflections:
            if len(self._reflections) > 16:
                self._reflections.clear()
            self._reflections[key] = Field(self._draws, REFLECTION_M, "reflection", *key)
        return self._reflections[key]

    def _own(self, badge: int) -> list[Wander]:
        if badge not in self._noise:
            self._noise[badge] = [
                Wander(self._draws, NOISE_MS, "noise", badge, axis) for axis in ("east", "north")
            ]
        return self._noise[badge]


class Receiver:
    """A badge's receiver, carried about: it searches under one sky and goes on under the next.

    backup: whether it has its backup supply while it is off, and so may start hot.
    """

    def __init__(self, sky: Sky, badge: int, *, backup: bool = True) -> None:
        self._sky = sky
        self._badge = badge
        self._backup = backup
        self._on_since_ms: int | None = None
        self._asked_ms = 0.0
        self._found = 0.0
        self._fixed_ms = -inf
        self._has_fix = False
        self._hot = False

    @property
    def on(self) -> bool:
        return self._on_since_ms is not None

    def power(self, on: bool, at_ms: int) -> None:
        """Switched; asking for what it is anyway changes nothing."""
        if on == self.on:
            return
        self._on_since_ms = at_ms if on else None
        self._hot = self._backup and at_ms - self._fixed_ms < HOT_FOR_MS
        self._asked_ms = at_ms
        self._found = 0.0
        self._has_fix = False

    def sense(self, at_ms: float, point: Point, sky: str) -> Fix | None:
        """What it says, having been under that sky since it was last asked; None: no fix.

        Ask every second, or whenever the sky changes: times between do not matter else.
        """
        if self._on_since_ms is None:
            return None
        passed_ms = at_ms - self._asked_ms
        self._asked_ms = at_ms
        if self._has_fix and self._loses(at_ms, passed_ms, sky):
            self._has_fix, self._hot, self._found = False, True, 0.0
        if not self._has_fix:
            needed = self._sky.time_to_fix_ms(self._badge, self._on_since_ms, sky, self._hot)
            self._found += passed_ms / needed
            self._has_fix = self._found >= 1.0
        if not self._has_fix:
            return None
        self._fixed_ms = at_ms
        return self._sky.told(self._badge, at_ms, point, sky)

    def _loses(self, at_ms: float, passed_ms: float, sky: str) -> bool:
        kept_ms = VIEWS[sky].kept_ms
        if kept_ms is None:
            return False
        chance = 1.0 - exp(-passed_ms / kept_ms)
        return self._sky.chance(self._badge, at_ms) < chance
