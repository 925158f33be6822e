"""One MQTT connection kept alive; the only file that knows paho.

The caller owns its messages: nothing of a lost connection is sent again from
here, and a message counts as handed over only when `on_puback` names its token.
"""

import asyncio
import random
import socket
import sys
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.contract.errors import ContractError
from gateway.contract.secret import read_secret

BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 30.0
HANDSHAKE_S = 5.0
_DEFAULT_PORT = 1883
_TICK_S = 1.0
_REFUSED = 0x80
_Properties = Properties | None


class BrokerOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [broker] table of a configuration file."""

    url: str = "mqtt://127.0.0.1:1883"
    username: str | None = None
    password_file: str | None = None
    keepalive_s: int = 10


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int


class Received(NamedTuple):
    """A message from the broker; to be given back to `Session.acknowledge`."""

    topic: str
    payload: bytes
    retained: bool
    receipt: object

    def __repr__(self) -> str:
        return f"<Received {self.topic} {len(self.payload)} bytes>"


def broker_address(options: BrokerOptions) -> Address:
    """Host and port of `broker.url`. Raises ContractError when it is not mqtt://host[:port]."""
    try:
        parts = urlsplit(options.url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme != "mqtt" or parts.path.strip("/") or "@" in parts.netloc:
        raise ContractError("broker", "broker.url: must be mqtt://host or mqtt://host:port")
    return Address(host, _DEFAULT_PORT if port is None else port)


class Session:
    """One MQTT 3.1.1 session: connect, jittered back-off, will, subscriptions, manual PUBACK.

    The session at the broker is persistent, so messages for a client that is
    away wait there; what this side sends waits with the caller. Callbacks run
    in the event loop's thread:

    on_message(received): acknowledge it once it is safe.
    on_link(up, reason): up when connected and subscribed; down with the reason
    whenever the connection or an attempt at one ends.
    on_puback(token): the broker acknowledged what was published with this token.

    An exception that a callback raises ends `run`. Raises ContractError for a
    broker address or password file that cannot be used.
    """

    def __init__(
        self,
        options: BrokerOptions,
        client_id: str,
        *,
        will: tuple[str, bytes] | None,
        subscriptions: tuple[str, ...],
        on_message: Callable[[Received], None],
        on_link: Callable[[bool, str], None],
        on_puback: Callable[[int], None],
        rng: random.Random | None = None,
    ) -> None:
        self._options = options
        self._address = broker_address(options)
        self._password = options.password_file and read_secret(
            "broker.password_file", options.password_file
        )
        self._client_id = client_id
        self._will = will
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._on_link = on_link
        self._on_puback = on_puback
        self._rng = rng or random.SystemRandom()
        self._link: _Link | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can be published now."""
        return self._link is not None and self._link.ready.done()

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        token: int | None = None,
        retain: bool = False,
        qos: int = 1,
    ) -> bool:
        """Send a message; False when there is no connection, and then the caller keeps it."""
        if self._link is None or not self.connected:
            return False
        return self._link.publish(topic, payload, token, qos, retain)

    def acknowledge(self, received: Received) -> None:
        """PUBACK a message; until then the broker delivers it again after a reconnect."""
        if isinstance(received.receipt, _Receipt):
            received.receipt.link.acknowledge(received.receipt)

    async def run(self) -> None:
        """Keep connected until cancelled; then send what is queued, and disconnect cleanly."""
        failures = 0
        while True:
            link = _Link(self._client(), self._subscriptions, self._on_message, self._on_puback)
            try:
                await link.open(self._address, self._options.keepalive_s)
                self._link, failures = link, 0
                self._on_link(True, "connected")
                await asyncio.shield(link.lost)  # our end is not its end: close still has to write
            except (OSError, _LinkError) as error:
                self._link = None
                self._on_link(False, f"broker {self._options.url}: {error or 'timed out'}")
            finally:
                self._link = None
                link.close()
            await asyncio.sleep(self._backoff_s(failures))
            failures += 1

    def _backoff_s(self, failures: int) -> float:
        # Full jitter: after a broker's restart, a fleet does not come back as one.
        ceiling_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(failures, 16))
        return self._rng.uniform(0, ceiling_s)

    def _client(self) -> Client:
        # A fresh one for each connection: paho would send the old one's messages again.
        client = Client(
            CallbackAPIVersion.VERSION2, self._client_id, clean_session=False, manual_ack=True
        )
        client.max_inflight_messages = 0  # no limit: the caller has its own
        client.connect_timeout = HANDSHAKE_S
        if self._options.username is not None:
            client.username_pw_set(self._options.username, self._password)
        if self._will is not None:
            client.will_set(*self._will, qos=1, retain=True)
        return client


class _LinkError(Exception):
    """A connection that ended."""


class _Receipt(NamedTuple):
    link: "_Link"
    mid: int
    qos: int


class _Link:
    """One connection, driven by the event loop. `lost` ends with the reason."""

    def __init__(
        self,
        client: Client,
        subscriptions: tuple[str, ...],
        on_message: Callable[[Received], None],
        on_puback: Callable[[int], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._client = client
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._on_puback = on_puback
        self._tokens: dict[int, int] = {}
        self._socket: socket.socket | None = None
        self._tick: asyncio.TimerHandle | None = None
        self.ready: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._bind()

    async def open(self, address: Address, keepalive_s: int) -> None:
        """Connect and subscribe. Raises OSError or _LinkError."""
        # Only the address look-up and the TCP connect block, so only they leave the loop.
        dialling = asyncio.ensure_future(
            asyncio.to_thread(self._client.connect, address.host, address.port, keepalive_s)
        )
        try:
            await asyncio.shield(dialling)
        except asyncio.CancelledError:
            dialling.add_done_callback(self._hang_up)
            raise
        self._attach()
        async with asyncio.timeout(HANDSHAKE_S):
            await asyncio.wait((self.ready, self.lost), return_when=asyncio.FIRST_COMPLETED)
        if self.lost.done():
            self.lost.result()

    def publish(
        self, topic: str, payload: bytes, token: int | None, qos: int, retain: bool
    ) -> bool:
        sent = self._client.publish(topic, payload, qos, retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        if token is not None:
            self._tokens[sent.mid] = token
        return True

    def acknowledge(self, receipt: _Receipt) -> None:
        if self._socket is not None:
            self._client.ack(receipt.mid, receipt.qos)

    def close(self) -> None:
        """Send what is queued, disconnect, and let go of the socket."""
        if self._socket is not None and not self.lost.done():
            self._client.disconnect()
            self._client.loop_write()
        self._detach()
        self._tokens.clear()
        self.ready.cancel()
        if not self.lost.cancel() and not self.lost.cancelled():
            self.lost.exception()

    def _bind(self) -> None:
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._arrived
        self._client.on_publish = self._acknowledged
        self._client.on_socket_close = lambda *_: self._detach()
        # Set even before there is a socket: with it, paho leaves all writing to this loop.
        self._client.on_socket_register_write = lambda *_: self._want_write()

    def _attach(self) -> None:
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            raise _LinkError("connection closed")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
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

    def _hang_up(self, dialling: "asyncio.Future[MQTTErrorCode]") -> None:
        if not dialling.cancelled() and dialling.exception() is None:
            sock = self._client.socket()
            if sock is not None:
                sock.close()

    def _want_write(self) -> None:
        if self._socket is not None:
            self._loop.add_writer(self._socket, self._write)

    def _read(self) -> None:
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
        self._tick = self._loop.call_later(_TICK_S, self._keep_alive)
        self._drive(self._client.loop_misc)

    def _drive(self, turn: Callable[[], MQTTErrorCode]) -> None:
        try:
            code = turn()
        except Exception as error:  # a callback's: it must reach run, not vanish in the loop
            self._end(error)
            return
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._end(_LinkError(code.name))

    def _end(self, error: Exception) -> None:
        self._detach()
        if not self.lost.done():
            self.lost.set_exception(error)

    def _connected(
        self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: _Properties
    ) -> None:
        if reason.is_failure:
            self._end(_LinkError(f"refused: {reason}"))
        elif self._subscriptions:
            self._client.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self.ready.set_result(None)

    def _subscribed(
        self, _: Client, __: object, ___: int, reasons: list[ReasonCode], ____: _Properties
    ) -> None:
        if any(reason.value >= _REFUSED for reason in reasons):
            self._end(_LinkError(f"refused a subscription: {', '.join(self._subscriptions)}"))
        elif not self.ready.done():
            self.ready.set_result(None)

    def _disconnected(
        self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: _Properties
    ) -> None:
        self._end(_LinkError(f"connection lost: {reason}"))

    def _arrived(self, _: Client, __: object, message: MQTTMessage) -> None:
        receipt = _Receipt(self, message.mid, message.qos)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self.acknowledge(receipt)  # no topic of ours, and not to come back
            return
        self._on_message(Received(topic, bytes(message.payload), message.retain, receipt))

    def _acknowledged(
        self, _: Client, __: object, mid: int, ___: ReasonCode, ____: _Properties
    ) -> None:
        token = self._tokens.pop(mid, None)
        if token is not None:
            self._on_puback(token)
