"""Fixes come as late and lie as far off as receivers are said to do."""

import math
import statistics
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynmeagps import NMEAReader

from simulator.gnss import epoch
from simulator.world.draws import Draws
from simulator.world.geometry import Point
from simulator.world.plan import Plan
from simulator.world.sky import HOT_FOR_MS, VIEWS, Fix, Receiver, Sky
from tests.world.conftest import HEAD, PLACE

HERE = Point(3, 4, 1.2)
SECOND_MS, HOUR_MS = 1000, 3_600_000
skies = st.sampled_from(list(VIEWS))


def fixes(sky_kind: str, number: int = 1500) -> list[Fix]:
    """Fixes of many badges, far apart in place and time, so that each is by itself."""
    sky = Sky(Draws(1))
    points = [Point(n * 500.0, 0, 1.2) for n in range(number)]
    return [sky.told(n, n * HOUR_MS, point, sky_kind) for n, point in enumerate(points)]


@given(st.integers(0, 99), st.integers(0, 10**9), st.integers(0, 10**6), skies, st.booleans())
def test_the_same_question_has_the_same_answer(
    badge: int, since_ms: int, for_ms: int, kind: str, hot: bool
) -> None:
    asked = (badge, since_ms, since_ms + for_ms, HERE, kind, hot)
    sky = Sky(Draws(1))
    sky.told(5, 77, HERE, "open")
    assert sky.fix(*asked) == Sky(Draws(1)).fix(*asked)


@pytest.mark.parametrize(
    ("kind", "hot", "low_s", "high_s"),
    [
        ("open", False, 23, 45),  # u-blox MAX-M10S and MAX-M8
        ("open", True, 1, 1.5),
        ("canyon", False, 40, 75),
        ("canyon", True, 2, 8),
    ],
)
def test_the_first_fix_comes_when_data_sheets_say(
    kind: str, hot: bool, low_s: float, high_s: float
) -> None:
    sky = Sky(Draws(1))
    times_s = [sky.time_to_fix_ms(n, 0, kind, hot) / 1000 for n in range(2000)]
    found = sorted(time for time in times_s if math.isfinite(time))
    assert low_s < statistics.median(found) < high_s
    assert len(found) / len(times_s) == pytest.approx(1 - VIEWS[kind].never, abs=0.02)


def test_indoors_most_searches_find_nothing_and_the_rest_are_late() -> None:
    sky = Sky(Draws(1))
    times = [sky.time_to_fix_ms(n, 0, "indoor", False) for n in range(2000)]
    assert sum(map(math.isinf, times)) / 2000 == pytest.approx(0.75, abs=0.03)
    assert min(times) > 20 * SECOND_MS


def test_under_open_sky_half_the_fixes_lie_within_the_data_sheets_2_5_m() -> None:
    errors = [fix.error_m for fix in fixes("open")]
    assert statistics.median(errors) == pytest.approx(2.5, abs=0.25)
    assert statistics.quantiles(errors, n=20)[18] < 8


@pytest.mark.parametrize(("better", "worse"), [("open", "canyon"), ("canyon", "indoor")])
def test_less_sky_is_worse_in_every_figure(better: str, worse: str) -> None:
    one, other = fixes(better), fixes(worse)
    for figure in ("error_m", "hdop", "accuracy_m"):
        medians = [statistics.median(getattr(fix, figure) for fix in each) for each in (one, other)]
        assert medians[0] < medians[1]
    satellites = [statistics.mean(fix.satellites for fix in each) for each in (one, other)]
    assert satellites[0] > satellites[1]


@pytest.mark.parametrize("kind", VIEWS)
def test_errors_lean_nowhere_and_are_of_their_deviation(kind: str) -> None:
    found = fixes(kind, 3000)
    for axis in ("x", "y"):
        off = [getattr(fix.told, axis) - getattr(fix.true, axis) for fix in found]
        assert abs(statistics.mean(off)) < 0.1 * VIEWS[kind].error_m
        assert statistics.pstdev(off) == pytest.approx(VIEWS[kind].error_m, rel=0.12)
    within = sum(fix.error_m <= fix.accuracy_m for fix in found) / len(found)
    assert within == pytest.approx(0.68, abs=0.05)


@pytest.mark.parametrize("kind", VIEWS)
def test_an_error_wanders_it_does_not_jump(kind: str) -> None:
    sky = Sky(Draws(1))

    def off(at_ms: int) -> float:
        return sky.told(1, at_ms, HERE, kind).told.x - HERE.x

    # Within one minute, in which the quality does not change.
    times = [hour * HOUR_MS + 10_000 for hour in range(400)]
    now, soon, later = ([off(at + wait) for at in times] for wait in (0, 1000, HOUR_MS))
    assert statistics.correlation(now, soon) > 0.98
    assert abs(statistics.correlation(now, later)) < 0.15


