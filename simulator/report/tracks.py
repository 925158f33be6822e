"""Where people were."""

from bisect import bisect_right
from typing import NamedTuple

from simulator.lockstep.log import Entry
from simulator.report.facts import number, whole

_MOST = 2_000


class Stop(NamedTuple):
    """Metres east and north on a floor; between two stops people walk straight."""

    at_ms: int
    x: float
    y: float
    floor: int

    def towards(self, other: "Stop", at_ms: int) -> "Stop":
        """Where somebody is at that time, on the way to another."""
        share = (at_ms - self.at_ms) / max(1, other.at_ms - self.at_ms)
        return Stop(
            at_ms,
            self.x + share * (other.x - self.x),
            self.y + share * (other.y - self.y),
            other.floor if share >= 1 else self.floor,
        )


Track = tuple[Stop, ...]


class TrackLog:
    """A listener. Of very long ways some corners are left out."""

    def __init__(self) -> None:
        self._tracks: dict[str, list[Stop]] = {}

    def __call__(self, entry: Entry) -> None:
        if entry.what == "is at":
            track = self._tracks.setdefault(entry.who, [])
            x, y, floor = number(entry, "x"), number(entry, "y"), whole(entry, "floor")
            track.append(Stop(entry.at_ms, x, y, floor))
            if len(track) > _MOST:
                del track[1:-1:2]

    def tracks(self) -> dict[str, Track]:
        """By name, in the order in which people first moved."""
        return {name: tuple(track) for name, track in self._tracks.items()}


def where(track: Track, at_ms: int) -> Stop | None:
    """Where somebody was. Before the first stop: there, since people stand until they walk."""
    following = bisect_right(track, at_ms, key=lambda stop: stop.at_ms)
    if not track or following == 0:
        return track[0] if track else None
    if following == len(track):
        return track[-1]
    return track[following - 1].towards(track[following], at_ms)
