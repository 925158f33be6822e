"""What wearers do all day, as movements of simulator.motion: nothing here is a fall.

Steps, landings and seats follow from mechanics. The levels were held beside public
recordings of waist-worn sensors: walking to 2.3 g at the most, stairs to 2.8 g, sitting
down hard 0.3 to 3.0 g (see tests/data/motion/README.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from simulator.motion import STANDARD_GRAVITY, Contact, Posture, Sample, Wearer

Activity = Callable[[Wearer, float], Iterator[Sample]]

_QUIET, _DESK, _LIVELY = 0.012, 0.035, 0.09


def walk(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """At some pace, on level ground."""
    rng = wearer.rng
    yield from _stride(
        wearer, seconds, rng.uniform(1.5, 2.15), rng.uniform(0.18, 0.36), rng.uniform(0.1, 0.5)
    )


def take_stairs(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Up, or down with harder steps."""
    rng = wearer.rng
    yield from _stride(
        wearer, seconds, rng.uniform(1.3, 2.0), rng.uniform(0.25, 0.5), rng.uniform(0.3, 0.9)
    )


def run(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Both feet off the ground in every step."""
    rng = wearer.rng
    yield from wearer.take(Posture.STANDING, 0.5)
    period = 1 / rng.uniform(2.4, 2.9)
    contact_share = rng.uniform(0.62, 0.8)
    width = period * contact_share
    peak = math.pi / 2 / contact_share  # as much push as weight, over a whole step
    heel = rng.uniform(0.2, 1.0)
    wearer.sway = _LIVELY
    for tick in wearer.ticks(seconds):
        phase_s = tick * wearer.period_s % period
        stance = Contact(0.0, width, peak).mean(phase_s, phase_s + wearer.period_s)
        strike = Contact(0.0, 0.04, heel).mean(phase_s, phase_s + wearer.period_s)
        side = 0.25 * math.sin(math.pi * tick * wearer.period_s / period)
        yield wearer.sense(rng.gauss(0, 0.12), side, stance + strike - 1)


def _stride(
    wearer: Wearer, seconds: float, cadence: float, bounce: float, heel: float
) -> Iterator[Sample]:
    yield from wearer.take(Posture.STANDING, 0.6)
    rng, lean, roll = wearer.rng, wearer.lean, wearer.roll
    wearer.sway = _LIVELY
    for tick in wearer.ticks(seconds):
        turn = 2 * math.pi * cadence * tick * wearer.period_s
        phase_s = tick * wearer.period_s % (1 / cadence)
        strike = Contact(0.0, 0.05, heel).mean(phase_s, phase_s + wearer.period_s)
        wearer.lean = lean + 0.035 * wearer.swing * math.sin(turn)
        wearer.roll = roll + 0.04 * wearer.swing * math.sin(turn / 2)
        yield wearer.sense(
            0.14 * math.sin(turn + 1.1) + rng.gauss(0, 0.03),
            0.1 * math.sin(turn / 2) + rng.gauss(0, 0.03),
            -bounce * math.cos(turn) + 0.07 * math.sin(2 * turn) + strike,
        )
    wearer.lean, wearer.roll = lean, roll


def stand(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Stands and talks."""
    yield from wearer.take(Posture.STANDING, 0.8)
    yield from wearer.hold(seconds, wearer.rng.choice((_DESK, _LIVELY)))


def work_at_a_desk(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Sits, leans, reaches, hardly moves for minutes."""
    yield from wearer.take(Posture.SITTING, 1.2)
    end_ms = wearer.at_ms + seconds * 1000
    while wearer.at_ms < end_ms:
        yield from wearer.hold(wearer.rng.uniform(5, 90), wearer.rng.choice((_QUIET, _DESK)))
        posture = wearer.rng.choice((Posture.SITTING, Posture.SITTING, Posture.RECLINED))
        yield from wearer.take(posture, wearer.rng.uniform(0.6, 2))


def sit_down_hard(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Stands, drops into a chair, sits, stands up, and again."""
    end_ms = wearer.at_ms + seconds * 1000
    while wearer.at_ms < end_ms:
        yield from wearer.take(Posture.STANDING, 1.2)
        yield from wearer.hold(wearer.rng.uniform(1, 4), _DESK)
        yield from _drop_into_a_chair(wearer)
        yield from wearer.hold(wearer.rng.uniform(5, 60), wearer.rng.choice((_QUIET, _DESK)))


def _drop_into_a_chair(wearer: Wearer) -> Iterator[Sample]:
    rng = wearer.rng
    speed, fall_s = rng.uniform(0.5, 1.6), rng.uniform(0.35, 0.8)
    yield from plunge(wearer, speed, fall_s, wearer.lean_in(Posture.SITTING), 0.0)
    contact = Contact.stopping(speed, 0.0, rng.uniform(0.07, 0.25))
    yield from wearer.turn(wearer.lean, wearer.roll, contact.width_s + 0.1, (contact,))


def plunge(
    wearer: Wearer, speed: float, fall_s: float, lean: float, roll: float, most: float = 0.97
) -> Iterator[Sample]:
    """Gathers speed (m/s) downwards within fall_s while turning; at most `most` g of it."""
    fall_s = max(fall_s, 2 * speed / STANDARD_GRAVITY / most)
    top = 2 * speed / STANDARD_GRAVITY / fall_s
    yield from wearer.turn(lean, roll, fall_s, (_Sag(fall_s, top),))


class _Sag(Contact):
    """The support that gives way: from none of it to `top` g less and back, in fall_s."""

    def __new__(cls, fall_s: float, top: float) -> _Sag:
        return super().__new__(cls, 0.0, fall_s, -top)

    def mean(self, from_s: float, to_s: float) -> float:
        share = min(1.0, (from_s + to_s) / 2 / self.width_s)
        return self.peak_g * (1 - math.cos(2 * math.pi * share)) / 2


def bend_down(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Picks things up, ties laces."""
    end_ms = wearer.at_ms + seconds * 1000
    while wearer.at_ms < end_ms:
        yield from wearer.take(Posture.BENT, wearer.rng.uniform(0.5, 1.2))
        yield from wearer.hold(wearer.rng.uniform(0.5, 12), _LIVELY)
        yield from wearer.take(Posture.STANDING, wearer.rng.uniform(0.5, 1.2))
        yield from wearer.hold(wearer.rng.uniform(1, 10), _DESK)


def jump(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """One or a few jumps, then standing; and again."""
    rng = wearer.rng
    end_ms = wearer.at_ms + seconds * 1000
    while wearer.at_ms < end_ms:
        yield from wearer.take(Posture.STANDING, 0.5)
        for _ in range(rng.randint(1, 4)):
            flight_s, width_s = rng.uniform(0.2, 0.45), rng.uniform(0.12, 0.25)
            speed = STANDARD_GRAVITY * flight_s / 2
            off = Contact.stopping(speed, 0.0, 0.3)
            yield from wearer.turn(wearer.lean, wearer.roll, 0.3, (off,))
            for _ in wearer.ticks(flight_s):
                yield wearer.sense(up=-1 + rng.uniform(0, 0.12))
            landing = Contact.stopping(speed, 0.0, width_s)
            yield from wearer.turn(wearer.lean, wearer.roll, width_s + 0.2, (landing,))
        yield from wearer.hold(rng.uniform(4, 40), rng.choice((_DESK, _LIVELY)))


def drive_on_a_rough_road(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Seated; a car's body bounces at 1-2 Hz, wheels at 10-15 Hz, and there are holes."""
    rng = wearer.rng
    yield from wearer.take(Posture.SITTING, 1.5)
    wearer.sway = _DESK
    roughness = rng.uniform(0.02, 0.12)
    hole: tuple[Contact, ...] = ()
    hole_at = 0.0
    for tick in wearer.ticks(seconds):
        at_s = tick * wearer.period_s
        if rng.random() < 0.004:
            hole_at, speed = at_s, rng.uniform(0.15, 0.7)
            hole = (_Sag(0.16, 2 * speed / STANDARD_GRAVITY / 0.16),)
            hole += (Contact.stopping(speed, 0.16, rng.uniform(0.05, 0.14)),)
        bounce = roughness * (math.sin(9.4 * at_s) + 0.8 * math.sin(81 * at_s)) * rng.random()
        yield wearer.sense(
            rng.gauss(0, roughness / 2),
            rng.gauss(0, roughness / 2),
            bounce + rng.gauss(0, roughness) + wearer.pushed(hole, at_s - hole_at),
        )


def drop_the_badge(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """It slips off, falls on a desk or the floor, and is picked up and worn again."""
    rng = wearer.rng
    end_ms = wearer.at_ms + seconds * 1000
    while wearer.at_ms < end_ms:
        yield from wearer.take(Posture.STANDING, 0.5)
        yield from wearer.hold(2, _LIVELY)
        yield from fling(wearer, rng.uniform(0.3, 1.3))
        yield from wearer.hold(rng.uniform(1, 5), 0.0)
        yield from wearer.turn(rng.uniform(-1, 1), rng.uniform(-1, 1), 0.8)
        yield from wearer.take(Posture.STANDING, 0.8)
        yield from walk(wearer, rng.uniform(10, 40))


def fling(wearer: Wearer, height_m: float) -> Iterator[Sample]:
    """Free fall from a height, some bounces, and rest on some side."""
    rng = wearer.rng
    speed = math.sqrt(2 * STANDARD_GRAVITY * height_m)
    while speed > 0.3:
        for _ in wearer.ticks(speed / STANDARD_GRAVITY):
            wearer.lean += 0.15
            yield wearer.sense(up=-1 + rng.uniform(-0.05, 0.05))
        blow = Contact.stopping(speed, 0.0, rng.uniform(0.003, 0.012))
        yield from wearer.turn(wearer.lean, wearer.roll, wearer.period_s, (blow,))
        speed *= rng.uniform(0.2, 0.45)
    wearer.lean = math.radians(rng.choice((-90, 90)) + rng.uniform(-15, 15))


def lie_down(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Lies down slowly, rests half a minute, gets up."""
    end_ms = wearer.at_ms + seconds * 1000
    while wearer.at_ms < end_ms:
        yield from wearer.take(Posture.SITTING, 1.5)
        yield from wearer.hold(wearer.rng.uniform(1, 4), _DESK)
        yield from wearer.take(Posture.LYING, wearer.rng.uniform(1.5, 4))
        yield from wearer.hold(wearer.rng.uniform(10, 40), _DESK)
        yield from wearer.take(Posture.SITTING, 2)
        yield from walk(wearer, 20)


ACTIVITIES: dict[str, Activity] = {
    "walking": walk,
    "running": run,
    "stairs": take_stairs,
    "standing": stand,
    "desk work": work_at_a_desk,
    "sitting down hard": sit_down_hard,
    "bending down": bend_down,
    "jumping": jump,
    "rough road": drive_on_a_rough_road,
    "badge dropped, picked up": drop_the_badge,
    "lying down under 60 s": lie_down,
}

# A working day: how often, and how long at a time (seconds from ... to).
_DAY: tuple[tuple[Activity, float, tuple[float, float]], ...] = (
    (work_at_a_desk, 20, (120, 1500)),
    (walk, 30, (10, 240)),
    (stand, 22, (10, 300)),
    (drive_on_a_rough_road, 4, (300, 1500)),
    (take_stairs, 8, (8, 40)),
    (sit_down_hard, 5, (5, 60)),
    (bend_down, 8, (5, 40)),
    (run, 2, (5, 40)),
    (jump, 0.5, (5, 20)),
    (drop_the_badge, 0.3, (1, 10)),
)


def working_day(wearer: Wearer, seconds: float) -> Iterator[Sample]:
    """Mixed daily living of a mobile worker, worn throughout; nobody lies down."""
    activities, weights, lengths = zip(*_DAY, strict=True)
    end_ms = wearer.at_ms + seconds * 1000
    yield from walk(wearer, 30)
    while wearer.at_ms < end_ms:
        [at] = wearer.rng.choices(range(len(_DAY)), weights)
        yield from activities[at](wearer, wearer.rng.uniform(*lengths[at]))
