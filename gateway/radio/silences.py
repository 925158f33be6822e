"""How long a radio hears nothing when all is well: learnt from what it heard. Pure."""

from collections import deque
from typing import NamedTuple

RECENT_MS = 20 * 60_000
RECENT_COUNT = 64
ENOUGH = 8
_SECOND_MS = 1000
_HOUR_MS = 3_600_000
_HOURS = 8 * 24  # a week with its weekend, and a day


class _Silence(NamedTuple):
    number: int
    ended_ms: int
    length_ms: int


class Silences:
    """The silences of one source of advertisements; times in ms of any steady clock.

    The longest silence of each second with an advertisement counts, for 20 minutes and for
    64 such seconds at least. So a thousand advertisements in one second weigh no more than
    one, and a place with little to hear is judged by hours. Besides, the longest of each
    hour is kept for eight days.
    """

    def __init__(self) -> None:
        # Each is longer than those after it: the others will never be the longest.
        self._recent: deque[_Silence] = deque()
        self._hours: deque[tuple[int, int]] = deque(maxlen=_HOURS)
        self._count = 0
        self._kept_ms: int | None = None
        self._longest_ms = 0

    def note(self, now_ms: int, silence_ms: int) -> None:
        """A silence of so long ended now."""
        self._longest_ms = max(self._longest_ms, silence_ms)
        if self._kept_ms is None or now_ms - self._kept_ms >= _SECOND_MS:
            self._count += 1
            self._keep(_Silence(self._count, now_ms, self._longest_ms))
            self._kept_ms, self._longest_ms = now_ms, 0

    @property
    def usual_ms(self) -> int | None:
        """The longest silence of late; None: too little was heard to say."""
        return self._recent[0].length_ms if self._count >= ENOUGH else None

    def longest_ms(self, now_ms: int) -> int:
        """The longest silence of the last eight days, to the hour; 0: none."""
        oldest = now_ms // _HOUR_MS - _HOURS
        return max((longest for hour, longest in self._hours if hour >= oldest), default=0)

    def _keep(self, silence: _Silence) -> None:
        recent = self._recent
        while recent and recent[-1].length_ms <= silence.length_ms:
            recent.pop()
        recent.append(silence)
        while self._is_old(recent[0], silence.ended_ms):
            recent.popleft()
        hour, longest_ms = silence.ended_ms // _HOUR_MS, silence.length_ms
        if self._hours and self._hours[-1][0] == hour:
            longest_ms = max(longest_ms, self._hours.pop()[1])
        self._hours.append((hour, longest_ms))

    def _is_old(self, silence: _Silence, now_ms: int) -> bool:
        return (
            silence.number <= self._count - RECENT_COUNT and silence.ended_ms < now_ms - RECENT_MS
        )
