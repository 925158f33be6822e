"""One badge in virtual time: the real firmware, and a clock that moves when we say so."""

import heapq
import itertools
from typing import NamedTuple

from badge.boards import esp32_generic as board
from simulator.badge_files import BadgeFiles
from simulator.retained import BUTTON, MOVED, POWER_ON, RESET, TIMER, Retained
from simulator.vm_process import HEAP_BYTES, VmProcess

BATTERY_UV = 1_950_000  # at the divider: a cell of 3.9 V
BOOT_MS = 200  # from waking to the first line of the firmware, as measured on ESP32 boards
_RECEIVE_SIZE = 65536
_OF_THE_RUNNING = ("connect ", "disconnect ", "write ", "crash")  # no start knows of them
_STUCK_S = 60  # of real time, in which the firmware neither waits nor speaks


class Said(NamedTuple):
    """What the badge's hardware did: when (milliseconds since power-on), and the line's words."""

    at_ms: int
    words: tuple[str, ...]


class LockstepBadge:
    """Badge hardware under a virtual clock. `said` is all that it has done since power-on.

    unix_s: what its RTC shows at power-on; None when nobody has set it; drift_ppm: by how much
    that clock is too fast. reuse: after a deep sleep the same process starts the firmware anew.
    """

    def __init__(
        self,
        files: BadgeFiles,
        *,
        cut_at: int = 0,
        unix_s: int | None = None,
        drift_ppm: float = 0.0,
        reuse: bool = False,
        heap: int = HEAP_BYTES,
    ) -> None:
        self.now_ms = 0
        self.said: list[Said] = []
        self.written: list[str] = []  # every write to its GATT server, for an attacker to repeat
        self.stopped = ""  # "cut", "reset" or "ended" once the badge went down by itself
        self.boots = 0
        self._files = files
        self._cut_at = cut_at
        self._heap = heap
        self._reuse = reuse
        self._dreams: VmProcess | None = None  # a process that is kept through a deep sleep
        self._writes = 0
        self._retained = Retained(0, unix_s, drift_ppm)
        self._retained.told(f"adc {board.BATTERY_ADC} {BATTERY_UV}")
        self._order = itertools.count()
        self._coming: list[tuple[int, int, str]] = []
        self._vm: VmProcess | None = None
        self._wake_ms = 0.0
        self._watches_movement = False
        self._power(POWER_ON)

    def __enter__(self) -> "LockstepBadge":
        return self

    def __exit__(self, *_: object) -> None:
        self.power_off()

    def power_off(self) -> None:
        """The battery comes out."""
        self._end()
        self.stopped = self.stopped or "off"

    def restart(self, *, brown_out: bool = False) -> None:
        """The processor starts anew. brown_out: the voltage was too low, for the RTC too."""
        self._end()
        if brown_out:
            self._retained.lose_power(self.now_ms / 1000)
        self.stopped = ""
        self._power(POWER_ON if brown_out else RESET)

    @property
    def next_ms(self) -> float:
        """When something happens next; infinity when it is down, or sleeps without an alarm."""
        if self.stopped:
            return float("inf")
        return min(self._wake_ms, self._coming[0][0] if self._coming else self._wake_ms)

    @property
    def asleep(self) -> bool:
        """Whether the processor is off, with power."""
        return self._vm is None and not self.stopped

    def cut_power(self, writes: int) -> None:
        """The power fails during the so-manieth write to the flash from now; 0 = it does not."""
        self._cut_at = self._writes + writes if writes else 0
        if self._vm is not None and self._booted:
            self.send(f"cutat {writes}")

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
            next_ms = self.next_ms
            if next_ms > end_ms:
                break
            self._advance(next_ms)
        self.now_ms = max(self.now_ms, end_ms)
        return self.said[first:]

    def _advance(self, to_ms: float) -> None:
        self.now_ms = max(self.now_ms, int(to_ms))
        lines = []
        while self._coming and self._coming[0][0] <= self.now_ms:
            lines.append(heapq.heappop(self._coming)[2])
            self._retained.told(lines[-1])
            self.written += [line for line in lines[-1:] if line.startswith("write ")]
        if self._vm is not None:
            self._tell(lines)
        elif f"pin {board.BUTTON} 0" in lines:
            self._power(BUTTON)
        elif self._watches_movement and any(line.startswith("accels ") for line in lines):
            self._power(MOVED)  # the part says so on its interrupt; what it felt meanwhile is lost
        elif self.now_ms >= self._wake_ms:
            self._power(TIMER)

    def _power(self, cause: str) -> None:
        """A start of the processor; it takes BOOT_MS, unless the battery has just gone in."""
        self.boots += 1
        self._watches_movement = False
        if self._dreams is not None:
            self._vm, self._dreams = self._dreams, None
            self._vm.line.sendall(f"cutat {self._next_cut()}\nreboot\n".encode())
        else:
            self._vm = VmProcess(
                self._files, lockstep=True, cut_at=self._next_cut(), heap=self._heap
            )
            self._vm.line.settimeout(_STUCK_S)
        self._rest = b""
        self._until_wait()
        self._cause = cause
        self._booted = False
        self._wake_ms = self.now_ms + (0 if cause == POWER_ON else BOOT_MS)

    def _next_cut(self) -> int:
        """The write to cut at, counted from this start; 0 = never."""
        return max(0, self._cut_at - self._writes)

    def _tell(self, lines: list[str]) -> None:
        assert self._vm is not None
        if not self._booted and self.now_ms < self._wake_ms:
            return  # still starting: it will find the pins as they are by then
        if not self._booted:
            self._booted = True
            found = self._retained.lines(self.now_ms / 1000, self._cause)
            lines = [*found, *(line for line in lines if not line.startswith(_OF_THE_RUNNING))]
        # The time comes first: an interrupt knows when it happened.
        words = "".join(line + "\n" for line in [f"at {self.now_ms}", *lines])
        self._vm.line.sendall(f"{words}now {self.now_ms}\n".encode())
        self._wake_ms = self._until_wait()

    def _end(self) -> None:
        """No process any more."""
        for vm in (self._vm, self._dreams):
            if vm is not None:
                vm.kill()
        self._vm = self._dreams = None

    def _fall_asleep(self, ms: int) -> float:
        if self._reuse:
            self._vm, self._dreams = None, self._vm
        else:
            self._end()
        return float("inf") if ms < 0 else self.now_ms + ms

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
                self._writes += words[0] == "flash"
                if words == ("wakeon", str(board.ACCELEROMETER_INT), "1"):
                    self._watches_movement = True
                self._retained.said(self.now_ms / 1000, words)
                if words[0] == "deepsleep":
                    return self._fall_asleep(int(words[1]))
            assert self._vm is not None
            chunk = self._vm.line.recv(_RECEIVE_SIZE)
            if not chunk:
                self.stopped = self.stopped or "ended"
                return float("inf")
            self._rest += chunk
