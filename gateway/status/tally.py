"""How much each radio heard, and how fast. Pure."""

from typing import NamedTuple

WINDOW_MS = 10_000
_MS_PER_S = 1000


class Counts(NamedTuple):
    """Advertisements since the start: of badges and buttons, and of strangers; both per second."""

    adverts: int = 0
    ambient: int = 0
    per_s: float = 0.0


class Tally:
    """Counts by the name of the radio. Times are ms of a steady clock."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def advert(self, now_ms: int, radio: str) -> None:
        """A badge or button was heard."""
        window = self._window(now_ms, radio)
        window.adverts += 1
        window.heard(now_ms)

    def ambient(self, now_ms: int, radio: str) -> None:
        """A stranger was heard."""
        window = self._window(now_ms, radio)
        window.ambient += 1
        window.heard(now_ms)

    def counts(self, now_ms: int, radio: str) -> Counts:
        """What this radio heard."""
        window = self._windows.get(radio)
        if window is None:
            return Counts()
        window.roll(now_ms)
        return Counts(window.adverts, window.ambient, window.per_s)

    def _window(self, now_ms: int, radio: str) -> "_Window":
        window = self._windows.get(radio)
        if window is None:
            window = self._windows[radio] = _Window(now_ms)
        return window


class _Window:
    """One radio. Its rate is that of the last window, which lasts 10 s or until somebody looks."""

    __slots__ = ("_began_ms", "_inside", "adverts", "ambient", "per_s")

    def __init__(self, now_ms: int) -> None:
        self.adverts = self.ambient = self._inside = 0
        self.per_s = 0.0
        self._began_ms = now_ms

    def heard(self, now_ms: int) -> None:
        self.roll(now_ms)
        self._inside += 1

    def roll(self, now_ms: int) -> None:
        passed_ms = now_ms - self._began_ms
        if passed_ms >= WINDOW_MS:
            self.per_s = round(self._inside * _MS_PER_S / passed_ms, 1)
            self._began_ms, self._inside = now_ms, 0
