"""Positions of open alerts for OwnTracks apps and recorders.

Format: `_type: location` of the OwnTracks booklet, JSON
(https://owntracks.org/booklet/tech/json). Never retained: when the alert is
over, no broker shows where somebody was.
"""

import msgspec

from desk.bridges.post import Post
from gateway.contract.messages import AlertRecord, unix_ms


class Location(msgspec.Struct, frozen=True, kw_only=True, tag_field="_type", tag="location"):
    """A position: degrees, metres, seconds of unix time, battery in percent.

    tid: two characters that the apps draw on the map; tst: when the fix was taken.
    """

    lat: float
    lon: float
    tst: int
    tid: str
    acc: int | msgspec.UnsetType = msgspec.UNSET
    batt: int | msgspec.UnsetType = msgspec.UNSET

    def __repr__(self) -> str:
        return "<Location>"


def location(prefix: str, fleet: str, record: AlertRecord) -> Post | None:
    """The record's position on `{prefix}/{fleet}/badge-{number}`; None when it has none."""
    at = record.position
    if at is None or record.position_at is None:
        return None
    known_s = unix_ms(record.position_at) // 1000 - (at.age_s or 0)
    told = Location(
        lat=at.latitude,
        lon=at.longitude,
        tst=known_s,
        tid=f"{record.badge % 100:02}",
        acc=msgspec.UNSET if at.accuracy_m is None else at.accuracy_m,
        batt=msgspec.UNSET if record.battery is None else record.battery,
    )
    return Post(f"{prefix}/{fleet}/badge-{record.badge}", msgspec.json.encode(told))
