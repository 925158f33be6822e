"""amqtt 0.12.1 with the promises of MQTT 3.1.1 that Tocsin rests on, and amqtt breaks.

- A QoS 1 message that a subscriber has not acknowledged is kept and sent again when it
  reconnects; amqtt drops it after 5 s, or at once when the connection closes.
- A subscriber that takes its time to acknowledge holds nobody up, not even itself.
- What a persistent session missed arrives as ordinary messages, not marked retained.
- Retained messages go to those who subscribe, not to everyone who connects.
- A client that connects again while its old connection still stands takes it over.
- A client silent for one and a half keep-alive periods is dead, and its will is published.
- Sessions without user names persist.
- A client of another version is told so, and what speaks no MQTT, such as TLS, is hung up on;
  amqtt reads on and waits for what never comes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from amqtt.adapters import (
    ReaderAdapter,
    StreamReaderAdapter,
    StreamWriterAdapter,
    WriterAdapter,
)
from amqtt.broker import Broker, Server
from amqtt.contexts import BrokerConfig, ListenerConfig
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import (
    OUTGOING,
    IncomingApplicationMessage,
    OutgoingApplicationMessage,
    Session,
)

KEEP_ALIVE_GRACE = 1.5
_CONNECT = 0x10
_MAX_FIXED_HEADER = 5
_LEVEL_5 = b"\x00\x04MQTT\x05"
_WRONG_LEVEL = b"\x20\x02\x00\x01"  # CONNACK, unacceptable protocol version


class AdmitEveryone(BaseAuthPlugin):
    """Lets every client in; unlike amqtt's own, without making its session forgettable."""

    async def authenticate(self, *, session: Session) -> bool:
        return True


class Opening(StreamReaderAdapter):
    """A client's connection, of which the first bytes were looked at already."""

    def __init__(self, reader: asyncio.StreamReader, seen: bytes) -> None:
        super().__init__(reader)
        self._seen = seen

    async def read(self, n: int = -1) -> bytes:
        if self._seen and n > 0:
            piece, self._seen = self._seen[:n], self._seen[n:]
            return piece if len(piece) == n else piece + bytes(await super().read(n - len(piece)))
        return bytes(await super().read(n))


class CarefulWriter(StreamWriterAdapter):
    """Says at once that a connection is gone, where asyncio logs a warning per packet."""

    def write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise ConnectionResetError("the client is gone")
        super().write(data)

    def cut(self) -> None:
        """Break the connection, without a farewell."""
        self._writer.transport.abort()


class PatientHandler(BrokerProtocolHandler):
    """One client's connection; unacknowledged messages outlive it, in the session."""

    stopped = False

    async def start(self) -> None:
        # amqtt makes the waiter last, and so never learns of an end that came before it.
        self._disconnect_waiter = asyncio.get_running_loop().create_future()
        await super(BrokerProtocolHandler, self).start()

    async def stop(self) -> None:
        self.stopped = True
        await super().stop()

    def handle_read_timeout(self) -> None:
        if self._disconnect_waiter is not None and not self._disconnect_waiter.done():
            self._disconnect_waiter.set_result(None)

    async def _handle_qos1_message_flow(
        self, app_message: OutgoingApplicationMessage | IncomingApplicationMessage
    ) -> None:
        if app_message.direction == OUTGOING:
            await self._send_until_acknowledged(app_message)
        else:
            await super()._handle_qos1_message_flow(app_message)

    async def _send_until_acknowledged(self, message: Any) -> None:
        assert self.session is not None
        self.session.inflight_out[message.packet_id] = message
        message.publish_packet = message.build_publish_packet(dup=bool(message.publish_packet))
        if self.stopped:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._puback_waiters[message.packet_id] = waiter
        await self._send_packet(message.publish_packet)
        # Not awaited itself: closing the connection cancels it, which cancels nobody here.
        await asyncio.wait({waiter})
        if not waiter.cancelled():
            self._puback_waiters.pop(message.packet_id, None)
            self.session.inflight_out.pop(message.packet_id, None)

    async def _retry_deliveries(self) -> None:
        assert self.session is not None
        self._retries = [
            asyncio.create_task(self._send_until_acknowledged(message))
            for message in tuple(self.session.inflight_out.values())
        ]


