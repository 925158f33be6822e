"""The line to a board: mpremote's serial transport, with errors that say what to do."""

import contextlib
import io
import json
import os
import re
import struct
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from types import TracebackType
from typing import Any

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial import SerialException

from provision.errors import BoardError, FlashFullError, LinkError, PortError
from provision.ports import await_device, device_at, why_not
from wire.link import Message, Receiver, Stop

_READ_TIMEOUT_S = 5.0  # a board may be busy with its flash; who pulls the cable is noticed at once
_ANSWER_TIMEOUT_S = 3.0  # what runs may be a dongle's program, which does not hear Ctrl-C
_STARTING_TIMEOUT_S = 6.0  # of what may be starting just now
_RESTART_TIMEOUT_S = 20.0  # of what has answered before, and so will again
_RESET_S = 0.1
_START_S = 1.0
_STOP_S = 1.0  # a dongle looks at its line at once
_GONE_S = 2.0
_LOOK_S = 0.01
_PAUSES_S = (0.05, 0.2, 0.0)
_CHUNK = 512  # bytes of a file in one message: the board holds four times as much for a moment

# The firmware's watchdog cannot be stopped: who interrupts the firmware has to feed it.
_RUNS_FIRMWARE = "any(name in __import__('sys').modules for name in ('badge', 'dongle'))"
_OPENING = """\
import json, machine
_watchdog = machine.WDT(timeout=30000) if %r else None
"""
_FEED = "if _watchdog: _watchdog.feed()\n"
_RESET = "import machine, time\ntime.sleep_ms(50)\nmachine.reset()"  # once its answer is out
_FULL = re.compile(r"ENOSPC|Errno 28|OSError: 28")

# What pyserial and mpremote raise when the other end goes away.
_BROKEN = (TransportError, SerialException, OSError, TypeError, struct.error)

Progress = Callable[[int], None]


