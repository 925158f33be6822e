"""Recordings are replayed as they were, and made-up walks go where they should."""

from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynmeagps import VALCKSUM, NMEAMessage, NMEAParseError, NMEAReader, haversine

from simulator.gnss import Burst, Position, recording, track

RECORDINGS = sorted((Path(__file__).parents[1] / "data" / "nmea").glob("*.nmea"))
START = datetime(2026, 3, 14, 23, 59, 30, tzinfo=UTC)
SQUARE = (
    Position(51.5000, -0.1200),
    Position(51.5010, -0.1200),
    Position(51.5010, -0.1184),
)


def sentences(bursts: list[Burst]) -> list[NMEAMessage]:
    stream = BytesIO(b"".join(sent for _, sent in bursts))
    return [message for _, message in NMEAReader(stream, validate=VALCKSUM, quitonerror=2)]


def readable(sent: bytes) -> list[NMEAMessage]:
    """The sentences with a right checksum."""
    found = []
    for line in sent.splitlines(keepends=True):
        with suppress(NMEAParseError):
            found.append(NMEAReader.parse(line, validate=VALCKSUM))
    return found


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_is_replayed_byte_for_byte(path):
    assert b"".join(sent for _, sent in recording(path)) == path.read_bytes()


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_is_replayed_at_the_pace_of_its_own_clock(path):
    paced_s, told_s = 0.0, []
    for delay_s, sent in recording(path):
        paced_s += delay_s
        clocks = [each.time for each in readable(sent) if each.msgID in ("GGA", "RMC")]
        told_s += [(paced_s, 3600 * t.hour + 60 * t.minute + t.second) for t in clocks]
    assert told_s
    begun_s = told_s[0][1] - told_s[0][0]
    assert all(int(begun_s + paced + 0.01) == told for paced, told in told_s)


def test_a_track_goes_through_its_waypoints_at_its_speed():
    bursts = list(islice(track(SQUARE, speed_mps=1.4, start=START), 200))
    walked = [each for each in sentences(bursts) if each.msgID == "RMC"]
    assert (walked[0].lat, walked[0].lon) == pytest.approx(SQUARE[0], abs=1e-6)
    assert (walked[-1].lat, walked[-1].lon) == pytest.approx(SQUARE[-1], abs=1e-6)
    corner_m = min(haversine(each.lat, each.lon, *SQUARE[1]) for each in walked) * 1000
    assert corner_m <= 1.4
    assert walked[10].spd * 1852 / 3600 == pytest.approx(1.4, abs=0.01)
    assert (walked[10].cog, walked[100].cog) == pytest.approx((0, 90), abs=0.1)
    assert walked[-1].spd == 0


def test_a_track_tells_the_time_across_midnight():
    bursts = list(islice(track(SQUARE, speed_mps=1.4, start=START), 60))
    walked = [each for each in sentences(bursts) if each.msgID == "RMC"]
    times = [datetime.combine(each.date, each.time, UTC) for each in walked]
    assert times[0] == START
    assert all((time - START).total_seconds() == second for second, time in enumerate(times))
    assert [delay_s for delay_s, _ in bursts] == [0.0] + [1.0] * 59


def test_there_is_neither_position_nor_time_before_the_first_fix():
    bursts = list(islice(track(SQUARE, speed_mps=1.4, start=START, fix_after_s=26), 30))
    received = sentences(bursts)
    assert [each.identity for each in received[:3]] == ["GNGGA", "GNGSA", "GNRMC"]
    statuses = [each.status for each in received if each.msgID == "RMC"]
    assert statuses == ["V"] * 26 + ["A"] * 4
    for early in received[: 26 * 3]:
        assert getattr(early, "lat", "") == ""
        assert getattr(early, "time", "") == ""
    assert [each.quality for each in received if each.msgID == "GGA"] == [0] * 26 + [1] * 4
    assert [each.navMode for each in received if each.msgID == "GSA"] == [1] * 26 + [3] * 4


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.builds(Position, st.floats(-80, 80), st.floats(-179, 179)), min_size=1, max_size=4),
    st.floats(0, 100),
)
def test_any_track_gives_sentences_that_parse(waypoints, speed_mps):
    bursts = list(islice(track(waypoints, speed_mps=speed_mps, start=START), 5))
    received = sentences(bursts)
    assert [each.msgID for each in received] == ["GGA", "GSA", "RMC"] * 5
    fix = received[2]
    assert (fix.lat, fix.lon) == pytest.approx(waypoints[0], abs=1e-6)
