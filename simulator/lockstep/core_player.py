"""The motor of a badge that runs without the VM: badge.output.Player in virtual time."""

from collections.abc import Generator

from badge.signals import BETWEEN_MS, LONGEST_MS, NONE, PENDING, VIBRATION
from simulator.lockstep.acts import Act, Moves


class CorePlayer:
    """play() says what comes, run() plays it up to a time."""

    def __init__(self) -> None:
        self._next = NONE
        self._waiting = False  # a pattern
        self._playing = False
        self._on = False
        self._acts: list[Act] = []
        self.due_ms: float = float("inf")
        self._program = self._run()
        next(self._program)

    @property
    def busy(self) -> bool:
        """Whether it plays, or is about to."""
        return self._playing or self._waiting

    def play(self, now_ms: int, pattern: int) -> None:
        """Plays it after the one under way, in place of one that waits."""
        self._next = pattern
        self._waiting = True
        if not self._playing:
            self.due_ms = now_ms

    def run(self, now_ms: int) -> list[Act]:
        """What the pin does up to now."""
        while self.due_ms <= now_ms:
            wait_ms = next(self._program)
            self.due_ms = float("inf") if wait_ms is None else self.due_ms + wait_ms
        acts, self._acts = self._acts, []
        return acts

    def _run(self) -> Generator[int | None, None, None]:
        while True:
            self._playing = False
            while not self._waiting:
                yield None
            self._playing = True
            self._waiting = False
            pattern, self._next = self._next, NONE
            yield from self._play(VIBRATION[pattern])
            if not self._waiting or pattern != PENDING:
                yield BETWEEN_MS

    def _play(self, durations_ms: tuple[int, ...]) -> Generator[int, None, None]:
        long = sum(durations_ms) > LONGEST_MS
        on = True
        for duration_ms in durations_ms:
            if long and self._waiting:
                break
            self._move(on)
            yield duration_ms
            on = not on
        self._move(False)

    def _move(self, on: bool) -> None:
        if on != self._on:
            self._on = on
            self._acts.append(Moves(on))
