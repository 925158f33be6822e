"""Brokers that fail in every way, and the session that goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from gateway.contract.broker import BrokerOptions
from gateway.contract.mqtt_client import HANDSHAKE_S
from gateway.contract.mqtt_link import SILENT_PERIODS, TICK_S
from simulator.broker import EmbeddedBroker
from simulator.proxy import Mode, Proxy
from simulator.sullen_broker import SullenBroker

NOBODY = "mqtt://127.0.0.1:1"
NOTICED_S = 20


@pytest_asyncio.fixture
async def proxy(broker) -> AsyncIterator[Proxy]:
    proxy = Proxy("127.0.0.1", broker.port)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest_asyncio.fixture
async def sullen() -> AsyncIterator[SullenBroker]:
    sullen = SullenBroker()
    await sullen.start()
    yield sullen
    await sullen.stop()


def quick(*urls: str, **more) -> BrokerOptions:
    return BrokerOptions(urls=urls, keepalive_s=1, unacknowledged_s=0.5, **more)


async def until_down_because(client, words: str) -> str:
    while words not in (reason := await client.down()):
        pass
    return reason


async def up_at(client, url: str) -> None:
    async with asyncio.timeout(20):
        while True:
            up, reason = await client.links.get()
            if up and url in reason:
                return


async def test_the_next_broker_is_tried_when_one_is_away(broker, client):
    one = client("", "one", broker=quick(NOBODY, broker.url))
    assert NOBODY in await one.down()
    await up_at(one, broker.url)
    assert one.session.publish("a/topic", b"x", token=1)
    assert await one.puback() == 1


async def test_the_best_broker_is_used_again_when_it_is_back(broker, client):
    lesser = EmbeddedBroker()
    await lesser.start()
    await broker.stop()
    urls = (broker.url, lesser.url)
    watcher = client(lesser.url, "watcher", subscriptions=("state/+",))
    await watcher.up()
    one = client("", "one", broker=quick(*urls, return_s=0.2), will=("state/one", b"gone"))
    await up_at(one, lesser.url)
    await broker.start()
    assert f"back to {broker.url}" in await until_down_because(one, "back to")
    await up_at(one, broker.url)
    assert (await watcher.message()).payload == b"gone"
    assert one.session.publish("a/topic", b"x", token=1)
    assert await one.puback() == 1
    await one.end()
    await watcher.end()
    await lesser.stop()


async def test_a_broker_that_acknowledges_nothing_is_left(sullen, broker, client):
    one = client("", "one", broker=quick(sullen.url, broker.url))
    await up_at(one, sullen.url)
    one.session.publish("a/topic", b"x", token=1)
    assert "acknowledged none for 0.5 s" in await until_down_because(one, sullen.url)
    await up_at(one, broker.url)
    one.session.publish("a/topic", b"x", token=1)
    assert await one.puback() == 1


async def test_a_half_open_connection_is_noticed(proxy, client):
    one = client("", "one", broker=quick(proxy.url))
    await one.up()
    await proxy.set(Mode.SWALLOW)
    assert "silent for" in await one.down()
    assert "no answer" in await one.down()
    await proxy.set(Mode.PASS)
    await one.up()


async def test_a_half_open_connection_under_traffic_is_noticed(proxy, client):
    one = client("", "one", broker=BrokerOptions(url=proxy.url, keepalive_s=1))
    await one.up()
    await proxy.set(Mode.SWALLOW)
    for token in range(100):
        one.session.publish("a/topic", b"x" * 1000, token=token)
    assert "silent for" in await one.down()


async def test_a_slow_network_is_no_reason_to_leave(proxy, client):
    one = client("", "one", broker=BrokerOptions(url=proxy.url, keepalive_s=1))
    await one.up()
    await proxy.set(Mode.SLOW)
    for token in range(5):
        one.session.publish("a/topic", b"x", token=token)
        assert await one.puback() == token
    assert one.links.empty()


async def test_a_cut_is_noticed_at_once_and_mended(proxy, client):
    one = client("", "one", broker=BrokerOptions(url=proxy.url))
    await one.up()
    await proxy.set(Mode.CUT)
    await one.down()
    await proxy.set(Mode.PASS)
    await one.up()


def test_as_shipped_a_dead_connection_is_noticed_within_20_seconds():
    options = BrokerOptions()
    # A ping goes out one keep-alive period after the last byte; both may wait for a tick.
    assert options.keepalive_s * SILENT_PERIODS + 2 * TICK_S < NOTICED_S
    assert options.unacknowledged_s + 2 * TICK_S < NOTICED_S
    assert 3 * HANDSHAKE_S < NOTICED_S
