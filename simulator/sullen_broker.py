"""A broker that takes connections and subscriptions, and does its work badly."""

import asyncio
from contextlib import suppress
from enum import IntEnum

_CONNACK = b"\x20\x02\x00\x00"
_WRONG_LEVEL = b"\x20\x02\x00\x01"
_PINGRESP = b"\xd0\x00"
_LEVEL = 6  # where a CONNECT has its protocol level, MQTT 3.1.1, 3.1.2.2
_SPOKEN = 4


class _Packet(IntEnum):
    """Types of packets, MQTT 3.1.1, 2.2.1."""

    CONNECT = 1
    PUBLISH = 3
    SUBSCRIBE = 8
    PINGREQ = 12
    DISCONNECT = 14


class SullenBroker:
    """MQTT 3.1.1 on 127.0.0.1. acknowledges: whether PUBLISH is answered; fatal: it hangs up
    on a message with these bytes in topic or payload. Delivers nothing to anybody.

    `published` has what it got.
    """

    def __init__(self, *, acknowledges: bool = False, fatal: bytes | None = None) -> None:
        self.published: list[bytes] = []
        self._acknowledges = acknowledges
        self._fatal = fatal
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"mqtt://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Hang up on everybody."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._serving):
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            while (answer := self._answer(*await _packet(reader))) is not None:
                writer.write(answer)
                await writer.drain()
        writer.transport.abort()
        self._serving.discard(task)

    def _answer(self, head: int, body: bytes) -> bytes | None:
        match head >> 4:
            case _Packet.CONNECT:
                return _CONNACK if body[_LEVEL] == _SPOKEN else _WRONG_LEVEL
            case _Packet.SUBSCRIBE:
                return b"\x90\x03" + body[:2] + b"\x01"
            case _Packet.PINGREQ:
                return _PINGRESP
            case _Packet.PUBLISH:
                return self._take(head, body)
            case _:
                return None

    def _take(self, head: int, body: bytes) -> bytes | None:
        if self._fatal is not None and self._fatal in body:
            return None
        self.published.append(body)
        after_topic = 2 + int.from_bytes(body[:2], "big")
        wanted = head & 0x06 and self._acknowledges
        return b"\x40\x02" + body[after_topic : after_topic + 2] if wanted else b""


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    (head,) = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        (byte,) = await reader.readexactly(1)
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return head, await reader.readexactly(length)
