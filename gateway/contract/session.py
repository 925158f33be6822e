"""MQTT kept alive: the best broker that works, again and again.

The caller owns its messages: nothing of a lost connection is sent again from
here, and a message counts as handed over only when `on_puback` names its token.
"""

import asyncio
import random
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from gateway.contract.attempts import Attempts
from gateway.contract.broker import (
    Address,
    BrokerOptions,
    addresses,
    check_broker,
    encryption,
    read_password,
)
from gateway.contract.caller import BrokenLinkError, Caller, LinkError, Received, VersionError
from gateway.contract.errors import ContractError
from gateway.contract.flight import Parcel
from gateway.contract.mqtt_link import Link, Receipt
from gateway.contract.tls import explain, explain_certificate

__all__ = ["Parcel", "Received", "Session"]

BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 30.0
#: Doublings for connections that end at once: what waits goes out while they stand.
FLAPS_MAX = 5
_FAILURES = (OSError, LinkError, ContractError)


class _Better(NamedTuple):
    broker: int
    link: Link


class Session:
    """One MQTT session: connect, jittered back-off, will, subscriptions, manual PUBACK.

    Speaks MQTT 5, and 3.1.1 with brokers that know no better. Of several brokers the
    first that works is used, and a better one again when it is back. The session at the
    broker is persistent, so messages for a client that is away wait there; what this side
    sends waits with the caller. Callbacks run in the event loop's thread:

    on_message(received): acknowledge it once it is safe.
    on_link(up, reason): up when connected and subscribed; down with the reason
    whenever the connection or an attempt at one ends.
    on_puback(token): the broker acknowledged what was published with this token.
    on_refused(parcel, reason): the broker took the message at QoS 1 and did not accept it;
    a short word why. MQTT 3.1.1 has no such answer.

    Without lasting, the broker forgets the session at its end: for those who only look.
    An exception that a callback raises ends `run`. Raises ContractError for a
    broker address, certificate or password file that cannot be used.
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
        on_refused: Callable[[Parcel, str], None] = lambda *_: None,
        lasting: bool = True,
        rng: random.Random | None = None,
    ) -> None:
        check_broker(options)
        self._options = options
        self._addresses = addresses(options)
        self._caller = Caller(
            client_id,
            read_password(options),
            will,
            subscriptions,
            on_message,
            on_puback,
            on_refused,
            lasting,
        )
        self._on_link = on_link
        self._rng = rng or random.SystemRandom()
        self._attempts = Attempts(len(self._addresses), options.return_s)
        self._link: Link | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can be published now."""
        return self._link is not None and not self._link.lost.done()

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
        """Send a message; False when there is no connection, and then the caller keeps it.

        expiry_s: for how long it is of use to those who get it late (MQTT 5).
        """
        if self._link is None or not self.connected:
            return False
        self._link.publish(Parcel(topic, payload, token, retain, expiry_s), qos)
        return True

    def acknowledge(self, received: Received) -> None:
        """PUBACK a message; until then the broker delivers it again after a reconnect."""
        if isinstance(received.receipt, Receipt):
            received.receipt.link.acknowledge(received.receipt)

    async def run(self) -> None:
        """Keep connected until cancelled; then send what is queued, and disconnect cleanly."""
        failures = 0
        while True:
            broker = self._attempts.broker
            try:
                link = await self._connect(broker)
            except _FAILURES as error:
                self._attempts.failed()
                self._on_link(False, self._reason(broker, error))
            else:
                await self._stay(link)
                failures = min(self._attempts.flaps, FLAPS_MAX)
            await asyncio.sleep(self._backoff_s(failures))
            failures += 1

    async def _connect(self, broker: int) -> Link:
        address = self._addresses[broker]
        refusal: LinkError | None = None
        for version in self._attempts.versions(broker):
            context = await self._context(address)
            link = Link(self._options, self._caller, version)
            try:
                await link.open(address, context)
            except VersionError as error:
                link.drop()
                refusal = refusal or error
            except BaseException:
                link.drop()
                raise
            else:
                self._attempts.understood(broker, version)
                return link
        self._attempts.misunderstood(broker)
        raise refusal or LinkError("speaks no MQTT that is known here")

    async def _stay(self, link: Link | None) -> None:
        """Hold the connection, and those to better brokers that take its place."""
        loop = asyncio.get_running_loop()
        while link is not None:
            since_s = loop.time()
            self._link = link
            try:
                self._on_link(True, self._greeting(link))
                better = await self._better_or_lost(link)
            except _FAILURES as error:
                self._link = None
                broker = self._attempts.broker
                self._attempts.ended(loop.time() - since_s, isinstance(error, BrokenLinkError))
                self._on_link(False, self._reason(broker, error) + self._suspicion())
                better = None
            finally:
                self._link = None
                link.close()
            link = better and self._move(better)

    async def _better_or_lost(self, link: Link) -> _Better:
        """A connection to a better broker; the old one is dropped. Raises how the link ended."""
        seeking = asyncio.ensure_future(self._seek_better())
        try:
            await asyncio.wait((link.lost, seeking), return_when=asyncio.FIRST_COMPLETED)
            if not link.lost.done():
                link.drop()  # its will must say there that we are gone
                return seeking.result()
            link.lost.result()
            raise LinkError("connection lost")
        except BaseException:
            seeking.cancel()
            await asyncio.wait((seeking,))  # not itself: its end must not pass for ours, or hide it
            if not seeking.cancelled() and seeking.exception() is None:
                seeking.result().link.close()
            raise

    async def _seek_better(self) -> _Better:
        if not self._attempts.better:
            await asyncio.Event().wait()
        while True:
            pause_s = self._attempts.return_in_s * self._rng.uniform(0.5, 1.5)
            await asyncio.sleep(pause_s)
            for broker in self._attempts.better:
                with suppress(*_FAILURES):
                    return _Better(broker, await self._connect(broker))

    def _move(self, better: _Better) -> Link:
        self._attempts.moved(better.broker)
        self._on_link(False, f"back to {self._addresses[better.broker]}")
        return better.link

    def _backoff_s(self, failures: int) -> float:
        # Full jitter: after a broker's restart, a fleet does not come back as one.
        ceiling_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(failures, 16))
        return self._rng.uniform(0, ceiling_s)

    async def _context(self, address: Address) -> ssl.SSLContext | None:
        # Made anew for each connection: certificates are renewed while we run. To read those
        # that the host believes takes a while, in which presses must not wait.
        return await asyncio.to_thread(encryption, self._options) if address.tls else None

    def _greeting(self, link: Link) -> str:
        address = self._addresses[self._attempts.broker]
        return f"connected to {address}, MQTT {link.version.value}"

    def _reason(self, broker: int, error: Exception) -> str:
        address = self._addresses[broker]
        if isinstance(error, ssl.SSLCertVerificationError):
            text = explain_certificate(error, address.host, datetime.now(UTC))
        else:
            meant = explain(error, address.port) if address.tls else ""
            text = meant or _words(error) or "timed out"
        return f"broker {address}: {text}"

    def _suspicion(self) -> str:
        # Not every broker says why it ends a session that somebody else takes over.
        return "; again and again: perhaps another uses this name" if self._attempts.flaps else ""


def _words(error: Exception) -> str:
    """What the error says, without its number."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
