"""A badge that lives in real time: its firmware in a VM, its radio on the virtual air."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator

from badge.boards import esp32_generic as board
from simulator.air import Air
from simulator.badge_files import BadgeFiles
from simulator.badge_radio import BadgeRadio
from simulator.retained import BUTTON, POWER_ON, RESET, TIMER, Retained
from simulator.vm_process import VmProcess

BATTERY_UV = 1_950_000  # at the divider: a cell of 3.9 V
_LOADER_S = 0.1  # what an ESP32 needs before its VM, which itself starts about as fast here
_RECEIVE_SIZE = 65536
_UART_CHUNK = 256

Burst = tuple[float, bytes]


class VirtualBadge:
    """Badge hardware around the unmodified firmware.

    number: for its name on the air; receiver: what its GNSS says, as (delay in
    seconds, sentences); on_said: called with the words of each line that the
    hardware says (see simulator/vm/_bus.py), such as ("pin", "26", "1"). `late_ms`: how long ago
    a pin moved, or an advertisement began, of which on_said is told: long on a busy machine.
    """

    def __init__(
        self,
        air: Air,
        files: BadgeFiles,
        name: str,
        *,
        receiver: Iterator[Burst] | None = None,
        on_said: Callable[[tuple[str, ...]], None] | None = None,
        rng: random.Random,
    ) -> None:
        self.files = files
        self._receiver = receiver
        self._on_said = on_said
        self.late_ms = 0
        self._on = False
        self._vm: VmProcess | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._retained = Retained(self._now_s())
        self._radio = BadgeRadio(air, name, self._send, rng)
        self._rest = b""
        self._held = False
        self._gnss_on = False
        self._gnss: asyncio.Task[None] | None = None
        self._watchdog_s = 0.0
        self._watchdog: asyncio.TimerHandle | None = None
        self._does: dict[str, Callable[[tuple[str, ...]], None]] = {
            "pin": self._pin,
            "watchdog": self._start_watchdog,
            "feed": self._feed_watchdog,
            "reset": self._reset,
            "deepsleep": self._sleep,
        }

    @property
    def on(self) -> bool:
        """Whether it has power."""
        return self._on

    def power_on(self) -> None:
        """A battery goes in. Does nothing when there is one."""
        if self._on:
            return
        self._on = True
        self._retained.lose_power(self._now_s())
        self._retained.told(f"adc {board.BATTERY_ADC} {BATTERY_UV}")
        if self._receiver is not None and self._gnss is None:
            self._gnss = asyncio.create_task(self._receive())
        self._start(POWER_ON)

    def _start(self, cause: str) -> None:
        self._alarm = None
        self._vm = VmProcess(self.files, lockstep=False)
        self._rest = b""
        self._radio.start()
        asyncio.get_running_loop().add_reader(self._vm.line, self._read)
        lines = self._retained.lines(self._now_s(), cause)
        self._vm.line.sendall("".join(line + "\n" for line in lines).encode())

    def power_off(self) -> None:
        """The battery comes out, at once and without warning."""
        self._on = False
        self._stop()

    def _stop(self) -> None:
        """The processor and its radio go off."""
        self._stop_watchdog()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._vm is not None:
            asyncio.get_running_loop().remove_reader(self._vm.line)
            self._vm.kill()
            self._vm = None
        self._radio.stop()
        self._gnss_on = False

    def close(self) -> None:
        """Gone for good."""
        self.power_off()
        if self._gnss is not None:
            self._gnss.cancel()

    def button(self, *, down: bool) -> None:
        """The wearer's thumb."""
        self._send(f"pin {board.BUTTON} {0 if down else 1}")

    def press(self, times: int = 1, for_s: float = 0.1) -> None:
        """Presses the button, with pauses of 200 ms; returns at once."""
        loop = asyncio.get_running_loop()
        for at in range(times):
            loop.call_later(at * (for_s + 0.2), lambda: self.button(down=True))
            loop.call_later(at * (for_s + 0.2) + for_s, lambda: self.button(down=False))

    def hold(self) -> None:
        """Holds the button until it buzzes, as a wearer does; returns at once."""
        self._held = True
        self.button(down=True)

    def feel(self, line: str) -> None:
        """Something happens to its hardware: a line of simulator/vm/_bus.py, such as `crash`."""
        self._send(line)

    # -- the line -----------------------------------------------------------

    def _send(self, line: str) -> None:
        self._retained.told(line)
        if self._vm is None and self._on and line == f"pin {board.BUTTON} 0":
            self._wake(BUTTON)  # one that is waking already loses at most the time so far
        elif self._vm is not None:
            self._vm.line.sendall(line.encode() + b"\n")

    def _read(self) -> None:
        assert self._vm is not None
        chunk = self._vm.line.recv(_RECEIVE_SIZE)
        if not chunk:
            self.power_off()
            self._tell(("ended",))
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            words = tuple(line.decode().split(" "))
            if words[0] == "at":
                self.late_ms = max(0, int(self._now_s() * 1000) - int(words[1]))
                continue
            self._retained.said(self._now_s(), words)
            self._tell(words)
            self._radio.take(words)
            if words[0] in self._does:
                self._does[words[0]](words)
            self.late_ms = 0

    def _tell(self, words: tuple[str, ...]) -> None:
        if self._on_said is not None:
            self._on_said(words)

    # -- the rest of the board ----------------------------------------------

    def _pin(self, words: tuple[str, ...]) -> None:
        if self._held and words[1:] == (str(board.MOTOR), "1"):
            self._held = False
            self.button(down=False)
        if words[1] == str(board.GNSS_ENABLE):
            self._gnss_on = words[2] == "1"

    async def _receive(self) -> None:
        assert self._receiver is not None
        for delay_s, sentences in self._receiver:
            await asyncio.sleep(delay_s)
            for at in range(0, len(sentences) if self._gnss_on else 0, _UART_CHUNK):
                self._send(f"uart {board.GNSS_UART} {sentences[at : at + _UART_CHUNK].hex()}")

    def _start_watchdog(self, words: tuple[str, ...]) -> None:
        self._watchdog_s = int(words[1]) / 1000
        self._feed_watchdog(words)

    def _feed_watchdog(self, words: tuple[str, ...]) -> None:
        self._stop_watchdog()
        loop = asyncio.get_running_loop()
        self._watchdog = loop.call_later(self._watchdog_s, self._reset, words)

    def _stop_watchdog(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None

    def _reset(self, words: tuple[str, ...]) -> None:
        asyncio.get_running_loop().call_soon(self._restart)

    def _restart(self) -> None:
        if self._vm is not None:
            self._stop()
            self._start(RESET)

    def _sleep(self, words: tuple[str, ...]) -> None:
        self._stop()
        ms = int(words[1])
        if ms >= 0:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(ms / 1000, self._wake, TIMER)

    def _wake(self, cause: str) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._on and self._vm is None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(_LOADER_S, self._start, cause)

    @staticmethod
    def _now_s() -> float:
        return time.monotonic()
