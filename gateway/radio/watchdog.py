"""Whether each radio hears what it should, and what to do when it does not. Pure.

A scanner goes deaf without an error, so only silence tells. Silence means something where
there was something to hear: see docs/architecture.md.
"""

from typing import NamedTuple

from gateway.contract.messages import RadioState
from gateway.radio import RadioCondition
from gateway.radio.silences import Silences

FLOOR_MS = 14_000  # so that with its own time the restart follows within 15 s
FACTOR = 2.5  # of the longest silence of late
DEAF_STEPS = 3  # limits of silence: one for the scan, one for the adapter, one to see
DEAF_FACTOR = 1.2  # of the longest silence in eight days
CANARY_MS = 60_000  # how long a canary that was never heard is waited for
LONGEST_WAIT_MS = 30 * 60_000
START_MS = 10_000
_MS_PER_S = 1000


class Rescan(NamedTuple):
    """Start the scan of a radio again; silent_ms: it heard nothing for so long."""

    radio: str
    silent_ms: int


class Reset(NamedTuple):
    """Switch a radio off and on; silent_ms: it heard nothing for so long."""

    radio: str
    silent_ms: int


Remedy = Rescan | Reset


class Watchdog:
    """Watches radios by name. floor_ms: no silence shorter than this is one.

    has_canary: a badge stays nearby, so even the first silence after a start is one.
    Times are ms of a steady clock, not of one that is set.
    """

    def __init__(self, now_ms: int, *, floor_ms: int = FLOOR_MS, has_canary: bool = False) -> None:
        self._started_ms = now_ms
        self._floor_ms = floor_ms
        self._has_canary = has_canary
        self._watches: dict[str, _Watch] = {}

    def heard(self, now_ms: int, radio: str) -> None:
        """A radio heard anybody at all."""
        self._watch(now_ms, radio).heard(now_ms)

    def canary(self, now_ms: int, radio: str) -> None:
        """A radio heard the canary."""
        self._watch(now_ms, radio).heard_canary(now_ms)

    def condition(self, now_ms: int, radio: str, condition: RadioCondition) -> None:
        """A radio said how it is."""
        self._watch(now_ms, radio).said(now_ms, condition)

    def tick(self, now_ms: int) -> tuple[Remedy, ...]:
        """What is to be done now: at most one remedy for each radio."""
        remedies = (watch.tick(now_ms) for watch in self._watches.values())
        return tuple(remedy for remedy in remedies if remedy is not None)

    def hears(self, now_ms: int) -> bool:
        """Whether any radio hears, as far as one can tell; for 10 s after the start, yes."""
        return now_ms - self._started_ms < START_MS or any(
            watch.hears for watch in self._watches.values()
        )

    def radios(self, now_ms: int) -> tuple[RadioState, ...]:
        """Every radio that was ever there, by name."""
        return tuple(watch.state(now_ms) for _, watch in sorted(self._watches.items()))

    def _watch(self, now_ms: int, radio: str) -> "_Watch":
        watch = self._watches.get(radio)
        if watch is None:
            watch = _Watch(radio, now_ms, self._floor_ms, self._has_canary)
            self._watches[radio] = watch
        return watch


class _Watch:
    """One radio.

    since_ms: when the silence began; with_advert: whether an advertisement began it, and not
    the radio's own start. tried: remedies since then; due_ms: when the next one is due.
    revived_ms: when the radio last changed its condition, as after a remedy. cured_ms: when a
    remedy last ended a silence. failed_alone: it failed by itself, not in a remedy.
    """

    def __init__(self, name: str, now_ms: int, floor_ms: int, has_canary: bool) -> None:
        self._name = name
        self._floor_ms = floor_ms
        self._has_canary = has_canary
        self._condition = RadioCondition("scanning")
        self._all = Silences()
        self._canary = Silences()
        self._heard_ms: int | None = None
        self._canary_ms: int | None = None
        self._since_ms = self._revived_ms = self._cured_ms = now_ms
        self._with_advert = self._failed_alone = False
        self._tried = self._due_ms = 0
        self._deaf = False

    @property
    def hears(self) -> bool:
        return self._scans and not self._deaf

    @property
    def _scans(self) -> bool:
        return self._condition.state in ("scanning", "restarting")

    def heard(self, now_ms: int) -> None:
        if self._cured(now_ms):
            self._cured_ms = now_ms
        elif self._with_advert:
            self._all.note(now_ms, now_ms - self._since_ms)
        self._heard_ms = now_ms
        self._begin(now_ms, with_advert=True)

    def heard_canary(self, now_ms: int) -> None:
        if self._canary_ms is not None and self._cured_ms <= self._canary_ms:
            self._canary.note(now_ms, now_ms - self._canary_ms)
        self._canary_ms = now_ms

    def said(self, now_ms: int, condition: RadioCondition) -> None:
        before, self._condition = self._condition, condition
        if condition.state == before.state:
            return
        self._revived_ms = now_ms
        if condition.state == "failed" and not self._tried:
            self._failed_alone = True
        if not self._tried or self._failed_alone or before.state == "gone":
            self._begin(now_ms, with_advert=False)
        if self._scans:
            self._failed_alone = False

    def tick(self, now_ms: int) -> Remedy | None:
        limit_ms = self._limit_ms()
        if limit_ms is None:
            return None
        silent_ms = now_ms - self._since_ms
        if silent_ms < limit_ms:
            return None
        self._deaf = self._deaf or silent_ms >= self._deaf_ms(now_ms, limit_ms)
        if self._tried and now_ms < self._due_ms:
            return None
        wait_ms = min(limit_ms << self._tried, LONGEST_WAIT_MS)
        self._tried, self._due_ms, self._revived_ms = self._tried + 1, now_ms + wait_ms, now_ms
        # A scan that cannot begin is begun again by the radio itself.
        rescan = self._tried % 2 and self._scans
        return (Rescan if rescan else Reset)(self._name, silent_ms)

    def state(self, now_ms: int) -> RadioState:
        age_ms = None if self._heard_ms is None else now_ms - self._heard_ms
        return RadioState(
            name=self._name,
            state="deaf" if self._deaf and self._scans else self._condition.state,
            last_advert_age_s=None if age_ms is None else age_ms / _MS_PER_S,
            reason=self._condition.reason,
        )

    def _begin(self, now_ms: int, *, with_advert: bool) -> None:
        self._since_ms, self._with_advert = now_ms, with_advert
        self._tried, self._deaf = 0, False

    def _cured(self, now_ms: int) -> bool:
        """Whether a remedy ended the silence: then it was no silence of the place."""
        soon_ms = max(_MS_PER_S, self._all.usual_ms or 0)
        return self._tried > 0 and now_ms - self._revived_ms <= soon_ms

    def _limit_ms(self) -> int | None:
        """The silence after which something is wrong; None: any may be right."""
        if self._condition.state == "gone":
            return None
        if self._condition.state == "failed":
            return self._floor_ms
        usual = (self._all.usual_ms, self._canary.usual_ms)
        limits = [round(FACTOR * longest_ms) for longest_ms in usual if longest_ms is not None]
        if self._has_canary and self._canary.usual_ms is None:
            limits.append(CANARY_MS)
        return max(self._floor_ms, min(limits)) if limits else None

    def _deaf_ms(self, now_ms: int, limit_ms: int) -> int:
        """The silence after which the radio must be called deaf."""
        if self._has_canary:
            return DEAF_STEPS * limit_ms
        return max(DEAF_STEPS * limit_ms, round(DEAF_FACTOR * self._all.longest_ms(now_ms)))
