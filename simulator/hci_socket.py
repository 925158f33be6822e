"""Lends a radio on the virtual air to another process, as HCI packets over a Unix socket.

The other side opens it with Bumble's own `unix-client:` transport. Each connection
is a radio of its own; when the process behind it dies, its radio falls silent.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from bumble.core import InvalidPacketError
from bumble.transport.common import PacketParser

from simulator.air import Air
from simulator.controller import VirtualController

logger = logging.getLogger(__name__)


class ControllerSocket:
    """A listening socket and the radios of those connected to it; made by `serve_controller`."""

    def __init__(self, air: Air, name: str, path: Path) -> None:
        self._air = air
        self._name = name
        self._path = path
        self._server: asyncio.AbstractServer | None = None
        self._radios: set[_AttachedRadio] = set()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: _AttachedRadio(self._air, self._name, self._radios), str(self._path)
        )

    async def close(self) -> None:
        """Stop listening, take all radios off the air, remove the socket file."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        for radio in tuple(self._radios):
            radio.detach()
        self._path.unlink(missing_ok=True)


async def serve_controller(air: Air, path: str | Path, name: str) -> ControllerSocket:
    """Listen at `path`; every connection gets a fresh radio called `name` on the air.

    Raises OSError when the path cannot be bound.
    """
    socket = ControllerSocket(air, name, Path(path))
    await socket.start()
    return socket


class _AttachedRadio(asyncio.Protocol):
    def __init__(self, air: Air, name: str, radios: set[_AttachedRadio]) -> None:
        self._radios = radios
        self._parser = PacketParser()
        self._controller = VirtualController(air, name, self)
        self._parser.set_packet_sink(self._controller)
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._radios.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except InvalidPacketError as error:
            logger.warning("%s: %s; radio detached", self._controller.name, error)
            self.detach()

    def on_packet(self, packet: bytes) -> None:
        """Send one HCI packet from the controller to the other process."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        self._controller.power_off()
        self._radios.discard(self)

    def detach(self) -> None:
        self._controller.power_off()
        if self._transport is not None:
            self._transport.close()
