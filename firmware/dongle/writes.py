"""Commands to badges, one at a time: requests and the radio's answers in, effects out. Pure.

    IDLE -> CONNECTING -> SIZING -> FINDING_SERVICE -> FINDING_CHARACTERISTICS
         -> WRITING -> AWAITING_REPLY -> LINGERING -> CLOSING -> IDLE
    CONNECTING -> CANCELLING -> RESTING -> IDLE

Each step has a deadline, and a request always gets one result, at most 7 s after its
turn has come: a badge drops a peer that has proved nothing in 3 s, so more patience is
of no use. After a reply the connection lingers, because `delivered` often follows
`heard` at once. The radio is deaf while it connects, so it listens between attempts.
"""

from wire.link import (
    BUSY,
    LOST,
    NO_REPLY,
    NOT_CONNECTED,
    REFUSED,
    REPLIED,
    TOO_SLOW,
    Write,
    WriteResult,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Effect = tuple[Any, ...]
    Effects = tuple[Effect, ...]

QUEUE_LENGTH = 4
CONNECT_MS = 1_500  # an open alert advertises every 250 ms at most
CONNECT_GRACE_MS = 200  # the radio gives up by itself; this is for one that does not
REST_MS = 1_000
STEP_MS = 1_000
LINGER_MS = 1_000
FOREVER = 1 << 62
NO_CONNECTION = 0xFFFF

# What the radio says, each with its connection and two numbers.
CONNECTED = 0
DISCONNECTED = 1  # NO_CONNECTION: an attempt to connect has failed
SIZED = 2  # first: MTU
SERVICE = 3  # first, second: its handles
SERVICES_DONE = 4  # first: status
COMMAND_FOUND = 5  # first: its value handle
CHARACTERISTICS_DONE = 6  # first: status
WRITTEN = 7  # first: status
REPLY = 8  # with its bytes

# Effects, and their arguments.
CONNECT = 0  # address type, address
CANCEL = 1
EXCHANGE_MTU = 2  # connection
FIND_SERVICE = 3  # connection
FIND_CHARACTERISTICS = 4  # connection, handles
WRITE = 5  # connection, handle, command
DISCONNECT = 6  # connection
RESULT = 7  # WriteResult

IDLE = 0
CONNECTING = 1
CANCELLING = 2
SIZING = 3
FINDING_SERVICE = 4
FINDING_CHARACTERISTICS = 5
WRITING = 6
AWAITING_REPLY = 7
LINGERING = 8
CLOSING = 9
RESTING = 10

_WRITE_HEADER_LENGTH = 3


class Writes:
    """The requests of one hub."""

    def __init__(self) -> None:
        self._queue: "list[Write]" = []
        self._state = IDLE
        self._deadline_ms = FOREVER
        self._connection = NO_CONNECTION
        self._peer = (0, b"")
        self._service = (0, 0)
        self._handle = 0
        self._reply: "bytes | None" = None

    @property
    def initiating(self) -> bool:
        """Whether the radio connects, and so cannot scan."""
        return self._state in (CONNECTING, CANCELLING)

    def deadline(self) -> int:
        """When step(TICK) has something to do, whatever the radio says."""
        return self._deadline_ms

    def request(self, now_ms: int, write: Write) -> "Effects":
        """A new request from the hub."""
        if len(self._queue) >= QUEUE_LENGTH:
            return ((RESULT, WriteResult(write.request, BUSY)),)
        self._queue.append(write)
        if self._state in (IDLE, LINGERING):
            return self._next(now_ms)
        return ()

    def tick(self, now_ms: int) -> "Effects":
        """Time has passed."""
        if now_ms < self._deadline_ms:
            return ()
        if self._state == CONNECTING:
            self._enter(CANCELLING, now_ms)
            return ((CANCEL,),) + self._result(NOT_CONNECTED)
        if self._state == CANCELLING:  # the radio owes an event; on without it
            return self._rest(now_ms)
        if self._state in (CLOSING, RESTING):
            return self._gone(now_ms)
        if self._state == LINGERING:
            return self._close(now_ms)
        status = NO_REPLY if self._state == AWAITING_REPLY else TOO_SLOW
        return self._result(status) + self._close(now_ms)

    def step(
        self,
        now_ms: int,
        signal: int,
        connection: int,
        first: int = 0,
        second: int = 0,
        reply: bytes = b"",
    ) -> "Effects":
        """The radio says something; what the state does not expect is ignored."""
        if signal == CONNECTED:
            return self._connected(now_ms, connection)
        if connection != self._connection:
            return ()
        if signal == DISCONNECTED:
            return self._disconnected(now_ms)
        if signal == REPLY:
            return self._replied(now_ms, reply)
        expect = self._EXPECTS.get((self._state, signal))
        return () if expect is None else expect(self, now_ms, first, second)

    def failed(self, now_ms: int) -> "Effects":
        """The radio could not do what an effect asked of it."""
        if self._state == CONNECTING:
            return self._result(NOT_CONNECTED) + self._rest(now_ms)
        if self._state in (SIZING, FINDING_SERVICE, FINDING_CHARACTERISTICS, WRITING):
            return self._result(LOST) + self._close(now_ms)
        return ()  # the deadline ends it

    # -- from state to state ------------------------------------------------

    def _enter(self, state: int, now_ms: int, for_ms: int = STEP_MS) -> None:
        self._state = state
        self._deadline_ms = now_ms + for_ms

    def _next(self, now_ms: int) -> "Effects":
        """To the first request of the queue, over the connection at hand if that will do."""
        if not self._queue:
            return ()
        write = self._queue[0]
        peer = (write.address_type, write.address)
        if self._state == LINGERING:
            return self._write(now_ms) if peer == self._peer else self._close(now_ms)
        self._peer = peer
        self._connection = NO_CONNECTION
        self._enter(CONNECTING, now_ms, CONNECT_MS + CONNECT_GRACE_MS)
        return ((CONNECT,) + peer,)

    def _connected(self, now_ms: int, connection: int) -> "Effects":
        if self._state != CONNECTING:
            return ((DISCONNECT, connection),)  # too late: nobody waits for it
        self._connection = connection
        self._enter(SIZING, now_ms)
        return ((EXCHANGE_MTU, connection),)

    def _sized(self, now_ms: int, mtu: int, _: int) -> "Effects":
        if mtu < len(self._queue[0].command) + _WRITE_HEADER_LENGTH:
            return self._refused(now_ms)
        self._service = (0, 0)
        self._enter(FINDING_SERVICE, now_ms)
        return ((FIND_SERVICE, self._connection),)

    def _service_found(self, _: int, start: int, end: int) -> "Effects":
        self._service = (start, end)
        return ()

    def _services_done(self, now_ms: int, status: int, _: int) -> "Effects":
        if status or not self._service[0]:
            return self._refused(now_ms)
        self._handle = 0
        self._enter(FINDING_CHARACTERISTICS, now_ms)
        return ((FIND_CHARACTERISTICS, self._connection) + self._service,)

    def _command_found(self, _now_ms: int, handle: int, _: int) -> "Effects":
        self._handle = handle
        return ()

    def _characteristics_done(self, now_ms: int, status: int, _: int) -> "Effects":
        if status or not self._handle:
            return self._refused(now_ms)
        return self._write(now_ms)

    def _write(self, now_ms: int) -> "Effects":
        self._reply = None
        self._enter(WRITING, now_ms)
        return ((WRITE, self._connection, self._handle, self._queue[0].command),)

    def _written(self, now_ms: int, status: int, _: int) -> "Effects":
        if status:
            return self._refused(now_ms)
        self._enter(AWAITING_REPLY, now_ms)
        return () if self._reply is None else self._replied(now_ms, self._reply)

    def _replied(self, now_ms: int, reply: bytes) -> "Effects":
        if self._state == WRITING:  # overtook the response to the write
            self._reply = reply
        if self._state != AWAITING_REPLY:
            return ()
        result = self._result(REPLIED, reply)
        self._enter(LINGERING, now_ms, LINGER_MS)
        return result + self._next(now_ms)

    # -- ends ---------------------------------------------------------------

    def _result(self, status: int, reply: bytes = b"") -> "Effects":
        return ((RESULT, WriteResult(self._queue.pop(0).request, status, reply)),)

    def _refused(self, now_ms: int) -> "Effects":
        return self._result(REFUSED) + self._close(now_ms)

    def _close(self, now_ms: int) -> "Effects":
        self._enter(CLOSING, now_ms)
        return ((DISCONNECT, self._connection),)

    def _disconnected(self, now_ms: int) -> "Effects":
        if self._state == CONNECTING:
            return self._result(NOT_CONNECTED) + self._rest(now_ms)
        if self._state == CANCELLING:
            return self._rest(now_ms)
        if self._state in (IDLE, RESTING):
            return ()
        if self._state in (LINGERING, CLOSING):
            return self._gone(now_ms)
        status = NO_REPLY if self._state == AWAITING_REPLY else LOST
        return self._result(status) + self._gone(now_ms)

    def _rest(self, now_ms: int) -> "Effects":
        self._enter(RESTING, now_ms, REST_MS)
        return ()

    def _gone(self, now_ms: int) -> "Effects":
        self._state = IDLE
        self._connection = NO_CONNECTION
        self._deadline_ms = FOREVER
        return self._next(now_ms)

    _EXPECTS: "dict[tuple[int, int], Callable[[Any, int, int, int], Effects]]" = {
        (SIZING, SIZED): _sized,
        (FINDING_SERVICE, SERVICE): _service_found,
        (FINDING_SERVICE, SERVICES_DONE): _services_done,
        (FINDING_CHARACTERISTICS, COMMAND_FOUND): _command_found,
        (FINDING_CHARACTERISTICS, CHARACTERISTICS_DONE): _characteristics_done,
        (WRITING, WRITTEN): _written,
    }
