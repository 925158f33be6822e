"""From entries that come as fast as a run makes them, to a moment that moves at its own speed."""

from collections import deque

from simulator.lockstep.log import Entry
from simulator.report.tracks import Stop, Track, TrackLog, where

AHEAD_MS = 600_000
"""How far ahead of what is shown entries are taken: people are drawn between two known places."""

AHEAD_ENTRIES = 50_000
SPEEDS = (1, 2, 5, 10, 20, 60, 120, 300, 600, 1_800, 3_600, 0)
"""Virtual seconds a real second; 0: as fast as possible."""


class Playback:
    """speed: virtual seconds a real second; 0: as fast as entries come."""

    def __init__(self, speed: float, starts: dict[str, Stop] | None = None) -> None:
        self.speed = speed
        self.paused = False
        self.now_ms = 0
        self.complete = False
        self._coming: deque[Entry] = deque()
        self._latest_ms = 0
        self._tracks = TrackLog()
        self._starts = starts or {}
        self._known: dict[str, Track] = {}
        self._stale = False
        self._rest_ms = 0.0

    def push(self, entry: Entry) -> None:
        """An entry that comes later than all before."""
        self._coming.append(entry)
        self._latest_ms = entry.at_ms
        if entry.what == "is at":
            self._tracks(entry)
            self._stale = True

    def end(self) -> None:
        """No more entries come."""
        self.complete = True

    @property
    def hungry(self) -> bool:
        """Whether it wants more entries."""
        ahead_ms = self._latest_ms - self.now_ms
        return ahead_ms < AHEAD_MS and len(self._coming) < AHEAD_ENTRIES

    @property
    def over(self) -> bool:
        """Whether all has been shown."""
        return self.complete and not self._coming

    def advance(self, real_s: float) -> list[Entry]:
        """So much real time passes; returns what happens meanwhile."""
        if self.paused:
            return []
        if self.speed:
            self._rest_ms += real_s * self.speed * 1_000
            until_ms = min(self.now_ms + int(self._rest_ms), self._latest_ms)
            self._rest_ms -= int(self._rest_ms)
        else:
            until_ms = self._latest_ms
        self.now_ms = max(self.now_ms, until_ms)
        due = []
        while self._coming and self._coming[0].at_ms <= self.now_ms:
            due.append(self._coming.popleft())
        return due

    def change_speed(self, steps: int) -> None:
        """To a neighbour in SPEEDS."""
        ranked = [speed or float("inf") for speed in SPEEDS]
        now = self.speed or float("inf")
        at = min(range(len(ranked)), key=lambda one: (ranked[one] < now, ranked[one]))
        self.speed = SPEEDS[min(max(at + steps, 0), len(SPEEDS) - 1)]

    def stops(self) -> dict[str, Stop]:
        """Where everybody is now, between two known places too."""
        if self._stale or not self._known:
            self._known, self._stale = self._tracks.tracks(), False
        found = dict(self._starts)
        for name, track in self._known.items():
            start = self._starts.get(name)
            stop = where((start, *track) if start else track, self.now_ms)
            if stop is not None:
                found[name] = stop
        return found
