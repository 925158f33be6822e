"""An MQTT broker in virtual time: sessions, retained messages, wills, QoS 1 and its repetitions.

What it may do is what MQTT 3.1.1 and 5 allow (4.4, 4.6, 3.1.2.5): messages of one topic keep
their order, those of different topics need not; what is not acknowledged comes again with the
next connection; a session lasts while its client is away. It acknowledges before it saves, as
Mosquitto does, so a crash loses what it said since the last save.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.log import Log
from simulator.lockstep.network import Path

SAVE_EVERY_MS = 5_000  # deploy/mosquitto: autosave_interval 5
_QUEUE_MAX = 100_000  # deploy/mosquitto: max_queued_messages


class Message(NamedTuple):
    """A message on its way to a client."""

    topic: str
    payload: bytes
    qos: int
    retained: bool = False


class Client(Protocol):
    """The other end of a connection."""

    path: Path

    def delivered(self, number: int, message: Message) -> None:
        """A message arrives, to be acknowledged by its number."""

    def acknowledged(self, mid: int) -> None:
        """A PUBACK arrives."""

    def cut(self, reason: str) -> None:
        """The connection was closed by the broker, or by its end."""


class _Subscription:
    """A session: what a client subscribed to, and what waits for it."""

    def __init__(self) -> None:
        self.patterns: tuple[tuple[str, ...], ...] = ()
        self.waiting: deque[Message] = deque()
        self.unacknowledged: dict[int, Message] = {}
        self.number = 0

    def copy(self) -> "_Subscription":
        """As it is now; messages never change."""
        twin = _Subscription()
        twin.patterns, twin.number = self.patterns, self.number
        twin.waiting = self.waiting.copy()
        twin.unacknowledged = self.unacknowledged.copy()
        return twin

    def wants(self, levels: list[str]) -> bool:
        return any(_matches(pattern, levels) for pattern in self.patterns)


class _Connection:
    def __init__(self, client: Client, will: tuple[str, bytes] | None, silence_ms: int) -> None:
        self.client = client
        self.will = will
        self.silence_ms = silence_ms
        self.missed: Due | None = None


class Broker:
    """One broker. duplicates: the share of messages that it delivers twice over."""

    def __init__(self, agenda: Agenda, log: Log, draw: Callable[..., float]) -> None:
        self.up = True
        self.mute = False  # takes messages and acknowledges none
        self.duplicates = 0.0
        self._agenda = agenda
        self._log = log
        self._draw = draw
        self._sessions: dict[str, _Subscription] = {}
        self._connections: dict[str, _Connection] = {}
        self._retained: dict[str, bytes] = {}
        self._saved: tuple[dict[str, _Subscription], dict[str, bytes]] = ({}, {})
        self._saving: Due | None = None
        self._sent = 0

    # -- faults -------------------------------------------------------------

    def stop(self) -> None:
        """It dies: connections end, nobody is told of wills, and nothing is saved any more."""
        self.up = False
        if self._saving is not None:
            self._saving.call_off()
        connections, self._connections = self._connections, {}
        for connection in connections.values():
            if connection.missed is not None:
                connection.missed.call_off()
            connection.client.path.up(self._agenda, connection.client.cut, "connection lost")

    def start(self, *, keeps: str) -> None:
        """It comes back. keeps: `all`, `saved` (what was on its disk), or `nothing`."""
        if keeps == "saved":
            sessions, retained = self._saved
            self._sessions = {name: one.copy() for name, one in sessions.items()}
            self._retained = dict(retained)
        elif keeps == "nothing":
            self._sessions, self._retained = {}, {}
        self.up = True
        self.save()

    def save(self) -> None:
        """What a crash does not lose."""
        self._saving = None
        sessions = {name: one.copy() for name, one in self._sessions.items()}
        self._saved = sessions, dict(self._retained)

    # -- clients ------------------------------------------------------------

    def connect(
        self,
        client_id: str,
        client: Client,
        will: tuple[str, bytes] | None,
        subscriptions: tuple[str, ...],
        keepalive_ms: int,
    ) -> None:
        """A client's CONNECT and SUBSCRIBE; another with its name is thrown out."""
        if client_id in self._connections:
            self._end(client_id, tell=True)
            self._publish_will(client_id)
        connection = _Connection(client, will, keepalive_ms * 3 // 2)
        self._connections[client_id] = connection
        session = self._sessions.setdefault(client_id, _Subscription())
        session.patterns = tuple(tuple(one.split("/")) for one in subscriptions)
        again, session.unacknowledged = session.unacknowledged, {}
        for message in again.values():
            self._deliver(client_id, session, message)
        while session.waiting:
            self._deliver(client_id, session, session.waiting.popleft())
        for topic, payload in self._retained.items():  # with each SUBSCRIBE (MQTT 5, 3.8.4)
            if session.wants(topic.split("/")):
                self._deliver(client_id, session, Message(topic, payload, 1, retained=True))
        self.heard(client_id)
        self._changed()

    def heard(self, client_id: str) -> None:
        """A sign of life; a client that gives none is gone after one and a half keep-alives."""
        connection = self._connections.get(client_id)
        if connection is None:
            return
        if connection.missed is not None:
            connection.missed.call_off()
        if not connection.client.path.whole:
            connection.missed = self._agenda.after(connection.silence_ms, self.lost, client_id)

    def lost(self, client_id: str, client: Client | None = None) -> None:
        """The client is gone without a farewell. client: its end of the connection that is meant,
        which another may have followed."""
        connection = self._connections.get(client_id)
        if connection is not None and client in (None, connection.client):
            self._end(client_id, tell=True)
            self._publish_will(client_id)

    def disconnect(self, client_id: str) -> None:
        """A clean farewell: no will."""
        if client_id in self._connections:
            self._end(client_id, tell=False)

    def publish(
        self, client_id: str, client: Client, mid: int, message: Message, *, retain: bool
    ) -> None:
        """A message over a client's connection, while it stands; at QoS 1 it is acknowledged."""
        if not self._stands(client_id, client):
            return
        self._route(message, retain=retain)
        if message.qos and not self.mute:
            client.path.up(self._agenda, client.acknowledged, mid)

    def puback(self, client_id: str, client: Client, number: int) -> None:
        """A client acknowledged a message of this connection."""
        if self._stands(client_id, client):
            self._sessions[client_id].unacknowledged.pop(number, None)
            self._changed()

    def _stands(self, client_id: str, client: Client) -> bool:
        """Whether this is the client's connection now: another may have followed."""
        connection = self._connections.get(client_id)
        return connection is not None and connection.client is client

    def _route(self, message: Message, *, retain: bool) -> None:
        if retain:
            self._retained.pop(message.topic, None)
            if message.payload:
                self._retained[message.topic] = message.payload
        levels = message.topic.split("/")
        for client_id, session in self._sessions.items():
            if session.wants(levels):
                self._deliver(client_id, session, message)
                self._sent += 1
                if (
                    message.qos
                    and self.duplicates
                    and self._draw("twice", self._sent) < self.duplicates
                ):
                    self._deliver(client_id, session, message)
        self._changed()

    def _deliver(self, client_id: str, session: _Subscription, message: Message) -> None:
        connection = self._connections.get(client_id)
        if connection is None:
            if message.qos and len(session.waiting) < _QUEUE_MAX:
                session.waiting.append(message)
            return
        session.number += 1
        if message.qos:
            session.unacknowledged[session.number] = message
        client = connection.client
        client.path.up(self._agenda, client.delivered, session.number, message, topic=message.topic)

    def _end(self, client_id: str, *, tell: bool) -> None:
        connection = self._connections[client_id]
        if connection.missed is not None:
            connection.missed.call_off()
        if tell:
            connection.client.path.up(self._agenda, connection.client.cut, "connection lost")
        self._will = connection.will
        del self._connections[client_id]

    def _publish_will(self, client_id: str) -> None:
        if self._will is not None:
            topic, payload = self._will
            self._route(Message(topic, payload, 1), retain=True)

    def _changed(self) -> None:
        if self._saving is None:
            self._saving = self._agenda.after(SAVE_EVERY_MS, self.save)


def _matches(pattern: tuple[str, ...], levels: list[str]) -> bool:
    return len(pattern) == len(levels) and all(
        wanted in ("+", level) for wanted, level in zip(pattern, levels, strict=True)
    )
