"""The radio watchdog: how soon it notices, and how often it errs where there is little to hear.

The peer is a watchdog of a fixed 15 s in the same place. Traffic is modelled
(simulator.radio_place): each second has somebody to hear by chance, or by a canary.
"""

import random
from collections.abc import Iterator

from benchmarks.figures import Figure
from gateway.radio.watchdog import Rescan
from simulator.radio_place import (
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    RadioPlace,
    Traffic,
    always,
    nobody,
    now_and_then,
)

_DAYS = 4
_MEANS_S = (1.2, 5, 20, 60, 300)
_CANARY_S = 10
_FIXED_MS = 15_000


def run() -> list[Figure]:
    """Detection, then mistakes."""
    return [*_detection(), *_quiet(), *_evenings()]


def _detection() -> Iterator[Figure]:
    busy = RadioPlace()
    busy.live(30 * MINUTE_MS, always)
    alone = RadioPlace(has_canary=True, canary_s=_CANARY_S)
    alone.live(30 * MINUTE_MS)
    alone.canary_s = None
    for name, place in (("busy place", busy), ("canary every 10 s alone", alone)):
        began_ms = place.now_ms
        deaf_ms = place.silence_until("deaf", HOUR_MS)
        first_ms = next(at_ms for at_ms, remedy in place.remedies if isinstance(remedy, Rescan))
        yield _figure(f"deaf: {name}: scan restarted after", (first_ms - began_ms) / SECOND_MS, "s")
        yield _figure(f"deaf: {name}: told to be deaf after", deaf_ms / SECOND_MS, "s")


def _quiet() -> Iterator[Figure]:
    for mean_s in _MEANS_S:
        place = RadioPlace()
        fixed = _Fixed(now_and_then(random.Random(7), mean_s))
        place.live(_DAYS * 24 * HOUR_MS, fixed.traffic)
        name = f"deaf: somebody every {mean_s:g} s: false restarts a day"
        yield _against(name, len(place.remedies) / _DAYS, fixed.restarts / _DAYS)
        assert place.deaf_ms == 0


def _evenings() -> Iterator[Figure]:
    for name, canary_s in (("no canary", None), ("a canary", _CANARY_S)):
        place = RadioPlace(has_canary=canary_s is not None, canary_s=canary_s)
        rng = random.Random(7)
        deaf_ms = []
        restarts = 0
        for _ in range(_DAYS):
            place.deaf_ms, before = 0, len(place.remedies)
            place.live(10 * HOUR_MS, now_and_then(rng, 1.2))
            place.live(14 * HOUR_MS, nobody)
            deaf_ms.append(place.deaf_ms)
            restarts = len(place.remedies) - before
        title = f"deaf: 14 h of nobody a day, {name}"
        yield _figure(f"{title}: restarts on day {_DAYS}", restarts, "a day")
        yield _figure(f"{title}: called deaf on day 1", deaf_ms[0] / HOUR_MS, "h")
        yield _figure(f"{title}: called deaf on days 2-{_DAYS}", sum(deaf_ms[1:]) / HOUR_MS, "h")


class _Fixed:
    """A watchdog that restarts whatever was silent for 15 s, every 15 s."""

    def __init__(self, traffic: Traffic) -> None:
        self.restarts = 0
        self._traffic = traffic
        self._silent_ms = 0

    def traffic(self) -> bool:
        heard = self._traffic()
        self._silent_ms = 0 if heard else self._silent_ms + SECOND_MS
        self.restarts += not heard and self._silent_ms % _FIXED_MS == 0
        return heard


def _figure(name: str, value: float, unit: str) -> Figure:
    return Figure(name, value, unit, None, None, None)


def _against(name: str, value: float, fixed: float) -> Figure:
    return Figure(name, value, "a day", "a fixed 15 s", fixed, value / fixed if fixed else None)
