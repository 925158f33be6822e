"""The gateway's side of MQTT: its session, its state topic, and what it refuses."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import structlog

from gateway.contract.broker import BrokerOptions
from gateway.contract.errors import ContractError
from gateway.contract.messages import GatewayState, encode, rfc3339
from gateway.contract.session import Parcel, Received, Session
from gateway.contract.topics import Topics, client_id
from gateway.disk.outbox import Letter
from gateway.ordered import read_command
from gateway.steps import Acknowledged, Input, LinkChanged, Ordered, Refused, Send


class Link(Protocol):
    """What an uplink needs of `Session`."""

    async def run(self) -> None:
        """Keep connected until cancelled."""

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
        """Send a message; False when there is no connection."""

    def acknowledge(self, received: Received) -> None:
        """PUBACK a message."""


class Uplink:
    """Publishes rows and the gateway's state; hands the desk's commands on.

    on_command(input, received): acknowledge `received` once the input is
    carried out. rejected: messages refused here, and with `refused_` in front
    those that the broker refused, by reason.
    """

    def __init__(
        self,
        options: BrokerOptions,
        gateway: str,
        topics: Topics,
        *,
        post: Callable[[Input], None],
        on_command: Callable[[Ordered, Received], None],
        started_ms: int,
        log: structlog.typing.FilteringBoundLogger,
        session: Callable[..., Link] = Session,
    ) -> None:
        self.rejected: Counter[str] = Counter()
        self._gateway = gateway
        self._topics = topics
        self._post = post
        self._on_command = on_command
        self._log = log
        self.said = ""  # of the link, last
        self._up = False
        self._session = session(
            options,
            client_id(topics.fleet, gateway),
            will=(topics.gateway_state(gateway), encode(self._offline(started_ms))),
            subscriptions=topics.for_gateway(),
            on_message=self._arrived,
            on_link=self._link_changed,
            on_puback=lambda row_id: post(Acknowledged(row_id)),
            on_refused=self._refused,
        )

    async def run(self) -> None:
        """Keep connected until cancelled."""
        await self._session.run()

    def publish(self, row_id: int, letter: Letter) -> None:
        """Publish a row; without a connection nothing happens, and the relay hears of that."""
        self._publish(Parcel(letter.topic, letter.payload, row_id, letter.retain), 1)

    def send(self, effect: Send) -> None:
        """Publish a message that nobody keeps."""
        self._publish(Parcel(effect.topic, effect.payload), effect.qos)

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that a command is safe here."""
        self._session.acknowledge(received)

    def tell_state(self, state: GatewayState) -> None:
        """Publish the gateway's state, retained."""
        self._session.publish(self._topics.gateway_state(self._gateway), encode(state), retain=True)

    def tell_offline(self, now_ms: int) -> None:
        """Say goodbye; the will speaks only for a gateway that could not."""
        self.tell_state(self._offline(now_ms))

    def _publish(self, parcel: Parcel, qos: int) -> None:
        try:
            expiry_s = self._topics.parse(parcel.topic).expiry_s
        except ContractError:  # kept under another fleet's name, or damaged
            self._refused(parcel, "topic")
            return
        topic, payload, token, retain, _ = parcel
        self._session.publish(
            topic, payload, token=token, retain=retain, qos=qos, expiry_s=expiry_s
        )

    def _arrived(self, received: Received) -> None:
        try:
            message = read_command(self._topics, received.topic, received.payload)
        except ContractError as error:
            # The error's text may quote the payload; the reason does not.
            self.rejected[error.reason] += 1
            self._log.warning(
                "mqtt.rejected",
                reason=error.reason,
                topic=received.topic[:200],
                bytes=len(received.payload),
            )
            self._session.acknowledge(received)
            return
        self._on_command(Ordered(message), received)

    def _refused(self, parcel: Parcel, reason: str) -> None:
        self.rejected[f"refused_{reason}"] += 1
        self._log.warning("broker.refused", reason=reason, topic=parcel.topic)
        if parcel.token is not None:
            self._post(Refused(parcel.token))

    def _link_changed(self, up: bool, reason: str) -> None:
        reason = reason.removeprefix("broker ")  # wherever it is shown, that stands there already
        if (up, reason) != (self._up, self.said):
            (self._log.info if up else self._log.warning)("broker.link", up=up, reason=reason)
        self._up, self.said = up, reason
        self._post(LinkChanged(up))

    def _offline(self, now_ms: int) -> GatewayState:
        return GatewayState(
            gateway=self._gateway, state="offline", at=rfc3339(now_ms), version=own_version()
        )


@cache
def own_version() -> str:
    """The installed version; "" when run from a tree that is not installed."""
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return ""
