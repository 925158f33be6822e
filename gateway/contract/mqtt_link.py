"""One MQTT connection, driven by the event loop."""

import asyncio
import re
import socket
import ssl
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from gateway.contract.attempts import Version
from gateway.contract.broker import Address, BrokerOptions
from gateway.contract.caller import BrokenLinkError, Caller, LinkError, Received, VersionError
from gateway.contract.flight import Flight, Parcel
from gateway.contract.mqtt_client import (
    HANDSHAKE_S,
    connect_options,
    errors_to,
    make_client,
    message_properties,
    named,
    subscription,
)

TICK_S = 0.5
#: A broker that is silent for so many keep-alive periods is gone (MQTT 5, 3.1.2.10).
SILENT_PERIODS = 1.5
_HEADERS = 128  # bytes of a PUBLISH beside topic and payload, at most
_UNSUPPORTED_VERSION = "Unsupported protocol version"


class Receipt(NamedTuple):
    """Which message of which connection to acknowledge."""

    link: "Link"
    mid: int
    qos: int


class Link:
    """One connection. `ready` ends when it stands and is subscribed, `lost` with the reason."""

    def __init__(self, options: BrokerOptions, caller: Caller, version: Version) -> None:
        self.version = version
        self._loop = asyncio.get_running_loop()
        self._options = options
        self._caller = caller
        self._flight = Flight(options.unacknowledged_s)
        self._largest = 0xFFFFFFF
        self._socket: socket.socket | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._heard_s = self._loop.time()
        self._greeted = False
        self._complaint = ""
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._client = make_client(options, caller, version)
        self._bind()

    async def open(self, address: Address, context: ssl.SSLContext | None) -> None:
        """Connect and subscribe. Raises OSError or LinkError."""
        if context is not None:
            self._client.tls_set_context(context)
        await self._dial(address)
        self._attach()
        await asyncio.wait(
            (self.ready, self.lost), timeout=HANDSHAKE_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not self.ready.done():
            self._lose("timed out")
            self.lost.result()

    def publish(self, parcel: Parcel, qos: int) -> None:
        """Send it, or at QoS 1 as soon as the broker takes one more."""
        if qos == 0:
            self._send(parcel, 0)
            return
        self._flight.queue(parcel)
        self._pump()

    def acknowledge(self, receipt: Receipt) -> None:
        """PUBACK a message of this connection, while it stands."""
        if self._socket is not None:
            self._client.ack(receipt.mid, receipt.qos)

    def close(self) -> None:
        """Send what is queued, disconnect, and let go of the socket."""
        if self._socket is not None and not self.lost.done():
            self._client.disconnect()
            self._client.loop_write()
        self.drop()

    def drop(self) -> None:
        """Let go of the socket without a farewell: the broker publishes the will."""
        self._detach()
        self.ready.cancel()
        if not self.lost.cancel() and not self.lost.cancelled():
            self.lost.exception()

    def _bind(self) -> None:
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._arrived
        self._client.on_publish = self._acknowledged
        self._client.enable_logger(errors_to(self._complained))
        self._client.on_socket_close = lambda *_: self._detach()
        # Set even before there is a socket: with it, paho leaves all writing to this loop.
        self._client.on_socket_register_write = lambda *_: self._want_write()

    async def _dial(self, address: Address) -> None:
        # Address look-up, TCP connect and TLS handshake block, so they leave the loop.
        session = connect_options(self._caller, self.version)
        dialling = asyncio.ensure_future(
            asyncio.to_thread(
                self._client.connect,
                address.host,
                address.port,
                self._options.keepalive_s,
                **session,
            )
        )
        try:
            async with asyncio.timeout(2 * HANDSHAKE_S):
                await asyncio.shield(dialling)
        except (asyncio.CancelledError, TimeoutError):
            dialling.add_done_callback(self._hang_up)
            raise

    def _hang_up(self, dialling: "asyncio.Future[MQTTErrorCode]") -> None:
        if not dialling.cancelled() and dialling.exception() is None:
            sock = self._client.socket()
            if sock is not None:
                sock.close()

    def _attach(self) -> None:
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            raise LinkError("connection closed")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._heard_s = self._loop.time()
        self._loop.add_reader(sock, self._read)
        self._want_write()
        self._keep_alive()

    def _detach(self) -> None:
        if self._tick is not None:
            self._tick.cancel()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
            self._socket = None

    def _want_write(self) -> None:
        if self._socket is not None:
            self._loop.add_writer(self._socket, self._write)

    def _read(self) -> None:
        self._heard_s = self._loop.time()
        self._drive(self._client.loop_read)
        # TLS takes whole records off the socket: what it holds already wakes no reader.
        while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            self._drive(self._client.loop_read)
        if self._socket is not None and sys.platform == "linux":
            # Brokers that leave Nagle's algorithm on (Mosquitto's default) keep the next message
            # back until this acknowledgement, which would be late by 40 ms; once is not for good.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _write(self) -> None:
        self._drive(self._client.loop_write)
        if self._socket is not None and not self._client.want_write():
            self._loop.remove_writer(self._socket)

    def _keep_alive(self) -> None:
        self._tick = self._loop.call_later(TICK_S, self._judge)
        self._drive(self._client.loop_misc)

    def _judge(self) -> None:
        # The event loop reads before it calls timers: what arrived while this program was busy
        # has already spoken for the broker.
        now_s = self._loop.time()
        if now_s - self._heard_s > self._client.keepalive * SILENT_PERIODS:
            self._end(BrokenLinkError(f"silent for {now_s - self._heard_s:.0f} s"))
            return
        for parcel in self._flight.ignored(now_s):
            self._caller.on_refused(parcel, "unacknowledged")
        if self._flight.stuck(now_s):
            patience = f"{self._options.unacknowledged_s:g} s"
            self._end(BrokenLinkError(f"takes messages and acknowledged none for {patience}"))
            return
        self._pump()
        self._keep_alive()

    def _drive(self, turn: Callable[[], MQTTErrorCode]) -> None:
        if self._socket is None:
            return
        try:
            code = turn()
        except Exception as error:  # a callback's: it must reach run, not vanish in the loop
            self._end(error)
            return
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._lose(code.name)

    def _lose(self, text: str) -> None:
        text = self._complaint or text
        if self._greeted:
            self._end(LinkError(text))
        else:
            self._end(VersionError(f"no answer: {text}"))

    def _end(self, error: Exception) -> None:
        self._detach()
        if not self.lost.done():
            self.lost.set_exception(error)

    def _pump(self) -> None:
        while self._socket is not None and (parcel := self._flight.next()) is not None:
            if len(parcel.topic) + len(parcel.payload) + _HEADERS > self._largest:
                self._caller.on_refused(parcel, "packet_too_large")
            else:
                self._send(parcel, 1)

    def _send(self, parcel: Parcel, qos: int) -> None:
        properties = message_properties(self.version, PacketTypes.PUBLISH, parcel.expiry_s)
        sent = self._client.publish(parcel.topic, parcel.payload, qos, parcel.retain, properties)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._lose(sent.rc.name)
        elif qos:
            self._flight.sent(self._loop.time(), sent.mid, parcel)

    def _connected(
        self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, granted: object
    ) -> None:
        if str(reason) == _UNSUPPORTED_VERSION:
            self._end(VersionError(f"does not speak MQTT {self.version.value}"))
        elif reason.is_failure:
            self._end(LinkError(f"refused: {named(reason)}"))
        elif lacking := self._take_limits(granted):
            self._end(LinkError(f"offers {lacking}; another broker is needed"))
        elif self._caller.subscriptions:
            self._greeted = True
            self._client.subscribe(subscription(self._caller.subscriptions, self.version))
        else:
            self._greeted = True
            self.ready.set_result(None)

    def _take_limits(self, granted: object) -> str:
        """Heed what the broker allows (MQTT 5, 3.2.2.3); what we cannot do without, if it lacks."""
        self._flight.limit = getattr(granted, "ReceiveMaximum", self._flight.limit)
        self._largest = getattr(granted, "MaximumPacketSize", self._largest)
        if getattr(granted, "MaximumQoS", 1) < 1:
            return "no QoS 1"
        return "" if getattr(granted, "RetainAvailable", 1) else "no retained messages"

    def _subscribed(
        self, _: Client, __: object, ___: int, reasons: Iterable[ReasonCode], ____: object
    ) -> None:
        refused = [
            f"{topic} ({reason})"
            for topic, reason in zip(self._caller.subscriptions, reasons, strict=False)
            if reason.value != 1
        ]
        if refused:
            self._end(LinkError(f"refused a subscription at QoS 1: {', '.join(refused)}"))
        elif not self.ready.done():
            self.ready.set_result(None)

    def _disconnected(
        self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: object
    ) -> None:
        self._lose(f"connection lost: {named(reason)}")

    def _arrived(self, _: Client, __: object, message: MQTTMessage) -> None:
        receipt = Receipt(self, message.mid, message.qos)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self.acknowledge(receipt)  # no topic of ours, and not to come back
            return
        self._caller.on_message(Received(topic, bytes(message.payload), message.retain, receipt))

    def _acknowledged(
        self, _: Client, __: object, mid: int, reason: ReasonCode, ____: object
    ) -> None:
        parcel = self._flight.acknowledged(mid)
        if parcel is not None and reason.is_failure:
            self._caller.on_refused(parcel, re.sub(r"\W+", "_", str(reason).lower()))
        elif parcel is not None and parcel.token is not None:
            self._caller.on_puback(parcel.token)
        self._pump()

    def _complained(self, text: str) -> None:
        self._complaint = text
