"""A network between client and broker that can fail in the ways that real ones do."""

import asyncio
from enum import Enum

_CHUNK = 65_536


class Mode(Enum):
    """What the network does with bytes, in both directions."""

    PASS = "they arrive"  # noqa: S105 (no password)
    SWALLOW = "they vanish; nobody is told"
    SLOW = "they arrive late"
    CUT = "connections break, new ones are refused"


class Proxy:
    """A TCP proxy on 127.0.0.1 to host:port. Its `mode` may change at any time.

    delay_s: of each piece when SLOW. SWALLOW takes new connections and lets the old ones
    stand: a half-open connection, as after a pulled cable or a forgetful firewall. What was
    swallowed never arrives, so the stream is broken for good when PASS comes back.
    """

    scheme = "mqtt"

    def __init__(self, host: str, port: int, *, delay_s: float = 0.2) -> None:
        self._target = (host, port)
        self._delay_s = delay_s
        self._mode = Mode.PASS
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._port}"

    @property
    def mode(self) -> Mode:
        return self._mode

    async def start(self) -> None:
        """Listen; on the same port as before when it was started before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Break all connections and listen no more; does nothing when stopped."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        if self._serving:
            await asyncio.wait(self._serving)

    async def set(self, mode: Mode) -> None:
        """Behave so from now on."""
        self._mode = mode
        if mode is Mode.CUT:
            await self.stop()
        elif self._server is None:
            await self.start()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # stopped while it was on its way
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self._writers.add(writer)
        try:
            await self._join(reader, writer)
        except OSError:
            pass  # the broker is away: the client sees its connection end
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._serving.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers.add(far_writer)
        stalled = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, far_writer, stalled))
                both.create_task(self._carry(far_reader, writer, stalled))
        except* OSError:
            pass  # one side hung up: so does the other
        finally:
            far_writer.transport.abort()
            self._writers.discard(far_writer)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stalled: asyncio.Event
    ) -> None:
        while piece := await reader.read(_CHUNK):
            if self._mode is Mode.SLOW:
                await asyncio.sleep(self._delay_s)
            if self._mode is Mode.SWALLOW or stalled.is_set():
                stalled.set()  # later bytes would not fit what arrived before
                continue
            writer.write(piece)
            await writer.drain()
        if self._mode is not Mode.SWALLOW and not stalled.is_set():  # a farewell is swallowed too
            raise ConnectionError("the other side hung up")