async def _until_level(reader: asyncio.StreamReader) -> bytes:
    """The bytes of a CONNECT up to its protocol level (MQTT 3.1.1, 3.1.2.2)."""
    seen = await reader.readexactly(2)
    while seen[-1] & 0x80 and len(seen) < _MAX_FIXED_HEADER:
        seen += await reader.readexactly(1)
    return seen + await reader.readexactly(len(_LEVEL_5))


class RepairedBroker(Broker):
    """A broker on 127.0.0.1:`port` that admits everyone and keeps what it must."""

    def __init__(self, port: int) -> None:
        login = f"{AdmitEveryone.__module__}.{AdmitEveryone.__qualname__}"
        listener = ListenerConfig(bind=f"127.0.0.1:{port}")
        super().__init__(BrokerConfig(listeners={"default": listener}, plugins={login: {}}))
        self._writers: set[CarefulWriter] = set()
        self._serving: dict[str, tuple[WriterAdapter, asyncio.Event]] = {}
        self._subscribing: set[str] = set()
        self._deliveries: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Break every connection at once, without a farewell."""
        for writer in tuple(self._writers):
            writer.cut()

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        careful = CarefulWriter(writer)
        self._writers.add(careful)
        try:
            seen = await _until_level(reader)
            if seen.endswith(_LEVEL_5):
                careful.write(_WRONG_LEVEL)
                await careful.drain()
            elif seen[0] == _CONNECT:
                await self._client_connected(listener_name, Opening(reader, seen), careful)
        except (OSError, EOFError):
            pass  # the client hung up before it said anything
        finally:
            self._writers.discard(careful)
            careful.cut()  # amqtt leaves it open when the client was faster

    async def _handle_client_session(
        self,
        reader: ReaderAdapter,
        writer: WriterAdapter,
        client_session: Session,
        handler: BrokerProtocolHandler,
        server: Server,
        listener_name: str,
    ) -> None:
        client_id = client_session.client_id or ""
        client_session.keep_alive = int(client_session.keep_alive * KEEP_ALIVE_GRACE)
        await self._end_previous(client_id)
        patient, ended = PatientHandler(self.plugins_manager), asyncio.Event()
        self._serving[client_id] = (writer, ended)
        try:
            await super()._handle_client_session(
                reader, writer, client_session, patient, server, listener_name
            )
        finally:
            del self._serving[client_id]
            ended.set()

    async def _end_previous(self, client_id: str) -> None:
        while client_id in self._serving:
            previous, ended = self._serving[client_id]
            assert isinstance(previous, CarefulWriter)
            previous.cut()
            await ended.wait()

    async def _handle_subscription(
        self,
        client_session: Session,
        handler: BrokerProtocolHandler,
        subscribe_waiter: asyncio.Future[Any],
    ) -> None:
        client_id = client_session.client_id or ""
        self._subscribing.add(client_id)
        try:
            await super()._handle_subscription(client_session, handler, subscribe_waiter)
        finally:
            self._subscribing.discard(client_id)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        if session.client_id in self._subscribing:
            self._in_background(
                super()._publish_retained_messages_for_subscription(subscription, session)
            )

    async def _publish_session_retained_messages(self, session: Session) -> None:
        handler = self._get_handler(session)
        while handler is not None and not session.retained_messages.empty():
            missed = session.retained_messages.get_nowait()
            self._in_background(
                handler.mqtt_publish(missed.topic, missed.data, missed.qos, retain=False)
            )

    def _in_background(self, delivery: Any) -> None:
        task = asyncio.ensure_future(delivery)
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def shutdown(self) -> None:
        for server in self._servers.values():
            server.instance.close()  # first: who is cut off comes back at once
        self.cut()
        while self._serving:
            _, ended = next(iter(self._serving.values()))
            await ended.wait()
            self.cut()
        for delivery in self._deliveries:
            delivery.cancel()
        await super().shutdown()
