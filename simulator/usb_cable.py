"""The USB cable of a simulated board: its serial port as a pty, and a soft reset as on an ESP32.

Between the port and MicroPython's own terminal stands this relay, because the Unix port of
MicroPython differs from a board in three things: it ends where a board restarts (Ctrl-D), it
forgets input that comes before it reads, and its Ctrl-C is a signal, which may leave it stuck.
"""

import contextlib
import os
import queue
import select
import signal
import socket
import subprocess
import termios
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from simulator.retained import POWER_ON, RESET, TIMER
from simulator.rom_loader import RomLoader

_CHUNK = 4096
_BACKLOG = 65536  # what a host that does not read can miss
_CTRL_A, _CTRL_B, _CTRL_C = b"\x01", b"\x02", b"\x03"
_HELD_POLL_MS = 1
_PATIENCE_S = 0.5

Said = Callable[[tuple[str, ...]], list[str]]


class Start(Protocol):
    """Makes the board's process.

    bus: its line to the hardware; cause: of simulator.retained; raw: whether its raw REPL
    is to come back.
    """

    def __call__(
        self, bus: socket.socket, terminal: int, cause: str, *, raw: bool
    ) -> "subprocess.Popen[bytes]": ...


class NativeUsb(NamedTuple):
    """path: of a link to the port, there while the host knows the device.

    until: the first word that the firmware says to its hardware when the host knows it again.
    """

    path: Path
    until: str = "boot"


