"""A client's MQTT session in virtual time, in the place of gateway.contract.session.Session.

What the real one does with paho, this one does with `Broker`: it connects again and again with
the same back-off, holds messages in the same `Flight`, and gives a silent or stubborn broker up
after the same times. The caller sees the same callbacks.
"""

from collections.abc import Callable

from gateway.contract.broker import BrokerOptions
from gateway.contract.caller import Received
from gateway.contract.flight import Flight, Parcel
from gateway.contract.mqtt_link import SILENT_PERIODS
from gateway.contract.session import BACKOFF_FIRST_S, BACKOFF_MAX_S
from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.broker import Broker, Message
from simulator.lockstep.network import Path

_LOOK_MS = 500  # gateway.contract.mqtt_link.TICK_S
_S = 1000
_DOUBLINGS = 16


class VirtualSession:
    """One client of a broker; `guard` runs what the network brings inside the client's process."""

    def __init__(
        self,
        agenda: Agenda,
        broker: Broker,
        path: Path,
        draw: Callable[..., float],
        guard: Callable[[Callable[[], object]], None],
        options: BrokerOptions,
        client_id: str,
        *,
        will: tuple[str, bytes] | None,
        subscriptions: tuple[str, ...],
        on_message: Callable[[Received], None],
        on_link: Callable[[bool, str], None],
        on_puback: Callable[[int], None],
        on_refused: Callable[[Parcel, str], None] = lambda *_: None,
    ) -> None:
        self.path = path
        self._agenda = agenda
        self._broker = broker
        self._draw = draw
        self._guard = guard
        self._options = options
        self._client_id = client_id
        self._will = will
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._on_link = on_link
        self._on_puback = on_puback
        self._on_refused = on_refused
        self._link: _Link | None = None
        self._dialled: _Link | None = None  # the latest, whether it has come about or not
        self._failures = 0
        self._attempts = 0
        self._dead = False
        path.watch = self._path_changed
        agenda.after(0, self._dial)

    @property
    def connected(self) -> bool:
        """Whether messages can be published now."""
        return self._link is not None

    async def run(self) -> None:
        """Nothing: the agenda keeps it connected."""

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        token: int | None = None,
        retain: bool = False,
        qos: int = 1,
        expiry_s: int | None = None,
    ) -> bool:
        """Send a message; False when there is no connection, and then the caller keeps it."""
        if self._link is None:
            return False
        self._link.publish(Parcel(topic, payload, token, retain, expiry_s), qos)
        return True

    def acknowledge(self, received: Received) -> None:
        """PUBACK a message of the connection that brought it."""
        if self._link is not None and isinstance(received.receipt, _Receipt):
            self._link.puback(received.receipt)

    def die(self, *, silently: bool) -> None:
        """The process is gone: its socket closes, unless the machine went with it (silently)."""
        self._dead, self._link = True, None
        if self._dialled is not None:
            self._dialled.die(silently=silently)

    def _path_changed(self) -> None:
        if self._link is not None:
            self._link.worry()

    # -- of the link --------------------------------------------------------

    def linked(self, link: "_Link") -> None:
        self._link, self._failures = link, 0
        self._guard(lambda: self._on_link(True, "connected"))

    def unlinked(self, reason: str) -> None:
        """The connection ended, or did not come about; tried again after a while."""
        if self._dead:
            return
        self._link = None
        self._guard(lambda: self._on_link(False, reason))
        ceiling_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(self._failures, _DOUBLINGS))
        self._failures += 1
        pause_s = ceiling_s * self._draw("back-off", self._attempts)
        self._agenda.after(int(pause_s * _S), self._dial)

    def _dial(self) -> None:
        if self._dead:
            return
        self._attempts += 1
        link = _Link(self, self._agenda, self._broker, self._options, self._client_id)
        self._dialled = link
        if not self._broker.up or self.path.condition == "cut":
            self._agenda.after(20, self.unlinked, "connection refused")
        elif self.path.condition == "swallows":
            self._agenda.after(5 * _S, self.unlinked, "timed out")
        else:
            self.path.up(self._agenda, link.open, self._will, self._subscriptions)
            self._agenda.after(5 * _S, link.give_up)

    def message(self, received: Received) -> None:
        self._guard(lambda: self._on_message(received))

    def handed_over(self, parcel: Parcel) -> None:
        token = parcel.token
        if token is not None:
            self._guard(lambda: self._on_puback(token))

    def refused(self, parcel: Parcel, reason: str) -> None:
        self._guard(lambda: self._on_refused(parcel, reason))


class _Receipt:
    """Which message of which connection."""

    def __init__(self, link: "_Link", number: int) -> None:
        self.link = link
        self.number = number


