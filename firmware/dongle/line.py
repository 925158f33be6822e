"""The serial line to the hub: bytes in and out, and the dongle's one place to wait."""

import io
import select

from dongle.writes import QUEUE_LENGTH
from wire.link import Receiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from wire.link import Message

    class Incoming(Protocol):
        """sys.stdin.buffer."""

        def readinto(self, __buffer: bytearray) -> "int | None": ...

    class Outgoing(Protocol):
        """sys.stdout.buffer."""

        def write(self, __chunk: memoryview) -> "int | None": ...


OUT_LENGTH = 1_024

_IN_LENGTH = 128  # read in one turn at most: garbage does not keep the dongle from the radio
# Each answer is owed, so there must be room for all that the hub can ask for in one turn (no
# request is shorter than half of its answer), and for the results of the writes that wait.
ANSWERS = 2 * _IN_LENGTH + QUEUE_LENGTH * 72
_CHUNK = 64  # what USB CDC takes without waiting
_MP_STREAM_POLL = 3


class Wake(io.IOBase):
    """What the interrupt sets to end a wait."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def clear(self) -> None:
        self._is_set = False

    def ioctl(self, request: int, argument: int) -> int:
        if request != _MP_STREAM_POLL:
            return -1
        return argument & select.POLLIN if self._is_set else 0


class Line:
    """Both directions. Nothing here waits but wait(), and that for all things at once.

    A hub that does not read is told no news, and is not asked for more than can be
    answered: what it is owed is never dropped.
    """

    def __init__(self, incoming: "Incoming", outgoing: "Outgoing", wake: Wake) -> None:
        self.receiver = Receiver()
        self._incoming = incoming
        self._outgoing = outgoing
        self._wake = wake
        self._octet = bytearray(1)
        self._in = bytearray(_IN_LENGTH)
        self._out = bytearray(OUT_LENGTH)
        self._out_view = memoryview(self._out)
        self._out_start = 0
        self._out_end = 0
        self._any = select.poll()
        self._any.register(wake, select.POLLIN)
        self._any.register(incoming, select.POLLIN)
        self._any.register(outgoing, 0)
        self._readable = select.poll()
        self._readable.register(incoming, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(outgoing, select.POLLOUT)

    def wait(self, for_ms: int) -> None:
        """Until the wake is set, the hub says something, or takes what waits for it."""
        self._any.modify(self._incoming, select.POLLIN if self.has_room(0) else 0)
        self._any.modify(self._outgoing, select.POLLOUT if self._waiting() else 0)
        for _ in self._any.ipoll(for_ms):
            break
        self._wake.clear()

    def read(self) -> "list[Message]":
        """What the hub has said, without waiting; nothing while there is no room to answer."""
        if not self.has_room(0):
            return []
        count = 0
        while count < _IN_LENGTH and self._ready(self._readable):
            # One at a time: an ESP32 waits until it has as many as it is asked for.
            if not self._incoming.readinto(self._octet):
                break
            self._in[count] = self._octet[0]
            count += 1
        return self.receiver.feed(self._in, count)

    def has_room(self, length: int) -> bool:
        """Whether news of that length may be sent now: answers have room beside it."""
        return self._waiting() + length + ANSWERS <= OUT_LENGTH

    def send(self, frame: bytes) -> None:
        """Puts a frame behind what waits already: an answer, or news that has room."""
        waiting = self._waiting()
        if self._out_end + len(frame) > OUT_LENGTH:
            self._out[:waiting] = self._out[self._out_start : self._out_end]
            self._out_start, self._out_end = 0, waiting
        end = self._out_end + len(frame)
        self._out[self._out_end : end] = frame
        self._out_end = end

    def flush(self) -> None:
        """Writes what the line takes without waiting."""
        while self._waiting() and self._ready(self._writable):
            end = min(self._out_end, self._out_start + _CHUNK)
            written = self._outgoing.write(self._out_view[self._out_start : end])
            if not written:
                return
            self._out_start += written
        if not self._waiting():
            self._out_start = self._out_end = 0

    def _waiting(self) -> int:
        return self._out_end - self._out_start

    def _ready(self, poll: "select.poll") -> bool:
        for _ in poll.ipoll(0):
            return True
        return False
