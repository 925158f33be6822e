"""What each broker is asked for: every topic, and of MQTT 5 what it has."""

import asyncio

import paho.mqtt.client as paho
import pytest_asyncio
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gateway.contract.topics import Topics
from simulator.mosquitto import Mosquitto

TOPICS = Topics("demo")
RETAINED = (TOPICS.gateway_state("hub-1"), TOPICS.status(7), TOPICS.alert(7, 9), TOPICS.safety(7))
PASSING = (
    TOPICS.event(7, 9, "hub-1"),
    TOPICS.command(7),
    TOPICS.result(7, "hub-1"),
    TOPICS.notice(7, 9, "hub-1"),
)
EVERY = RETAINED + PASSING


async def test_the_version_is_found_and_told(broker, client):
    version = "5" if isinstance(broker, Mosquitto) else "3.1.1"
    one = client(broker.url, "one")
    async with asyncio.timeout(20):
        assert await one.links.get() == (True, f"connected to {broker.url}, MQTT {version}")


async def test_every_topic_waits_for_who_is_away_and_retained_ones_for_who_is_new(broker, client):
    asked = {"subscriptions": (*TOPICS.for_desk(), *TOPICS.for_gateway(), f"{TOPICS.root}alert/+")}
    asked["subscriptions"] += (TOPICS.safety(7),)
    reader, sender = client(broker.url, "reader", **asked), client(broker.url, "sender")
    await reader.up()
    await sender.up()
    await reader.end()
    for token, topic in enumerate(EVERY):
        sender.session.publish(topic, b"x", token=token, retain=topic in RETAINED)
        assert await sender.puback() == token
    reader = client(broker.url, "reader", **asked)
    got = set()
    while got != set(EVERY):
        message = await reader.message()
        reader.session.acknowledge(message)
        got.add(message.topic)
    late = client(broker.url, "late", **asked)
    told = [await late.message() for _ in RETAINED]
    assert {message.topic for message in told} == set(RETAINED)
    assert all(message.retained for message in told)


async def test_a_cleared_record_is_gone(broker, client):
    sender = client(broker.url, "sender")
    await sender.up()
    for token, (topic, payload) in enumerate(
        [(TOPICS.alert(1, 1), b"x"), (TOPICS.alert(1, 1), b""), (TOPICS.alert(1, 2), b"y")]
    ):
        sender.session.publish(topic, payload, token=token, retain=True)
        assert await sender.puback() == token
    late = client(broker.url, "late", subscriptions=(f"{TOPICS.root}alert/+",))
    assert (await late.message()).topic == TOPICS.alert(1, 2)


@pytest_asyncio.fixture
async def witness(mosquitto):
    """An MQTT 5 client that is none of ours, and the broker."""
    broker = mosquitto()
    await broker.start()
    seen: asyncio.Queue[paho.MQTTMessage] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    reader = paho.Client(
        CallbackAPIVersion.VERSION2, "witness", protocol=MQTTProtocolVersion.MQTTv5
    )
    reader.on_message = lambda _, __, message: loop.call_soon_threadsafe(seen.put_nowait, message)
    reader.on_subscribe = lambda *_: loop.call_soon_threadsafe(ready.set)
    reader.on_connect = lambda *_: reader.subscribe("#", qos=1)
    reader.connect("127.0.0.1", broker.port)
    reader.loop_start()
    await ready.wait()
    yield broker, seen
    reader.disconnect()
    reader.loop_stop()
    await broker.stop()


async def test_with_mqtt_5_a_message_says_what_it_is_and_how_long_it_is_of_use(witness, client):
    broker, seen = witness
    sender = client(broker.url, "sender")
    await sender.up()
    status = TOPICS.status(7)
    sender.session.publish(status, b"{}", expiry_s=TOPICS.parse(status).expiry_s)
    sender.session.publish(TOPICS.event(7, 9, "hub-1"), b"{}")
    async with asyncio.timeout(20):
        first, second = await seen.get(), await seen.get()
    assert first.properties.ContentType == "application/json"
    assert first.properties.UserProperty == [("v", "1")]
    assert 3590 <= first.properties.MessageExpiryInterval <= 3600
    assert not hasattr(second.properties, "MessageExpiryInterval")


async def test_a_broker_gets_no_more_at_once_than_it_takes(mosquitto, client):
    broker = mosquitto("allow_anonymous true", "max_inflight_messages 2")
    await broker.start()
    sender = client(broker.url, "sender")
    await sender.up()
    for token in range(200):
        assert sender.session.publish("a/topic", b"x", token=token)
    assert [await sender.puback() for _ in range(200)] == list(range(200))
    assert sender.links.empty()
    await broker.stop()


async def test_a_message_larger_than_the_broker_takes_is_refused_and_others_go(mosquitto, client):
    broker = mosquitto("allow_anonymous true", "max_packet_size 1000")
    await broker.start()
    sender = client(broker.url, "sender")
    await sender.up()
    sender.session.publish("a/topic", b"x" * 2000, token=1)
    sender.session.publish("a/topic", b"x", token=2)
    assert await sender.refusal() == (1, "packet_too_large")
    assert await sender.puback() == 2
    assert sender.links.empty()
    await broker.stop()
