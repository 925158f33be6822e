"""Falls, as movements of simulator.motion: each begins on the feet and ends as named.

From mechanics, not from recordings: a body that topples reaches the floor at 2-3 m/s (a
free fall of its hip's height would give 4), in half a second or more; hands, knees and
what is worn share the stopping. Sinking down takes seconds, and arrives gently.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from simulator.daily_living import fling, plunge, walk
from simulator.motion import Contact, Posture, Sample, Wearer

Fall = Callable[[Wearer], Iterator[Sample]]


def fall_forward(wearer: Wearer) -> Iterator[Sample]:
    """Trips; knees and hands first, then the trunk."""
    yield from _topple(wearer, -wearer.lean_in(Posture.LYING), _some_roll(wearer), (0.2, 0.55))


def fall_backward(wearer: Wearer) -> Iterator[Sample]:
    """Slips; the seat first, then the back."""
    yield from _topple(wearer, wearer.lean_in(Posture.LYING), _some_roll(wearer), (0.45, 0.85))


def fall_sideways(wearer: Wearer) -> Iterator[Sample]:
    """On the hip, then the shoulder."""
    roll = math.radians(wearer.rng.choice((-1, 1)) * wearer.rng.uniform(70, 105))
    yield from _topple(wearer, math.radians(wearer.rng.uniform(-20, 20)), roll, (0.5, 0.9))


def faint(wearer: Wearer) -> Iterator[Sample]:
    """The knees give way; down in a second or so, with less speed."""
    rng = wearer.rng
    lean = rng.choice((-1, 1)) * wearer.lean_in(Posture.LYING)
    speed = rng.uniform(1.2, 2.3)
    yield from plunge(wearer, speed, rng.uniform(0.7, 1.3), lean * 0.6, 0.2)
    yield from _arrive(wearer, speed, lean, _some_roll(wearer), (0.4, 0.8), (0.1, 0.3))


def slump(wearer: Wearer) -> Iterator[Sample]:
    """Slides down a wall and sits there."""
    rng = wearer.rng
    lean, speed = wearer.lean_in(Posture.SLUMPED), rng.uniform(0.4, 1.1)
    yield from plunge(wearer, speed, rng.uniform(1.2, 2.8), lean, 0.1)
    yield from _arrive(wearer, speed, lean, _some_roll(wearer), (0.8, 1.0), (0.1, 0.25))


def sink_to_the_floor(wearer: Wearer) -> Iterator[Sample]:
    """First on the knees, then down, without a blow."""
    yield from wearer.take(Posture.BENT, 2)
    lean = wearer.rng.choice((-1, 1)) * wearer.lean_in(Posture.LYING)
    yield from wearer.turn(lean, _some_roll(wearer), wearer.rng.uniform(1.5, 3))


def fall_from_a_height(wearer: Wearer) -> Iterator[Sample]:
    """Off a ladder: free fall, then the floor."""
    yield from fling(wearer, wearer.rng.uniform(0.8, 2.5))


def _some_roll(wearer: Wearer) -> float:
    return math.radians(wearer.rng.uniform(-25, 25))


def _topple(
    wearer: Wearer, lean: float, roll: float, first_share: tuple[float, float]
) -> Iterator[Sample]:
    rng = wearer.rng
    speed = rng.uniform(1.9, 3.1)
    yield from plunge(wearer, speed, rng.uniform(0.45, 0.9), lean * 0.7, roll * 0.7)
    yield from _arrive(wearer, speed, lean, roll, first_share, (0.06, 0.2))


def _arrive(
    wearer: Wearer,
    speed: float,
    lean: float,
    roll: float,
    first_share: tuple[float, float],
    width_s: tuple[float, float],
) -> Iterator[Sample]:
    """Two contacts that share the stopping, while the body turns to where it stays."""
    rng = wearer.rng
    first = rng.uniform(*first_share)
    after_s = rng.uniform(0.08, 0.25)
    contacts = (
        Contact.stopping(first * speed, 0.0, rng.uniform(*width_s)),
        Contact.stopping((1 - first) * speed + 0.2, after_s, rng.uniform(*width_s)),
    )
    yield from wearer.turn(lean, roll, after_s + 0.35, contacts)


def stay_down(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Unconscious, or awake and moving where it lies."""
    if wearer.rng.random() < 0.6:
        yield from _breathe(wearer, seconds)
        return
    end_ms = wearer.at_ms + seconds * 1000
    lean, roll = wearer.lean, wearer.roll
    while wearer.at_ms < end_ms:
        yield from wearer.hold(wearer.rng.uniform(0.5, 6), 0.03)
        aside = wearer.rng.uniform(-0.25, 0.25)
        yield from wearer.turn(lean + aside, roll + aside, wearer.rng.uniform(0.3, 1))


def _breathe(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    rate, depth = wearer.rng.uniform(0.15, 0.4), wearer.rng.uniform(0.002, 0.015)
    lean = wearer.lean
    wearer.sway = 0.002
    for tick in wearer.ticks(seconds):
        breath = math.sin(2 * math.pi * rate * tick * wearer.period_s)
        wearer.lean = lean + depth * breath
        yield wearer.sense()


def get_up(wearer: Wearer) -> Iterator[Sample]:
    """Unhurt: gets up after a few seconds, and walks on."""
    yield from wearer.hold(wearer.rng.uniform(0.5, 4), 0.05)
    yield from wearer.take(Posture.BENT, wearer.rng.uniform(0.8, 1.6))
    yield from walk(wearer, 40)


FALLS: dict[str, Fall] = {
    "forward": fall_forward,
    "backward": fall_backward,
    "sideways": fall_sideways,
    "from a height": fall_from_a_height,
    "fainting": faint,
    "sinking to the floor": sink_to_the_floor,
    "slumping, sitting against a wall": slump,
}
HARD_FALLS = ("forward", "backward", "sideways", "from a height")
