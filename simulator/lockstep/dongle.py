"""One dongle in virtual time: the real firmware on an air where nobody speaks, and its line."""

import contextlib
import socket
from pathlib import Path

from simulator.dongle import blank_flash
from simulator.errors import SimulatorError
from simulator.vm_process import VmProcess
from wire.link import Message, Receiver

_RECEIVE_SIZE = 65536
_STUCK_S = 60  # of real time, in which the firmware neither waits nor speaks


class LockstepDongle:
    """Dongle hardware under a virtual clock; a context manager that takes its power away.

    directory: for its flash. `now_ms`: since power-on. `said`: the words of all lines that its
    hardware has said (see simulator/vm/_bus.py). `messages`: all that it has told its hub, as
    `receiver` understood them. Raises SimulatorError when the firmware ends.
    """

    def __init__(self, directory: Path) -> None:
        self.now_ms = 0
        self.said: list[tuple[str, ...]] = []
        self.messages: list[Message] = []
        self.receiver = Receiver()
        self._hub, serial = socket.socketpair()
        for end in (self._hub, serial):
            end.setblocking(False)
        with serial:
            self._vm = VmProcess(
                blank_flash(directory), lockstep=True, app="dongle.app", serial=serial
            )
        self._vm.line.settimeout(_STUCK_S)
        self._rest = b""
        self._until_wait()
        self._due_ms = 0

    def __enter__(self) -> "LockstepDongle":
        return self

    def __exit__(self, *_: object) -> None:
        self._vm.kill()
        self._hub.close()

    def send(self, octets: bytes) -> None:
        """What a hub says on the line; read at the dongle's next turn."""
        self._hub.sendall(octets)

    def run(self, for_ms: int) -> None:
        """Lets time pass."""
        end_ms = self.now_ms + for_ms
        while self._due_ms <= end_ms:
            self.now_ms = self._due_ms
            self._vm.line.sendall(b"now %d\n" % self.now_ms)
            self._due_ms = self.now_ms + self._until_wait()
            self._hear()
        self.now_ms = end_ms

    def _until_wait(self) -> int:
        """Reads what its hardware says until it waits; for how long it will, in milliseconds."""
        while True:
            line, end, rest = self._rest.partition(b"\n")
            if not end:
                chunk = self._vm.line.recv(_RECEIVE_SIZE)
                if not chunk:
                    raise SimulatorError(f"the dongle's firmware has ended; it said: {self.said}")
                self._rest += chunk
                continue
            self._rest = rest
            words = tuple(line.decode().split(" "))
            if words[0] == "wait":
                return int(words[1])
            self.said.append(words)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it had nothing to say
            self.messages += self.receiver.feed(self._hub.recv(_RECEIVE_SIZE))