def test_reflections_are_those_of_the_place_for_all_who_stand_there() -> None:
    sky = Sky(Draws(1))
    near, far = Point(4, 4, 1.2), Point(300, 4, 1.2)
    times = range(0, 400 * HOUR_MS, HOUR_MS)

    def off(badge: int, point: Point) -> list[float]:
        return [sky.told(badge, at, point, "canyon").told.y - point.y for at in times]

    assert statistics.correlation(off(1, HERE), off(2, near)) > 0.6
    assert abs(statistics.correlation(off(1, HERE), off(2, far))) < 0.2


def searched(receiver: Receiver, from_ms: int, kind: str, most_s: int = 900) -> float | None:
    """Seconds until a fix, asking every second."""
    for second in range(most_s):
        if receiver.sense(from_ms + second * SECOND_MS, HERE, kind) is not None:
            return second
    return None


def test_a_receiver_starts_cold_and_hot_again_while_its_ephemerides_are_good() -> None:
    receiver = Receiver(Sky(Draws(1)), 7)
    receiver.power(True, 0)
    cold_s = searched(receiver, 0, "open")
    assert cold_s is not None
    assert 15 < cold_s < 60
    last_ms = int(cold_s) * SECOND_MS
    receiver.power(False, last_ms)
    assert receiver.sense(last_ms + 5000, HERE, "open") is None
    soon_ms = last_ms + HOT_FOR_MS - 1
    receiver.power(True, soon_ms)
    hot_s = searched(receiver, soon_ms, "open")
    assert hot_s is not None
    assert hot_s <= 3
    later_ms = soon_ms + 4000
    receiver.power(False, later_ms)
    receiver.power(True, later_ms + HOT_FOR_MS + 1)
    again_s = searched(receiver, later_ms + HOT_FOR_MS + 1, "open")
    assert again_s is not None
    assert again_s > 15


def test_without_backup_every_start_is_cold() -> None:
    receiver = Receiver(Sky(Draws(1)), 7, backup=False)
    receiver.power(True, 0)
    assert searched(receiver, 0, "open")
    receiver.power(False, 100_000)
    receiver.power(True, 101_000)
    again_s = searched(receiver, 101_000, "open")
    assert again_s is not None
    assert again_s > 15


def test_who_steps_out_of_a_house_finds_the_sky_there() -> None:
    sky = Sky(Draws(1))
    for badge in range(40):
        receiver = Receiver(sky, badge)
        receiver.power(True, 0)
        if searched(receiver, 0, "indoor", 30) is None:
            out_s = searched(receiver, 30_000, "open", 90)
            assert out_s is not None
            assert out_s < 60


def test_who_walks_in_loses_the_fix_after_a_while_and_has_it_soon_again_outside() -> None:
    sky = Sky(Draws(1))
    kept_s, back_s = [], []
    for badge in range(200):
        receiver = Receiver(sky, badge)
        receiver.power(True, 0)
        assert searched(receiver, 0, "open") is not None
        assert receiver.sense(99_000, HERE, "open") is not None
        begun = next(
            second
            for second in range(300)
            if receiver.sense(100_000 + second * SECOND_MS, HERE, "indoor") is None
        )
        kept_s.append(begun)
        outside = searched(receiver, 100_000 + (begun + 1) * SECOND_MS, "open")
        assert outside is not None
        back_s.append(outside)
    assert 10 < statistics.mean(kept_s) < 30
    assert statistics.median(back_s) <= 2


def test_being_switched_on_twice_changes_nothing() -> None:
    receiver = Receiver(Sky(Draws(1)), 7)
    receiver.power(True, 0)
    first = searched(receiver, 0, "open")
    again = Receiver(Sky(Draws(1)), 7)
    again.power(True, 0)
    again.power(True, 5000)
    assert searched(again, 0, "open") == first


@settings(max_examples=50)
@given(st.integers(0, 999), st.integers(0, HOUR_MS), skies)
def test_a_fix_can_be_said_in_sentences(badge: int, at_ms: int, kind: str) -> None:
    plan = Plan.parse("test.toml", HEAD + PLACE)
    fix = Sky(Draws(1)).told(badge, at_ms, HERE, kind)
    now = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
    latitude, longitude = plan.latlon(fix.told)
    said = epoch(latitude, longitude, 1.3, 90.0, now, fix.hdop, fix.satellites)
    gga, gsa, rmc = (NMEAReader.parse(line) for line in said.splitlines(keepends=True))
    assert (rmc.lat, rmc.lon) == pytest.approx((latitude, longitude), abs=1e-6)
    assert (gga.numSV, gga.HDOP, gsa.HDOP) == (fix.satellites, fix.hdop, fix.hdop)
    back = plan.point_at(rmc.lat, rmc.lon)
    assert fix.told.to(back) < 0.2
