"""The line between a badge's virtual machine and the simulator.

One line of text per thing that happens, words apart by one space. From the VM:
`wait MS`, `pin N LEVEL`, `uart N HEX`, `adv INTERVAL_US CONNECTABLE HEX`, ... ; to the VM:
`now MS`, `pin N LEVEL`, `uart N HEX`, `connect C HEX`, ... Each stand-in claims its words.

In live mode time is the machine's, and `at MS` of its monotonic clock says when a pin moved
or an advertisement began, however late that is read. In lockstep mode a wait asks the
simulator, which answers with what happened and at last with `now MS`.
"""

import io
import sys

import uselect
import utime


class Reboot(BaseException):
    """The processor starts anew in this process; nothing of the firmware catches this."""


class Bus:
    def __init__(self, stream: "io.FileIO", lockstep: bool) -> None:
        self._stream = stream
        self.lockstep = lockstep
        self.now_ms = 0
        # A line is at most a piece of a burst of sentences; nothing is allocated to read.
        self._buffer = bytearray(2048)
        self._length = 0
        self._takers = {}
        self._awake = False
        self._asleep = False
        self._poll = uselect.poll()
        self._poll.register(stream, uselect.POLLIN)

    def on(self, word: str, take) -> None:
        """take(list of words) is called for each line that begins with word."""
        self._takers[word] = take

    def watch(self, stream, eventmask: int) -> None:
        """Ends waits, too, when this stream of the machine is ready; not in lockstep."""
        self._poll.register(stream, eventmask)

    def unwatch(self, stream) -> None:
        self._poll.unregister(stream)

    def send(self, *words) -> None:
        self._stream.write(" ".join(str(word) for word in words) + "\n")

    def stamp(self) -> None:
        """What is said next happens now; in lockstep the simulator knows."""
        if not self.lockstep:
            self.send("at", utime.ticks_ms())

    def wait(self, ms: int) -> None:
        """Until something has happened, or for ms milliseconds (-1: for ever)."""
        if not self.lockstep:
            self._read(ms)
            return
        self.send("wait", ms)
        self._awake = False
        while not self._awake:
            self._read(-1)

    def sleep(self) -> None:
        """Deep sleep: until the simulator takes the process away, or starts it anew."""
        self._asleep = True
        while self._asleep:
            self._read(-1)
        raise Reboot

    def _read(self, ms: int) -> None:
        if not any(stream is self._stream for stream, _ in self._poll.poll(ms)):
            return
        # Reads what is there: the simulator made the line non-blocking.
        count = self._stream.readinto(memoryview(self._buffer)[self._length :])
        if not count:
            sys.exit(0)  # the simulator has gone
        self._length += count
        start = 0
        end = self._buffer.find(b"\n", 0, self._length)
        while end >= 0:
            self._take(str(memoryview(self._buffer)[start:end], "ascii").split(" "))
            start = end + 1
            end = self._buffer.find(b"\n", start, self._length)
        for at in range(start, self._length):
            self._buffer[at - start] = self._buffer[at]
        self._length -= start

    def _take(self, words) -> None:
        if words[0] == "at":  # before what happens then
            self.now_ms = int(words[1])
        elif words[0] == "reboot":
            self._asleep = False
        elif words[0] == "now":
            self.now_ms = int(words[1])
            self._awake = True
        else:
            self._takers[words[0]](words)


bus = None


def open_bus(fd: int, lockstep: bool) -> None:
    global bus
    bus = Bus(open(fd, "r+b", 0), lockstep)
