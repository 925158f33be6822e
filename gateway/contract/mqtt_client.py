"""Clients of paho, and how both versions of MQTT say the same."""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.contract.attempts import Version
from gateway.contract.broker import BrokerOptions
from gateway.contract.caller import Caller
from gateway.contract.messages import VERSION

HANDSHAKE_S = 5.0
#: How long a broker keeps for us what came while we were away (MQTT 5; 3.1.1 has no limit).
SESSION_EXPIRY_S = 7 * 86_400
_HINTS = {
    "Bad user name or password": "check broker.username and broker.password_file",
    "Not authorized": "check broker.username and broker.password_file",
    "Session taken over": "another client uses this name; names must differ",
}
_PROTOCOLS = {Version.V5: MQTTProtocolVersion.MQTTv5, Version.V3: MQTTProtocolVersion.MQTTv311}


def make_client(options: BrokerOptions, caller: Caller, version: Version) -> Client:
    """A client for one connection: paho would send an old one's messages again."""
    # Without reconnect_on_failure, since paho would try MQTT 3.1 by itself, and block.
    client = Client(
        CallbackAPIVersion.VERSION2,
        caller.client_id,
        clean_session=not caller.lasting if version is Version.V3 else None,
        protocol=_PROTOCOLS[version],
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.max_inflight_messages = 0  # no limit: Flight has the broker's
    client.connect_timeout = HANDSHAKE_S
    if options.username is not None:
        client.username_pw_set(options.username, caller.password)
    if caller.will is not None:
        properties = message_properties(version, PacketTypes.WILLMESSAGE)
        client.will_set(*caller.will, qos=1, retain=True, properties=properties)
    return client


def connect_options(caller: Caller, version: Version) -> dict[str, Any]:
    """What a CONNECT says of the session, as arguments of paho's `connect`."""
    if version is not Version.V5:
        return {}
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_EXPIRY_S if caller.lasting else 0
    return {"clean_start": not caller.lasting, "properties": properties}


def subscription(
    topics: Iterable[str], version: Version
) -> list[tuple[str, SubscribeOptions]] | list[tuple[str, int]]:
    """What to subscribe to, at QoS 1, as paho's `subscribe` wants it."""
    if version is Version.V5:
        return [(topic, SubscribeOptions(qos=1)) for topic in topics]
    return [(topic, 1) for topic in topics]


@cache
def message_properties(
    version: Version, packet: int, expiry_s: int | None = None
) -> Properties | None:
    """The properties of a PUBLISH or will; expiry_s: for how long it is of use."""
    if version is not Version.V5:
        return None
    properties = Properties(packet)
    properties.ContentType = "application/json"
    properties.UserProperty = ("v", str(VERSION))
    if expiry_s is not None:
        properties.MessageExpiryInterval = expiry_s
    return Packed(properties)


class Packed(Properties):
    """Properties that never change: their bytes are made once, not for every message."""

    def __init__(self, properties: Properties) -> None:
        vars(self).update(vars(properties))
        vars(self)["packed"] = properties.pack()

    def pack(self) -> bytes:
        """The bytes, as paho puts them into a packet."""
        packed: bytes = vars(self)["packed"]
        return packed


def named(reason: ReasonCode) -> str:
    """The reason, and what to do about it."""
    hint = _HINTS.get(str(reason))
    return f"{reason}; {hint}" if hint else str(reason)


def errors_to(hear: Callable[[str], None]) -> logging.Logger:
    """A logger for paho's errors: the one place where it tells why a socket failed.

    An example is a TLS alert of the broker. Through `on_log`, paho would put every packet
    into words, which costs more than to send it.
    """

    class Hearer(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            hear(record.getMessage())

    logger = logging.Logger("paho", logging.ERROR)
    logger.addHandler(Hearer())
    return logger
