"""What a GNSS receiver says: recordings of real ones, and walks made to order.

Both give `(delay_s, sentences)`: wait so long, then the receiver sends these bytes.
Nothing here waits; pacing is the caller's.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from pynmeagps import bearing, haversine
from pynmeagps.nmeamessage import NMEAMessage

Burst = tuple[float, bytes]

EPOCH_S = 1.0
"""Seconds between two fixes of the receiver."""

_TIME_FIELDS = {b"GGA": 1, b"RMC": 1, b"ZDA": 1, b"GLL": 5}
_DAY_S = 86_400
_KNOTS_PER_METRE_A_SECOND = 3600 / 1852
_SATELLITES = (3, 5, 9, 12, 17, 19, 22, 25, 28, 30, 31, 32)  # GSA has room for no more
_IN_VIEW = 8
_HDOP = 0.9
_FROM_RECEIVER: Final = 0


def recording(path: Path) -> Iterator[Burst]:
    """Replay an NMEA file byte for byte, a burst for each epoch of its sentences.

    Only sentences with a right checksum tell the time; the rest travel with them.
    Raises OSError when the file cannot be read.
    """
    burst, delay_s, epoch_s = b"", 0.0, None
    for line in path.read_bytes().splitlines(keepends=True):
        time_s = _time_of_day(line)
        if time_s is not None and epoch_s is not None and time_s != epoch_s:
            yield delay_s, burst
            burst, delay_s = b"", _later_by(epoch_s, time_s)
        epoch_s = epoch_s if time_s is None else time_s
        burst += line
    if burst:
        yield delay_s, burst


def _time_of_day(sentence: bytes) -> float | None:
    fields = sentence.strip().split(b"*")[0].split(b",")
    at = _TIME_FIELDS.get(fields[0][-3:])
    if at is None or at >= len(fields) or not fields[at] or not _intact(sentence):
        return None
    text = fields[at].decode("ascii")
    return int(text[0:2]) * 3600 + int(text[2:4]) * 60 + float(text[4:])


def _intact(sentence: bytes) -> bool:
    body, _, checksum = sentence.strip().removeprefix(b"$").partition(b"*")
    return checksum.upper() == b"%02X" % functools.reduce(operator.xor, body, 0)


def _later_by(before_s: float, after_s: float) -> float:
    ahead_s = (after_s - before_s) % _DAY_S
    return ahead_s if ahead_s < _DAY_S / 2 else 0.0


class Position(NamedTuple):
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


def track(
    waypoints: Sequence[Position],
    *,
    speed_mps: float,
    start: datetime,
    fix_after_s: float = 0.0,
) -> Iterator[Burst]:
    """Walk along the waypoints at a speed, then stand at the last, without end.

    Every second GGA, GSA and RMC with talker GN. Until `fix_after_s` seconds have
    passed the receiver reports neither position nor time, as after a cold start; the
    walker walks all the same. start: UTC.
    """
    legs = tuple(_Leg(here, there) for here, there in pairwise(waypoints))
    for second in count():
        elapsed_s = second * EPOCH_S
        delay_s = EPOCH_S if second else 0.0
        if elapsed_s < fix_after_s:
            yield delay_s, no_fix()
        else:
            step = _step(legs, waypoints[-1], elapsed_s * speed_mps)
            now = start + timedelta(seconds=elapsed_s)
            yield delay_s, _with_fix(step, speed_mps if step.walking else 0.0, now)


class _Leg(NamedTuple):
    here: Position
    there: Position

    @property
    def length_m(self) -> float:
        return float(haversine(*self.here, *self.there)) * 1000

    def at(self, distance_m: float) -> Position:
        share = distance_m / self.length_m
        return Position(
            self.here.latitude + share * (self.there.latitude - self.here.latitude),
            self.here.longitude + share * (self.there.longitude - self.here.longitude),
        )


class _Step(NamedTuple):
    position: Position
    course_degrees: float
    walking: bool


def _step(legs: Sequence[_Leg], end: Position, distance_m: float) -> _Step:
    for leg in legs:
        if distance_m < leg.length_m:
            return _Step(leg.at(distance_m), float(bearing(*leg.here, *leg.there)), True)
        distance_m -= leg.length_m
    return _Step(end, 0.0, False)


def _with_fix(step: _Step, speed_mps: float, now: datetime) -> bytes:
    return epoch(*step.position, speed_mps, step.course_degrees, now)


def epoch(
    latitude: float,
    longitude: float,
    speed_mps: float,
    course_degrees: float,
    now: datetime,
    hdop: float = _HDOP,
    satellites: int = _IN_VIEW,
) -> bytes:
    """What a receiver with a fix says of one second: GGA, GSA and RMC with talker GN. now: UTC."""
    place = {"lat": round(latitude, 8), "lon": round(longitude, 8)}
    time = now.time()
    gga = _sentence(
        "GGA", time=time, **place, quality=1, numSV=satellites, HDOP=hdop, alt=30.0,
        altUnit="M", sep=46.0, sepUnit="M",
    )  # fmt: skip
    used = enumerate(_SATELLITES[:satellites], 1)
    gsa = _sentence(
        "GSA", opMode="A", navMode=3, **{f"svid_{number:02}": each for number, each in used},
        PDOP=1.5, HDOP=hdop, VDOP=1.2, systemId=1,
    )  # fmt: skip
    rmc = _sentence(
        "RMC", time=time, status="A", **place, spd=round(speed_mps * _KNOTS_PER_METRE_A_SECOND, 3),
        cog=round(course_degrees, 2), date=now.date(), posMode="A", navStatus="V",
    )  # fmt: skip
    return gga + gsa + rmc


def _sentence(kind: str, **fields: Any) -> bytes:
    return bytes(NMEAMessage("GN", kind, _FROM_RECEIVER, **fields).serialize())


def no_fix() -> bytes:
    """What a receiver without a fix says of one second: neither position nor time."""
    empty = {
        "GGA": [*[""] * 5, "0", "00", "99.99", *[""] * 6],
        "GSA": ["A", "1", *[""] * 12, "99.99", "99.99", "99.99", "1"],
        "RMC": ["", "V", *[""] * 9, "N", "V"],
    }
    return b"".join(_sentence(kind, payload=payload) for kind, payload in empty.items())
