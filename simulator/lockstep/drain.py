"""A badge's cell in a run: what the badge does draws current, by the power budget of hardware/."""

from functools import cache

from hardware.power import currents
from simulator.world.cell import Cell

BOARD = "badge"
CAPACITY_MAH = 500.0
_FAST_MS = 50  # below this interval an advertising radio hardly rests
_PEAK_MA = 260.0  # of an ESP32 that sends (docs: hardware)


@cache
def _typical() -> dict[str, float]:
    return {state: current.typical for state, current in currents(BOARD).items()}


class Drain:
    """Follows what a badge does. percent: how full its cell begins."""

    def __init__(self, percent: float) -> None:
        self._cell = Cell(CAPACITY_MAH, _typical(), percent=percent)
        self._state: str | None = "boot"
        self._extras: frozenset[str] = frozenset()
        self._since_ms = 0

    @property
    def empty(self) -> bool:
        """Whether it does not carry the radio's peaks any more."""
        return not self._cell.bears(_PEAK_MA)

    @property
    def millivolts(self) -> int:
        """At rest, in whole steps of 2 mV as a badge can measure them."""
        return int(self._cell.resting_mv()) // 2 * 2

    def become(self, now_ms: int, state: str | None) -> None:
        """What the processor and the radio do from now on: a state of hardware.power, or nothing,
        the cell being out."""
        self.pass_time(now_ms)
        self._state = state

    def add(self, now_ms: int, extra: str, *, on: bool) -> None:
        """A part beside them is switched: `gnss_tracking`, `vibration`."""
        self.pass_time(now_ms)
        self._extras = self._extras | {extra} if on else self._extras - {extra}

    def reset(self, now_ms: int, state: str | None) -> None:
        """Every part beside them is off."""
        self.become(now_ms, state)
        self._extras = frozenset()

    def replace(self, now_ms: int) -> None:
        """A full cell goes in."""
        self._cell = Cell(CAPACITY_MAH, _typical())
        self._since_ms = now_ms

    def pass_time(self, now_ms: int) -> None:
        """What has flown until now is gone."""
        passed_ms = now_ms - self._since_ms
        self._since_ms = now_ms
        if passed_ms > 0 and self._state is not None:
            self._cell.spend(self._state, passed_ms)
            for extra in sorted(self._extras):
                self._cell.spend(extra, passed_ms)


def radio_state(interval_ms: int | None, *, connected: bool) -> str:
    """What an awake badge's radio does, as a state of hardware.power."""
    if interval_ms is None:
        return "connected" if connected else "idle"
    return "advertise_fast" if interval_ms < _FAST_MS else "advertise"
