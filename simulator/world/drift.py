"""Clocks that go wrong: true time to what a badge or a host shows."""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.world.draws import Draws

WARM = 25.0
"""Degrees at which an oscillator is right by its data sheet."""


class Oscillator(NamedTuple):
    """spread_ppm: deviation from one piece to the next. slope_ppm: for each degree above WARM.

    bow_ppm: for each degree squared.
    """

    spread_ppm: float
    slope_ppm: float
    bow_ppm: float


OSCILLATORS: Final = {
    # An ESP32 asleep: its 150 kHz RC oscillator, calibrated at each start. Reported: +23 s an hour
    # (6,400 ppm; pantaluna/esp32_ds3231_32khz_oscillator_using_lib), +20 min in 15 h
    # (22,000 ppm; espressif/arduino-esp32, issue 7084). 3,500 ppm are 5 min a day; 100 ppm a
    # degree: assumed.
    "asleep": Oscillator(3500.0, 100.0, 0.0),
    # Awake: its 40 MHz crystal, +-10 ppm (ESP32 hardware design guidelines).
    "awake": Oscillator(5.0, 0.0, -0.01),
    # A 32.768 kHz crystal: +-20 ppm, -0.034 ppm for each degree squared (tuning forks alike).
    "watch crystal": Oscillator(10.0, 0.0, -0.034),
    # A computer whose time nobody corrects: +-50 ppm crystals, some 2 s a day (assumed).
    "host": Oscillator(25.0, 0.0, -0.02),
}


def ppm(draws: Draws, name: str, kind: str, celsius: float = WARM) -> float:
    """By how many millionths the clock of one device is fast. kind: of OSCILLATORS."""
    oscillator = OSCILLATORS[kind]
    off = celsius - WARM
    own = oscillator.spread_ppm * draws.gauss("drift", kind, name)
    return own + off * (oscillator.slope_ppm + off * oscillator.bow_ppm)


class Clock:
    """One device's clock. Times in ms, of any zero; they must not go back.

    kind: what it runs by to begin with, of OSCILLATORS.
    """

    def __init__(
        self,
        draws: Draws,
        name: str,
        kind: str,
        *,
        at_ms: float = 0.0,
        shown_ms: float = 0.0,
        celsius: float = WARM,
    ) -> None:
        self._draws = draws
        self._name = name
        self._celsius = celsius
        self._kind = kind
        self.set(at_ms, shown_ms)

    def set(self, at_ms: float, shown_ms: float) -> None:
        """Somebody sets it: at true time at_ms it shows shown_ms."""
        self._at_ms, self._shown_ms = at_ms, shown_ms
        self._rate = 1.0 + ppm(self._draws, self._name, self._kind, self._celsius) / 1_000_000

    def change(
        self, at_ms: float, *, kind: str | None = None, celsius: float | None = None
    ) -> None:
        """From now on it runs by another oscillator, or at another temperature."""
        shown_ms = self.shown(at_ms)
        self._kind = self._kind if kind is None else kind
        self._celsius = self._celsius if celsius is None else celsius
        self.set(at_ms, shown_ms)

    def shown(self, at_ms: float) -> float:
        """What it shows at a true time from the last change on."""
        return self._shown_ms + (at_ms - self._at_ms) * self._rate

    def when(self, shown_ms: float) -> float:
        """The true time at which it will show that, if nothing changes."""
        return self._at_ms + (shown_ms - self._shown_ms) / self._rate
