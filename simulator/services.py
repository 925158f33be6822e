"""Services that take notifications: a web hook and a mail server, which can be taken away."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec
from aiosmtpd.smtp import SMTP, Envelope


class Notification(msgspec.Struct, frozen=True):
    """What somebody would have read."""

    title: str
    message: str


class WebHook:
    """An HTTP server on 127.0.0.1 that takes Apprise's json:// notifications.

    status: what it answers; arrived: every notification, also those that it refused.
    """

    def __init__(self) -> None:
        self.status = 200
        self.arrived: asyncio.Queue[Notification] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._take))
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Its Apprise URL, with a password that belongs into no log."""
        return f"json://hub:hunter2@127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, body: bytes) -> int:
        told = msgspec.json.decode(body, type=Notification)
        self._loop.call_soon_threadsafe(self.arrived.put_nowait, told)
        return self.status


class MailServer:
    """An SMTP server on 127.0.0.1. port: 0 takes a free one."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[Notification] = asyncio.Queue()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Its Apprise URL; known once it was started."""
        return f"mailto://127.0.0.1:{self._port}/ops@example.org?from=hub@example.org"

    async def start(self) -> None:
        """Listen, on the same port each time."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, loop=loop), "127.0.0.1", self._port
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, _: SMTP, __: object, envelope: Envelope) -> str:  # noqa: N802
        """What aiosmtpd calls with a mail."""
        content = envelope.content
        mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
        body = mail.get_body(("plain", "html"))
        text = "" if body is None else body.get_content()
        self.arrived.put_nowait(Notification(str(mail["subject"]), text))
        return "250 taken"


def _handler(take: Callable[[bytes], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler
