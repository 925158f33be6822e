"""Man down: falls found, alarms without a fall, and what a sample costs.

Falls and daily living are modelled (simulator.falls, simulator.daily_living: mechanics, not
recordings); two recordings of real people walking and sitting down are run as well. Seeds
are fixed, and are none that the tests use. A pocket is told to the detector, since posture
means nothing there.
"""

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

from badge.motion import Motion
from benchmarks.figures import Figure
from simulator.daily_living import ACTIVITIES, walk, working_day
from simulator.falls import FALLS, Fall, get_up, stay_down
from simulator.motion import Placement, Sample, Wearer, recording
from simulator.vm_script import run_script

_HERE = Path(__file__).parent
_RECORDINGS = _HERE.parent / "tests" / "data" / "motion"
_FALLS = 60
_WEARERS = 4
_EACH_S = 900
_DAY_S = 4 * 3600
_DOWN_S = 90
_STILL_MS = 120_000  # where the stillness alarm is on
_ROUNDS = 5
_SAMPLES_A_SECOND = 50


def run() -> list[Figure]:
    """By placement: found falls in percent, then false alarms an hour; then the VM."""
    figures = []
    for placement in Placement:
        figures += _falls(placement)
        figures += _daily_living(placement)
    figures += [_recorded(path) for path in sorted(_RECORDINGS.glob("*.csv"))]
    return figures + _cost()


def _figure(name: str, value: float, unit: str) -> Figure:
    return Figure(f"man down: {name}", value, unit, None, None, None)


def _falls(placement: Placement) -> Iterator[Figure]:
    for name, fall in FALLS.items():
        delays = [_delay_ms(placement, seed, fall) for seed in range(_FALLS)]
        found = [delay for delay in delays if delay is not None]
        where = f"{name}, {placement.value}"
        yield _figure(f"{where}: found", 100 * len(found) / _FALLS, "%")
        if found:
            yield _figure(f"{where}: alarm after", median(found) / 1000, "s")
    fell = [bool(_got_up(placement, seed)) for seed in range(_FALLS)]
    yield _figure(f"fall and up again, {placement.value}: alarms", 100 * sum(fell) / _FALLS, "%")
    slump = FALLS["slumping, sitting against a wall"]
    still = [_delay_ms(placement, seed, slump, still_ms=_STILL_MS) for seed in range(_FALLS)]
    name = f"slumping, {placement.value}, with the 120 s stillness alarm: found"
    yield _figure(name, 100 * (_FALLS - still.count(None)) / _FALLS, "%")


def _delay_ms(placement: Placement, seed: int, fall: Fall, **settings: int) -> int | None:
    """From the beginning of the fall to the first alarm; None when there is none."""
    wearer, motion = _walked(placement, 20_000 + seed, **settings)
    start_ms = wearer.at_ms
    down_s = _DOWN_S + settings.get("still_ms", 0) / 1000
    for at_ms, _ in _alarms(motion, itertools.chain(fall(wearer), stay_down(wearer, down_s))):
        return at_ms - start_ms
    return None


def _got_up(placement: Placement, seed: int) -> list[tuple[int, int]]:
    wearer, motion = _walked(placement, 30_000 + seed)
    fall = list(FALLS.values())[seed % len(FALLS)]
    return list(_alarms(motion, itertools.chain(fall(wearer), get_up(wearer))))


def _daily_living(placement: Placement) -> Iterator[Figure]:
    for name, activity in ACTIVITIES.items():
        told = 0
        for seed in range(_WEARERS):
            wearer, motion = _walked(placement, 40_000 + seed)
            told += len(list(_alarms(motion, activity(wearer, _EACH_S))))
        hours = _WEARERS * _EACH_S / 3600
        yield _figure(f"{name}, {placement.value}: false alarms", told / hours, "1/h")
    told = 0
    for seed in range(_WEARERS):
        wearer = Wearer(placement, 50_000 + seed)
        told += len(list(_alarms(_motion(placement), working_day(wearer, _DAY_S))))
    share = _WEARERS * _DAY_S / (8 * 3600)
    yield _figure(f"mixed working day, {placement.value}: false alarms", told / share, "1/8 h")


def _motion(placement: Placement, **settings: int) -> Motion:
    if placement is Placement.POCKET:
        settings["down_deg"] = 0
    return Motion(**settings)


def _walked(placement: Placement, seed: int, **settings: int) -> tuple[Wearer, Motion]:
    wearer, motion = Wearer(placement, seed), _motion(placement, **settings)
    before = list(_alarms(motion, walk(wearer, wearer.rng.uniform(20, 60))))
    assert not before
    return wearer, motion


def _alarms(motion: Motion, felt: Iterable[Sample]) -> Iterator[tuple[int, int]]:
    for sample in felt:
        event = motion.step(*sample)
        if event:
            yield sample.at_ms, event


def _recorded(path: Path) -> Figure:
    felt = list(recording(path))
    told = len(list(_alarms(Motion(), felt)))
    return _figure(f"recording, {path.stem}, {len(felt) // 50} s: false alarms", told, "alarms")


def _cost() -> list[Figure]:
    said = run_script(_HERE / "motion_in_vm.py", _RECORDINGS / "walking.csv", str(_ROUNDS))
    rate, left = map(int, said.split())
    return [
        _figure("samples in the VM", rate, "samples/s"),
        _figure("share of the VM's time at 50 Hz", 100 * _SAMPLES_A_SECOND / rate, "%"),
        _figure("heap left behind", left, "bytes"),
    ]


if __name__ == "__main__":
    for figure in run():
        sys.stdout.write(f"{figure.name:75} {figure.value:10.2f} {figure.unit}\n")
