"""The status pages over HTTP: /status, /health and /metrics. Only GET, only for this machine.

Whoever asks cannot slow the gateway down: a snapshot is taken once a second at
most, pages are rendered in a thread, and connections are few.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from aiohttp import web

from gateway.status.listen import Listen, may_ask
from gateway.status.metrics import CONTENT_TYPE, exposition
from gateway.status.snapshot import Snapshot

MAX_CONNECTIONS = 16
SNAPSHOT_EVERY_S = 1.0
AGAIN_AFTER_S = 30.0
_HEALTHY, _AILING, _MISDIRECTED, _GET_ONLY = 200, 503, 421, 405

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Endpoint:
    """Serves what `snapshot` returns; one snapshot serves all questions of keep_s.

    A port that is taken is said in the log, and tried again every again_after_s.
    """

    def __init__(
        self,
        listen: Listen,
        snapshot: Callable[[], Snapshot],
        *,
        log: structlog.typing.FilteringBoundLogger,
        again_after_s: float = AGAIN_AFTER_S,
        keep_s: float = SNAPSHOT_EVERY_S,
    ) -> None:
        self.port = listen.port
        self._listen = listen
        self._snapshot = snapshot
        self._log = log
        self._again_after_s = again_after_s
        self._keep_s = keep_s
        self._taken: tuple[float, Snapshot] | None = None
        self._rendering = asyncio.Lock()
        self._rendered: tuple[Snapshot, bytes] | None = None
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled; never ends by itself, whatever the network does."""
        while True:
            try:
                await self._serve()
            except OSError as error:
                self._log.warning(
                    "status.not_listening",
                    address=str(self._listen),
                    error=error.strerror or str(error),
                    remedy="name a free port in [status] listen; the gateway goes on without",
                )
            await asyncio.sleep(self._again_after_s)

    async def _serve(self) -> None:
        runner = web.AppRunner(self._app(), access_log=None)
        await runner.setup()
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: _admit(runner), self._listen.host, self._listen.port
            )
            async with server:
                self.port = server.sockets[0].getsockname()[1]
                self._log.info("status.listening", address=str(self._listen))
                self.listening.set()
                await server.serve_forever()
        finally:
            self.listening.clear()
            await runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[_guard])
        app.router.add_get("/status", self._status, allow_head=False)
        app.router.add_get("/health", self._health, allow_head=False)
        app.router.add_get("/metrics", self._metrics, allow_head=False)
        return app

    def _latest(self) -> Snapshot:
        now_s = asyncio.get_running_loop().time()
        if self._taken is None or now_s - self._taken[0] >= self._keep_s:
            self._taken = (now_s, self._snapshot())
        return self._taken[1]

    async def _status(self, _: web.Request) -> web.Response:
        page = await asyncio.to_thread(msgspec.json.encode, self._latest())
        return web.Response(body=page, content_type="application/json")

    async def _health(self, _: web.Request) -> web.Response:
        ailments = self._latest().ailments
        page = {"healthy": not ailments, "reasons": {ill.name: ill.text for ill in ailments}}
        return web.Response(
            body=msgspec.json.encode(page),
            status=_AILING if ailments else _HEALTHY,
            content_type="application/json",
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        snapshot = self._latest()
        async with self._rendering:  # one thread at a time, however many ask
            if self._rendered is None or self._rendered[0] is not snapshot:
                self._rendered = (snapshot, await asyncio.to_thread(exposition, snapshot))
            page = self._rendered[1]
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})


@web.middleware
async def _guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if not may_ask(request.headers.get("Host", "")):
        return web.Response(status=_MISDIRECTED, text="ask by address, or as localhost\n")
    if request.method != "GET":
        return web.Response(status=_GET_ONLY, text="only GET\n", headers={"Allow": "GET"})
    return await handler(request)


def _admit(runner: web.AppRunner) -> asyncio.BaseProtocol:
    # Idle connections would use up the files that the broker and the disk need.
    server = runner.server
    assert server is not None
    return _Refusal() if len(server.connections) >= MAX_CONNECTIONS else server()


class _Refusal(asyncio.Protocol):
    """Hangs up at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()
