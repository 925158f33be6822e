"""One badge in virtual time: the real firmware, and a clock that moves when we say so."""

import heapq
import itertools
from typing import NamedTuple

from badge.boards import esp32_generic as board
from simulator.badge_files import BadgeFiles
from simulator.vm_process import VmProcess

_RECEIVE_SIZE = 65536
_STUCK_S = 60  # of real time, in which the firmware neither waits nor speaks


class Said(NamedTuple):
    """What the badge's hardware did: when (milliseconds since power-on), and the line's words."""

    at_ms: int
    words: tuple[str, ...]


class LockstepBadge:
    """Badge hardware under a virtual clock. `said` is all that it has done since power-on."""

    def __init__(self, files: BadgeFiles, *, cut_at: int = 0, unix_s: int | None = None) -> None:
        self.now_ms = 0
        self.said: list[Said] = []
        self.stopped = ""  # "cut", "reset" or "ended" once the badge went down by itself
        self._vm = VmProcess(files, lockstep=True, cut_at=cut_at)
        self._vm.line.settimeout(_STUCK_S)
        self._rest = b""
        self._order = itertools.count()
        self._coming: list[tuple[int, int, str]] = []
        if unix_s is not None:
            self.send(f"rtc {unix_s}")
        self._until_wait()
        self._wake_ms = 0.0  # it waits to be told what the world is like

    def __enter__(self) -> "LockstepBadge":
        return self

    def __exit__(self, *_: object) -> None:
        self.power_off()

    def power_off(self) -> None:
        self._vm.kill()

    def send(self, line: str, after_ms: int = 0) -> None:
        """A line to the badge's hardware, after_ms from now."""
        heapq.heappush(self._coming, (self.now_ms + after_ms, next(self._order), line))

    def press(self, for_ms: int = 100, after_ms: int = 0) -> None:
        """A press of the button."""
        self.send(f"pin {board.BUTTON} 0", after_ms)
        self.send(f"pin {board.BUTTON} 1", after_ms + for_ms)

    def run(self, for_ms: int) -> list[Said]:
        """Lets time pass; returns what the badge did meanwhile."""
        end_ms = self.now_ms + for_ms
        first = len(self.said)
        while not self.stopped:
            next_ms = min(self._wake_ms, self._coming[0][0] if self._coming else self._wake_ms)
            if next_ms > end_ms:
                break
            self._advance(next_ms)
        self.now_ms = max(self.now_ms, end_ms)
        return self.said[first:]

    def _advance(self, to_ms: float) -> None:
        self.now_ms = max(self.now_ms, int(to_ms))
        lines = ""
        while self._coming and self._coming[0][0] <= self.now_ms:
            lines += heapq.heappop(self._coming)[2] + "\n"
        self._vm.line.sendall(f"{lines}now {self.now_ms}\n".encode())
        self._wake_ms = self._until_wait()

    def _until_wait(self) -> float:
        """Reads what the badge does until it waits; returns until when it does."""
        while True:
            *lines, self._rest = self._rest.split(b"\n")
            for at, line in enumerate(lines):
                words = tuple(line.decode().split(" "))
                if words[0] == "wait":
                    self._rest = b"\n".join([*lines[at + 1 :], self._rest])
                    wait_ms = int(words[1])
                    return float("inf") if wait_ms < 0 else self.now_ms + wait_ms
                self.said.append(Said(self.now_ms, words))
                if words[0] in ("cut", "reset"):
                    self.stopped = words[0]
            chunk = self._vm.line.recv(_RECEIVE_SIZE)
            if not chunk:
                self.stopped = self.stopped or "ended"
                return float("inf")
            self._rest += chunk
