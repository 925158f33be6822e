"""A badge's electronics without the VM: badge.core and its pure companions under CPython."""

from collections.abc import Callable
from enum import Enum

from simulator.lockstep.acts import Act, Boots, Sleeps, Stops, Told
from simulator.lockstep.core_life import (
    BOOT_MS,
    Board,
    Keys,
    Life,
    Settings,
    SwitchedOffError,
)
from simulator.lockstep.fuse import KilledError
from simulator.retained import BUTTON, MOVED, POWER_ON, RESET, TIMER, Retained

_FALL_MS = 40_600  # walking, the fall, and stillness until the detector is sure
_NEVER = float("inf")


class _Power(Enum):
    OFF = 0  # no cell, or down by itself
    ASLEEP = 1
    STARTING = 2
    AWAKE = 3


class CoreBody:
    """One badge; see simulator.lockstep.acts.Body. unix_s, drift_ppm: of its clock."""

    def __init__(
        self,
        keys: Keys,
        settings: Settings,
        *,
        unix_s: int | None,
        nonce: Callable[[int], bytes],
        drift_ppm: float = 0.0,
    ) -> None:
        self._board = Board(keys, settings, Retained(0, unix_s, drift_ppm), nonce)
        self._power = _Power.STARTING
        self._cause = POWER_ON
        self._life: Life | None = None
        self._due_ms: float = 0
        self._falls_ms: float = _NEVER
        self._fallen = False
        self._acts: list[Act] = []

    @property
    def due_ms(self) -> float:
        return min(self._due_ms, self._falls_ms)

    def run(self, now_ms: int) -> list[Act]:
        while self.due_ms <= now_ms:
            self._advance(int(self.due_ms))
        acts, self._acts = self._acts, []
        return acts

    def press(self, now_ms: int, *, down: bool) -> None:
        self._board.down = down
        if self._life is not None:
            self._life.edge(now_ms, down)
            self._due_ms = now_ms
        elif down and self._power is _Power.ASLEEP:
            self._wake(now_ms, BUTTON)

    def cell(self, now_ms: int, millivolts: int) -> None:
        self._board.cell_mv = millivolts

    def connect(self, now_ms: int, connection: int) -> None:
        self._tell(now_ms, "connected", connection)

    def disconnect(self, now_ms: int, connection: int) -> None:
        self._tell(now_ms, "disconnected", connection)

    def write(self, now_ms: int, connection: int, sealed: bytes) -> None:
        self._tell(now_ms, "written", connection, sealed)

    def receive(self, now_ms: int, told: Told | None) -> None:
        self._live(now_ms, lambda life: life.receive(now_ms, told))

    def fall(self, now_ms: int) -> None:
        self._falls_ms = now_ms + _FALL_MS

    def wear_out(self, now_ms: int, *, worn: bool) -> None:
        self._board.flash.worn = worn

    def crash(self, now_ms: int) -> None:
        if self._life is not None:
            self._stop("reset")

    def fill_memory(self, now_ms: int, free: int) -> None:
        """Nothing: this body has no heap of its own."""

    def power_off(self, now_ms: int) -> None:
        self._life, self._power, self._due_ms = None, _Power.OFF, _NEVER

    def power_on(self, now_ms: int) -> None:
        self.reset(now_ms, brown_out=True)

    def reset(self, now_ms: int, *, brown_out: bool) -> None:
        if brown_out:
            self._board.retained.lose_power(now_ms / 1000)
        self._life, self._power = None, _Power.STARTING
        self._cause = POWER_ON if brown_out else RESET
        self._due_ms = now_ms + (0 if brown_out else BOOT_MS)

    def cut_at(self, writes: int) -> None:
        self._board.flash.cut_at(writes)

    def close(self) -> None:
        """Nothing to let go of."""

    def _tell(self, now_ms: int, what: str, connection: int, sealed: bytes = b"") -> None:
        if self._life is not None:
            self._life.note(now_ms, what, connection, sealed)
            self._due_ms = now_ms

    def _advance(self, now_ms: int) -> None:
        if now_ms >= self._falls_ms:
            self._fall_is_sure(now_ms)
        elif self._power is _Power.ASLEEP:
            self._wake(now_ms, TIMER)
        elif self._power is _Power.STARTING:
            self._start(now_ms)
        else:
            self._live(now_ms, lambda life: life.run(now_ms))

    def _fall_is_sure(self, now_ms: int) -> None:
        self._falls_ms = _NEVER
        self._fallen = self._power in (_Power.ASLEEP, _Power.STARTING)  # told when it is awake
        if self._power is _Power.ASLEEP:
            self._wake(now_ms, MOVED)
        self._live(now_ms, lambda life: life.falls(now_ms))

    def _wake(self, now_ms: int, cause: str) -> None:
        self._power, self._cause, self._due_ms = _Power.STARTING, cause, now_ms + BOOT_MS

    def _start(self, now_ms: int) -> None:
        self._acts.append(Boots())
        self._power = _Power.AWAKE
        try:
            self._life = Life(self._board, now_ms, self._cause)
        except KilledError:
            self._stop("cut")
        else:
            fallen, self._fallen = self._fallen, False
            self._live(now_ms, lambda life: life.begin(now_ms, fallen=fallen))

    def _live(self, now_ms: int, work: Callable[[Life], None]) -> None:
        """Lets the processor do something, and sees what came of it."""
        life = self._life
        if life is None:
            return
        try:
            work(life)
        except KilledError:
            self._acts += life.acts
            self._stop("cut")
            return
        except SwitchedOffError:
            pass  # asleep, as far as life.sleeps_until says
        self._acts += life.acts
        life.acts.clear()
        if life.sleeps_until is None:
            self._due_ms = max(life.due_ms, now_ms)
        else:
            self._acts.append(Sleeps())
            self._life, self._power, self._due_ms = None, _Power.ASLEEP, life.sleeps_until

    def _stop(self, why: str) -> None:
        self._life, self._power, self._due_ms = None, _Power.OFF, _NEVER
        self._acts.append(Stops(why))