class _Link:
    """One connection: the client's end of it."""

    def __init__(
        self,
        session: VirtualSession,
        agenda: Agenda,
        broker: Broker,
        options: BrokerOptions,
        client_id: str,
    ) -> None:
        self.path = session.path
        self._session = session
        self._agenda = agenda
        self._broker = broker
        self._client_id = client_id
        self._keepalive_ms = options.keepalive_s * _S
        self._flight = Flight(options.unacknowledged_s)
        self._open = False
        self._over = False
        self._whole = True  # the path, when it was looked at last
        self._mid = 0
        self._heard_ms = agenda.now_ms
        self._look: Due | None = None

    def open(self, will: tuple[str, bytes] | None, subscriptions: tuple[str, ...]) -> None:
        """CONNECT arrives at the broker."""
        if self._over:
            return
        if not self._broker.up:
            self._end("connection refused")
            return
        self._open = True
        self._heard_ms = self._agenda.now_ms
        self._session.linked(self)
        self._broker.connect(self._client_id, self, will, subscriptions, self._keepalive_ms)

    def give_up(self) -> None:
        """The broker has not answered in time."""
        if not self._open:
            self._end("timed out")

    def publish(self, parcel: Parcel, qos: int) -> None:
        if qos == 0:
            self._send(parcel, 0, 0)
        else:
            self._flight.queue(parcel)
            self._pump()

    def puback(self, receipt: _Receipt) -> None:
        if receipt.link is self:
            self._up(self._broker.puback, self._client_id, self, receipt.number)

    def delivered(self, number: int, message: Message) -> None:
        if self._over:
            return
        self._heard_ms = self._agenda.now_ms
        receipt = _Receipt(self, number)
        self._session.message(Received(message.topic, message.payload, message.retained, receipt))

    def acknowledged(self, mid: int) -> None:
        if self._over:
            return
        self._heard_ms = self._agenda.now_ms
        parcel = self._flight.acknowledged(mid)
        if parcel is not None:
            self._session.handed_over(parcel)
        if not self._over:
            self._pump()

    def cut(self, reason: str) -> None:
        self._end(reason)

    def die(self, *, silently: bool) -> None:
        if self._over:
            return
        self._over = True
        self.path.forget()
        if self._look is not None:
            self._look.call_off()
        if not self._open:
            return  # the broker does not know it
        if not silently and self.path.whole:
            self.path.end(self._agenda, self._missed)  # the kernel still sends what was written
        else:
            self._agenda.after(self._keepalive_ms * 3 // 2, self._missed)

    def worry(self) -> None:
        """The path is no good any more, or good again: both ends look on."""
        if not self._open or self._over:
            return
        if self._whole != self.path.whole:
            self._whole = self.path.whole
            self._heard_ms = self._agenda.now_ms  # until now each end had heard the other
            self._broker.heard(self._client_id)
        self._watch()

    def _missed(self) -> None:
        self._broker.lost(self._client_id, self)

    def _pump(self) -> None:
        while (parcel := self._flight.next()) is not None:
            self._mid += 1
            self._flight.sent(self._agenda.now_ms / _S, self._mid, parcel)
            self._send(parcel, 1, self._mid)
        self._watch()

    def _send(self, parcel: Parcel, qos: int, mid: int) -> None:
        message = Message(parcel.topic, parcel.payload, qos)
        arrive = self._broker.publish
        self.path.up(
            self._agenda,
            lambda: arrive(self._client_id, self, mid, message, retain=parcel.retain),
            topic=parcel.topic,
        )

    def _up(self, call: Callable[..., object], *arguments: object) -> None:
        self.path.up(self._agenda, call, *arguments)

    def _watch(self) -> None:
        """Looks on while something is under way, or nothing arrives any more."""
        if self._look is None and not self._over and (len(self._flight) or not self.path.whole):
            self._look = self._agenda.after(_LOOK_MS, self._judge)

    def _judge(self) -> None:
        self._look = None
        if self._over:
            return
        now_ms = self._agenda.now_ms
        if self.path.whole:
            self._heard_ms = now_ms  # its PINGRESP
        if now_ms - self._heard_ms > self._keepalive_ms * SILENT_PERIODS:
            self._end(f"silent for {(now_ms - self._heard_ms) // _S} s")
            return
        for parcel in self._flight.ignored(now_ms / _S):
            self._session.refused(parcel, "unacknowledged")
        if not self._over and self._flight.stuck(now_ms / _S):
            self._end("takes messages and acknowledged none")
            if self.path.whole:
                self._broker.lost(self._client_id, self)
            return
        self._watch()

    def _end(self, reason: str) -> None:
        if not self._over:
            self._over = True
            self.path.forget()
            if self._look is not None:
                self._look.call_off()
            self._session.unlinked(reason)
