"""One broker, step by step: name, port, session, and a message there and back."""

import asyncio
import ipaddress
import os
import socket
from typing import TypeVar

import msgspec

from gateway.contract.broker import Address, BrokerOptions
from gateway.contract.messages import Sighting, encode, rfc3339
from gateway.contract.session import Session
from gateway.contract.topics import Topics, client_id
from gateway.doctor.findings import BrokerCheck
from gateway.host.clocks import wall_ms

STEP_S = 5.0
SESSION_S = 15.0
_TOKEN = 1
_NOBODY = 0  # no badge has this number
_T = TypeVar("_T")


async def look_at_broker(
    options: BrokerOptions, address: Address, topics: Topics, gateway: str
) -> BrokerCheck:
    """Connect as the gateway would, under another client id, so that a running one stays."""
    saw = BrokerCheck(
        url=str(address),
        encrypted=address.tls,
        local=_is_local(address.host),
        login=options.username is not None or options.certificate_file is not None,
    )
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(STEP_S):
            began_s = loop.time()
            await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            saw = msgspec.structs.replace(saw, resolve_ms=_since_ms(began_s))
        async with asyncio.timeout(STEP_S):
            began_s = loop.time()
            await _knock(address)
            saw = msgspec.structs.replace(saw, connect_ms=_since_ms(began_s))
    except OSError as error:
        return msgspec.structs.replace(saw, problem=_words(error))
    return await _converse(saw, only(options, address), topics, gateway)


def only(options: BrokerOptions, address: Address) -> BrokerOptions:
    """The options with this one broker alone."""
    return msgspec.structs.replace(options, url=str(address), urls=())


async def _knock(address: Address) -> None:
    _, writer = await asyncio.open_connection(address.host, address.port)
    writer.close()


async def _converse(
    saw: BrokerCheck, options: BrokerOptions, topics: Topics, gateway: str
) -> BrokerCheck:
    talk = _Talk(options, topics, gateway)
    running = asyncio.ensure_future(talk.session.run())
    try:
        return await talk.check(saw)
    finally:
        running.cancel()
        await asyncio.wait((running,))


class _Talk:
    """A session of its own, and what was said in it."""

    def __init__(self, options: BrokerOptions, topics: Topics, gateway: str) -> None:
        loop = asyncio.get_running_loop()
        self._linked: asyncio.Future[tuple[bool, str]] = loop.create_future()
        self._answered: asyncio.Future[str] = loop.create_future()
        self._topic = topics.sighting(_NOBODY, gateway)
        self._gateway = gateway
        self.session = Session(
            options,
            f"{client_id(topics.fleet, gateway)}-doctor",
            will=None,
            subscriptions=topics.for_gateway(),
            on_message=lambda _: None,
            on_link=lambda up, reason: _settle(self._linked, (up, reason)),
            on_puback=lambda _: _settle(self._answered, ""),
            on_refused=lambda _, reason: _settle(self._answered, reason),
            lasting=False,
        )

    async def check(self, saw: BrokerCheck) -> BrokerCheck:
        began_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(SESSION_S):
                up, reason = await self._linked
        except TimeoutError:
            return msgspec.structs.replace(saw, problem=f"no answer in {SESSION_S:g} s")
        if not up:
            return msgspec.structs.replace(saw, problem=reason.removeprefix(f"broker {saw.url}: "))
        saw = msgspec.structs.replace(
            saw, session_ms=_since_ms(began_s), protocol=_protocol(reason)
        )
        return await self._publish(saw)

    async def _publish(self, saw: BrokerCheck) -> BrokerCheck:
        # A sighting of no badge: permitted to every gateway, kept by nobody, of no consequence.
        now = rfc3339(wall_ms())
        nobody = Sighting(badge=_NOBODY, gateway=self._gateway, rssi=0, at=now)
        began_s = asyncio.get_running_loop().time()
        if not self.session.publish(self._topic, encode(nobody), token=_TOKEN):
            return msgspec.structs.replace(saw, problem="connection lost")
        try:
            async with asyncio.timeout(STEP_S):
                refused = await self._answered
        except TimeoutError:
            refused = f"none in {STEP_S:g} s"
        if refused:
            return msgspec.structs.replace(saw, problem=f"{self._topic}: {refused}")
        return msgspec.structs.replace(saw, publish_ms=_since_ms(began_s))


def _settle(future: asyncio.Future[_T], value: _T) -> None:
    if not future.done():
        future.set_result(value)


def _protocol(greeting: str) -> str:
    return greeting.rpartition(", ")[2]


def _since_ms(began_s: float) -> float:
    return (asyncio.get_running_loop().time() - began_s) * 1000


def _words(error: OSError) -> str:
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or "timed out"


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