class UsbCable:
    """A plugged-in cable, served by a thread of its own until it is pulled.

    on_said: called in the thread with the words of each line that the firmware says to
    its hardware, and returns what that answers. loader: answers first, as on a board whose
    BOOT was held when it was plugged in. A board in deep sleep is woken by Ctrl-C, which
    takes the place of the reset line that a pty does not have. native: the USB is the chip's
    own, and goes with each reset, until the host knows it again.
    Everything happens in the thread; what others ask for waits until it comes to that.
    """

    def __init__(
        self,
        start: Start,
        on_said: Said,
        loader: RomLoader | None = None,
        native: NativeUsb | None = None,
    ) -> None:
        self._start = start
        self._on_said = on_said
        self._loader = loader
        self._native = native
        self._host, self._host_end = _raw_pty()
        self._vm, self._vm_end = _raw_pty()
        _signals_on(self._vm_end)
        self.port = os.ttyname(self._host_end)
        if native is not None:
            self.port = str(native.path)
            self._appear()
        self._asked, self._ask = os.pipe()
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._early: tuple[str, ...] = ()  # what happens before the process can hear of it
        self._to_vm = self._to_host = self._line = b""
        self._raw = False  # which REPL the host asked for last
        self._does = {
            "boot": self._note_boot,
            "deepsleep": self._sleep_deep,
            "interrupted": self._note_interrupted,
            "reset": self._hard_reset,
            "cut": self._lose_power,
            "kbd_intr": self._note_ctrl_c,
        }
        self._on = True
        self._booted = False
        self._asleep = True  # no process: in deep sleep, or in the loader
        if loader is None:
            self._power_on(POWER_ON)
        self._thread = threading.Thread(target=self._run, name=f"board {self.port}", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """The port and the power are gone when this returns."""
        self._order(lambda: self._lose_power(()))
        self._thread.join()
        os.close(self._ask)
        os.close(self._asked)

    def tell(self, *lines: str) -> None:
        """Something happens to the hardware (see simulator/vm/_bus.py); not in deep sleep."""
        self._order(lambda: self._happen(lines))

    def wake(self, cause: str) -> None:
        """Something ends its deep sleep (see simulator.retained); nothing when it is awake."""
        self._order(lambda: self._rouse(cause))

    def reset(self) -> None:
        """As by the reset line, or its watchdog; not in deep sleep."""
        self._order(self._reset_now)

    # -- what others ask for ------------------------------------------------

    def _order(self, do: Callable[[], None]) -> None:
        self._orders.put(do)
        os.write(self._ask, b".")

    def _obey(self) -> None:
        os.read(self._asked, 1)
        self._orders.get()()

    def _happen(self, lines: tuple[str, ...]) -> None:
        if self._booted:
            self._tell_vm(*lines)
        else:
            self._early += lines

    def _rouse(self, cause: str) -> None:
        if self._asleep and self._loader is None:
            self._wake(cause)

    def _reset_now(self) -> None:
        if not self._asleep:
            self._hard_reset(())

    # -- the board's process ------------------------------------------------

    def _power_on(self, cause: str, *, raw: bool = False) -> None:
        _signals_on(self._vm_end)
        self._wake_at: float | None = None
        self._bus, theirs = socket.socketpair()
        theirs.setblocking(False)
        with theirs:
            self._process = self._start(theirs, self._vm_end, cause, raw=raw)
        self._ended = os.pidfd_open(self._process.pid)
        self._line = b""
        self._asleep = False
        self._booted = False
        self._early = ()
        self._interrupted_at: float | None = None
        self._raw = raw
        self._to_vm = _CTRL_A if raw else b""

    def _power_off(self) -> None:
        if self._asleep:
            return
        self._process.kill()
        self._process.wait()
        self._bus.close()
        os.close(self._ended)

    def _hard_reset(self, _: tuple[str, ...]) -> None:
        self._power_off()
        if self._native is not None:
            self._vanish(self._native)
        self._power_on(RESET)

    def _vanish(self, native: NativeUsb) -> None:
        """The host loses the port; what the board says until it has it again, nobody hears."""
        native.path.unlink(missing_ok=True)
        for descriptor in (self._host, self._host_end):
            os.close(descriptor)
        self._host, self._host_end = _raw_pty()
        self._to_host = b""

    def _appear(self) -> None:
        assert self._native is not None
        if not self._native.path.is_symlink():
            self._to_host = b""
            self._native.path.symlink_to(os.ttyname(self._host_end))

    def _sleep_deep(self, words: tuple[str, ...]) -> None:
        self._power_off()
        self._asleep = True
        self._booted = False
        self._to_vm = b""
        ms = int(words[1])
        self._wake_at = None if ms < 0 else time.monotonic() + ms / 1000

    def _wake(self, cause: str) -> None:
        held = self._to_vm
        self._power_on(cause)
        self._to_vm = held

    def _soft_reset(self) -> None:
        """The process ended by itself: Ctrl-D at the REPL, or sys.exit."""
        raw, held = self._raw, self._to_vm
        self._power_off()
        if self._process.returncode == -signal.SIGINT:
            # It came between two programs, where a board would have taken it for a key.
            self._power_on(RESET, raw=True)
            self._to_vm = held
            return
        self._forward(b"MPY: soft reboot\r\n")
        self._power_on(RESET, raw=raw)

    def _lose_power(self, _: tuple[str, ...]) -> None:
        self._on = False

    def _note_ctrl_c(self, words: tuple[str, ...]) -> None:
        """A program makes Ctrl-C a byte like others, or not; it waits for the answer."""
        if int(words[1]) < 0:
            tty.setraw(self._vm_end)
        else:
            _signals_on(self._vm_end)
        self._tell_vm("kbd_intr")

    def _note_boot(self, _: tuple[str, ...]) -> None:
        self._booted = True
        self._tell_vm(*self._early)

    def _note_interrupted(self, _: tuple[str, ...]) -> None:
        self._interrupted_at = None

    # -- the relay ----------------------------------------------------------

    def _run(self) -> None:
        while self._on:
            if self._loader is not None:
                self._load(self._loader)
            elif self._asleep:
                self._wait_asleep()
            else:
                self._serve()
        self._power_off()
        if self._native is not None:
            self._native.path.unlink(missing_ok=True)
        for descriptor in (self._host, self._host_end, self._vm, self._vm_end):
            os.close(descriptor)

    def _load(self, loader: RomLoader) -> None:
        """One turn of the chip's loader, until it runs from its flash or the power fails."""
        poll = select.poll()
        poll.register(self._asked, select.POLLIN)
        poll.register(self._host, select.POLLIN | (select.POLLOUT if self._to_host else 0))
        ready = dict(poll.poll())
        if self._asked in ready:
            self._obey()
            return
        if ready[self._host] & select.POLLIN:
            self._to_host += loader.feed(os.read(self._host, _CHUNK))
        self._flush()
        if loader.cut:
            self._on = False
        elif loader.left is not None:
            self._loader = None
            self._power_on(POWER_ON)
            self._to_vm = loader.left

    def _wait_asleep(self) -> None:
        """Until the alarm, a key from the host, or the cable is pulled."""
        left_ms = None
        if self._wake_at is not None:
            left_ms = max(0, int((self._wake_at - time.monotonic()) * 1000) + 1)
        poll = select.poll()
        for descriptor in (self._asked, self._host):
            poll.register(descriptor, select.POLLIN)
        ready = dict(poll.poll(left_ms))
        if self._asked in ready:
            self._obey()
        elif self._host in ready:
            self._to_vm += os.read(self._host, _CHUNK)
            if _CTRL_C in self._to_vm:
                self._wake(RESET)
        else:
            self._wake(TIMER)

    def _serve(self) -> None:
        """Waits for one thing or more, and does it."""
        poll = select.poll()
        for descriptor in (self._asked, self._vm, self._bus.fileno(), self._ended):
            poll.register(descriptor, select.POLLIN)
        poll.register(self._host, select.POLLIN | (select.POLLOUT if self._to_host else 0))
        ready = dict(poll.poll(_HELD_POLL_MS if self._to_vm else None))
        if self._asked in ready:
            self._obey()
            return
        if self._vm in ready:
            self._forward(os.read(self._vm, _CHUNK))
        if self._host in ready:
            self._from_host(ready[self._host])
        self._release()
        if self._bus.fileno() in ready:
            self._from_bus()
        elif self._ended in ready and self._vm not in ready:
            self._soft_reset()

    def _forward(self, output: bytes) -> None:
        self._to_host = (self._to_host + output)[-_BACKLOG:]
        self._flush()

    def _flush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._to_host = self._to_host[os.write(self._host, self._to_host) :]

    def _from_host(self, events: int) -> None:
        if events & select.POLLOUT:
            self._flush()
        if events & select.POLLIN:
            self._to_vm += os.read(self._host, _CHUNK)

    def _release(self) -> None:
        """Input to the REPL when it reads; while a program runs, Ctrl-C interrupts it."""
        if self._to_vm and _runs_program(self._vm_end):
            if not self._booted:
                return
            _, ctrl_c, after = self._to_vm.rpartition(_CTRL_C)
            if ctrl_c:
                self._to_vm = after
                self._tell_vm("interrupt")
                self._interrupted_at = time.monotonic()
            elif self._interrupted_at and time.monotonic() > self._interrupted_at + _PATIENCE_S:
                self._interrupted_at = None
                self._process.send_signal(signal.SIGINT)  # a program that never waits
        elif self._to_vm:
            if self._interrupted_at:
                self._interrupted_at = None
                self._tell_vm("forget")  # the program had ended by itself
            self._note_mode(self._to_vm)
            os.write(self._vm, self._to_vm)
            self._to_vm = b""

    def _tell_vm(self, *lines: str) -> None:
        # Gone: it has ended just now. Blocked: it does not listen, and misses what happens; a
        # socket takes so little either whole or not at all.
        with contextlib.suppress(BrokenPipeError, BlockingIOError):
            self._bus.send("".join(f"{line}\n" for line in lines).encode(), socket.MSG_DONTWAIT)

    def _note_mode(self, written: bytes) -> None:
        raw, friendly = written.rfind(_CTRL_A), written.rfind(_CTRL_B)
        if raw != friendly:
            self._raw = raw > friendly

    def _from_bus(self) -> None:
        try:
            chunk = self._bus.recv(_CHUNK)
        except ConnectionResetError:  # it ended before it had read all that it was told
            chunk = b""
        *lines, self._line = (self._line + chunk).split(b"\n")
        for line in lines:
            words = tuple(line.decode().split(" "))
            self._tell_vm(*self._on_said(words))
            if self._native is not None and words[0] == self._native.until:
                self._appear()
            process = self._process
            if words[0] in self._does:
                self._does[words[0]](words)
            if self._process is not process or self._asleep:
                return  # what an ended process said last
        if not chunk and self._process.poll() is not None:
            self._soft_reset()


def _raw_pty() -> tuple[int, int]:
    """Its own end, which does not block, and the other's."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    return ours, theirs


def _signals_on(terminal: int) -> None:
    """The mark by which the relay sees that a program runs: the REPL switches it off to read."""
    tty.setraw(terminal)
    settings = termios.tcgetattr(terminal)
    settings[3] |= termios.ISIG
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


def _runs_program(terminal: int) -> bool:
    flags: int = termios.tcgetattr(terminal)[3]
    return bool(flags & termios.ISIG)