class Link:
    """A board whose program has been interrupted. A context manager that starts it again.

    USB of the chip's own goes away with each reset: then the same device is opened again, and
    `port` says where. `missed`: what it said until then is lost.
    rouse: False for what answers at once, so that a chip which waits for an image is left alone.
    Raises PortError when the port cannot be opened and LinkError when nothing on it
    answers as MicroPython does.
    """

    def __init__(self, port: str, *, rouse: bool = True) -> None:
        self.port = port
        self.missed = False
        self._rouse = rouse
        self._device = device_at(port)
        self._transport = self._open(port)
        try:
            self._begin()
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> "Link":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, LinkError):
            with contextlib.suppress(LinkError):
                self.reset()
        self._close()

    def run(self, script: str, *arguments: object) -> Any:
        """What main(*arguments) of provision/onboard/{script}.py returns, run on the board.

        Raises BoardError when it fails there, FlashFullError for want of space.
        """
        source = (files("provision") / "onboard" / f"{script}.py").read_text()
        call = f"print(json.dumps(main(*{arguments!r})))\n"
        with self._told():
            output: bytes = self._transport.exec(_FEED + source + call)
        try:
            return json.loads(output.splitlines()[-1])
        except (ValueError, IndexError):
            raise LinkError(f"{self.port}: the answer was cut short; {_AGAIN}") from None

    def write(self, path: str, content: bytes, progress: Progress = lambda _: None) -> None:
        """Puts a file on the flash. progress: called with the bytes of each piece written."""
        sent = 0

        def note(written: int, _: int) -> None:
            nonlocal sent
            progress(written - sent)
            sent = written

        with self._told():
            self._transport.exec(_FEED)
            try:
                self._transport.fs_writefile(path, content, _CHUNK, note)
            except OSError as error:
                if error.strerror == path:  # the board's own, in mpremote's words
                    raise _explain(self.port, f"OSError: [Errno {error.errno}] {path}") from None
                raise

    def reset(self) -> None:
        """The board starts anew, as from the power being switched on, and its port is there."""
        with self._told():
            if not self._transport.in_raw_repl:
                return
            self._transport.exec_raw_no_follow(_RESET)
            self._transport.in_raw_repl = False
        if self._went_away():
            self._reopen()

    def said(self, quiet_s: float, limit_s: float) -> Iterator[str | Message]:
        """What the started board says: lines, and a dongle's messages between them.

        Until it is quiet for so long, or the limit is over.
        """
        receiver = Receiver()
        end_s = time.monotonic() + limit_s
        while (left_s := end_s - time.monotonic()) > 0:
            with self._told():
                piece: bytes = self._transport.read_until(
                    1, (b"\n", b"\0"), timeout=quiet_s, timeout_overall=left_s
                )
            if not piece.endswith((b"\n", b"\0")):
                return
            yield from receiver.feed(piece)
            if piece.endswith(b"\n"):
                yield piece.decode(errors="replace").strip()

    def interrupt(self) -> None:
        """Stops what runs, also a badge that sleeps; leaves the raw REPL with all memory free."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self._reach()
                watched = self._transport.eval(_RUNS_FIRMWARE)
                # The firmware leaves too little memory to work in.
                self._enter(_RESTART_TIMEOUT_S, soft_reset=True)
                self._transport.exec(_OPENING % watched)
        except _BROKEN:
            raise LinkError(
                f"{self.port}: nothing there answers as MicroPython; is it the right port? If the"
                " board is new, put MicroPython on it: tocsin-badge flash --image FILE"
            ) from None

    def _begin(self) -> None:
        try:
            self.interrupt()
        except LinkError:
            if os.path.exists(self.port):
                raise
            self._reopen()  # it was just starting
            self.interrupt()

    def _open(self, port: str) -> Any:
        for pause_s in _PAUSES_S:  # who had the port may be about to let it go
            try:
                return SerialTransport(port, timeout=_READ_TIMEOUT_S)
            except (TransportError, SerialException, OSError, ValueError):
                time.sleep(pause_s)
        raise PortError(why_not(port))

    def _went_away(self) -> bool:
        """Whether the port goes with the reset. One that stays brings the board's first words."""
        end_s = time.monotonic() + _GONE_S
        with contextlib.suppress(OSError):
            while os.path.exists(self.port) and time.monotonic() < end_s:
                if self._transport.serial.inWaiting():
                    return False
                time.sleep(_LOOK_S)
            return not os.path.exists(self.port)
        return True

    def _reopen(self) -> None:
        """Raises LinkError when the device does not come back."""
        self._close()
        self.missed = True
        for path in await_device(self._device, time.sleep):
            with contextlib.suppress(*_BROKEN, ValueError):  # not yet ours to open
                self._transport = SerialTransport(path, timeout=_READ_TIMEOUT_S)
                self.port = path
                return
        raise LinkError(f"{self.port}: the port went away and did not come back; {_AGAIN}")

    def _reach(self) -> None:
        """A prompt, whatever runs: a badge's program, a dongle's, or none, in deep sleep."""
        serial = self._transport.serial
        serial.timeout = _LOOK_S  # in what a dongle says without end, a pause is short
        try:
            self._enter(_ANSWER_TIMEOUT_S)
        except TransportError:
            if not self._rouse:
                raise
            if not self._stop_dongle():
                self._wake()
            self._enter(_STARTING_TIMEOUT_S)
        finally:
            serial.timeout = _READ_TIMEOUT_S

    def _stop_dongle(self) -> bool:
        """A dongle does not listen to Ctrl-C, but to its own protocol."""
        self._transport.serial.write(b"\0" + Stop().frame())
        said: bytes = self._transport.read_until(1, b">>> ", timeout_overall=_STOP_S)
        return said.endswith(b">>> ")

    def _wake(self) -> None:
        """A badge in deep sleep hears nothing but its reset line, which is RTS on ESP32 boards.

        So does a dongle that is stuck: Ctrl-C then comes before it switches that off.
        """
        serial = self._transport.serial
        with contextlib.suppress(OSError):  # a port without such lines
            serial.dtr = False
            serial.rts = True
            time.sleep(_RESET_S)
            serial.rts = False
        end_s = time.monotonic() + _START_S
        while time.monotonic() < end_s:  # Ctrl-C counts only once MicroPython runs
            serial.write(b"\x03")
            time.sleep(_RESET_S)

    def _enter(self, timeout_s: float, *, soft_reset: bool = False) -> None:
        self._transport.enter_raw_repl(soft_reset, timeout_overall=timeout_s)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of mpremote and the port as ours; mpremote prints some itself, which is not."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield
        except TransportExecError as error:
            raise _explain(self.port, str(error.error_output)) from None
        except _BROKEN:
            raise LinkError(
                f"{self.port}: the badge was unplugged or fell silent; {_AGAIN}"
            ) from None

    def _close(self) -> None:
        with contextlib.suppress(*_BROKEN):
            self._transport.close()


_AGAIN = "plug the badge in and run the same command again: it goes on where it stopped"


def _explain(port: str, traceback: str) -> BoardError:
    last = traceback.strip().splitlines()[-1:] or ["no reason given"]
    if _FULL.search(last[0]):
        return FlashFullError(
            f"{port}: the badge's flash is full; remove files that are not Tocsin's"
            " (mpremote fs ls, mpremote fs rm) and run the same command again"
        )
    return BoardError(f"{port}: the badge refused: {last[0]}")
