"""The embedded broker keeps the promises of MQTT that gateways and desks rest on."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from simulator.broker import EmbeddedBroker


class Client:
    """A paho client whose events are awaited."""

    def __init__(self, name: str, *, clean: bool = False, manual: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self.messages: asyncio.Queue[mqtt.MQTTMessage] = asyncio.Queue()
        self.acknowledged: asyncio.Queue[int] = asyncio.Queue()
        self._events: asyncio.Queue[str] = asyncio.Queue()
        self.paho = mqtt.Client(
            CallbackAPIVersion.VERSION2, name, clean_session=clean, manual_ack=manual
        )
        self.paho.reconnect_delay_set(0.05, 1)
        self.paho.on_connect = lambda *_: self._tell(self._events, "up")
        self.paho.on_disconnect = lambda *_: self._tell(self._events, "down")
        self.paho.on_subscribe = lambda *_: self._tell(self._events, "subscribed")
        self.paho.on_message = lambda _c, _u, message: self._tell(self.messages, message)
        self.paho.on_publish = lambda _c, _u, mid, *_: self._tell(self.acknowledged, mid)

    def _tell(self, queue: asyncio.Queue[Any], what: object) -> None:
        self._loop.call_soon_threadsafe(queue.put_nowait, what)

    async def connect(self, port: int, keepalive_s: int = 60) -> "Client":
        await asyncio.to_thread(self.paho.connect, "127.0.0.1", port, keepalive_s)
        self.paho.loop_start()
        await self.until("up")
        return self

    async def subscribe(self, topic: str) -> "Client":
        self.paho.subscribe(topic, 1)
        await self.until("subscribed")
        return self

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.paho.publish(topic, payload, 1, retain)
        await self.acknowledged.get()

    async def until(self, event: str) -> None:
        while await self._events.get() != event:
            pass

    async def payload(self) -> bytes:
        return (await self.messages.get()).payload

    async def close(self) -> None:
        if self.paho.is_connected():
            self.paho.disconnect()
            await self.until("down")
        await asyncio.to_thread(self.paho.loop_stop)

    async def release(self) -> None:
        """Close every socket now: left to the garbage collector, they warn in another test."""
        await asyncio.to_thread(self.paho.loop_stop)
        self.paho.reinitialise("released")

    async def die(self) -> None:
        """Be killed: nothing is read or sent any more, and the system closes the socket."""
        await asyncio.to_thread(self.paho.loop_stop)
        connection = self.paho.socket()
        assert connection is not None
        connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
async def client(broker: EmbeddedBroker) -> AsyncIterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(name: str, **options: bool) -> Client:
        made.append(Client(name, **options))
        return made[-1]

    yield make
    for each in made:
        await each.release()


async def test_qos_1_goes_both_ways_in_order(broker, client):
    listener = await (await client("listener").connect(broker.port)).subscribe("t/#")
    speaker = await client("speaker").connect(broker.port)
    for number in range(50):
        await speaker.publish(f"t/{number}", str(number).encode())
    assert [await listener.payload() for _ in range(50)] == [b"%d" % n for n in range(50)]
    await listener.close()
    await speaker.close()


async def test_a_retained_message_reaches_who_subscribes_later_until_it_is_cleared(broker, client):
    speaker = await client("speaker").connect(broker.port)
    await speaker.publish("alert/1-1", b"raised", retain=True)
    listener = await (await client("first").connect(broker.port)).subscribe("alert/+")
    message = await listener.messages.get()
    assert (message.payload, message.retain) == (b"raised", True)
    await speaker.publish("alert/1-1", b"", retain=True)
    await speaker.publish("alert/1-2", b"other", retain=True)
    second = await (await client("second").connect(broker.port)).subscribe("alert/+")
    assert await second.payload() == b"other"
    for each in (speaker, listener, second):
        await each.close()


async def test_a_retained_message_does_not_reach_who_did_not_subscribe(broker, client):
    speaker = await client("speaker").connect(broker.port)
    await speaker.publish("alert/1-1", b"raised", retain=True)
    listener = await (await client("listener").connect(broker.port)).subscribe("alert/+")
    stranger = await (await client("stranger").connect(broker.port)).subscribe("other")
    await stranger.close()
    stranger = await client("stranger").connect(broker.port)
    await speaker.publish("other", b"mine")
    assert await stranger.payload() == b"mine"
    for each in (speaker, listener, stranger):
        await each.close()


async def test_the_will_of_a_killed_client_is_published_and_retained(broker, client):
    listener = await (await client("listener").connect(broker.port)).subscribe("state")
    gateway = client("gateway")
    gateway.paho.will_set("state", b"offline", 1, True)
    await gateway.connect(broker.port)
    await gateway.die()
    assert await listener.payload() == b"offline"
    late = await (await client("late").connect(broker.port)).subscribe("state")
    assert await late.payload() == b"offline"
    await listener.close()
    await late.close()


async def test_the_will_of_a_client_that_fell_silent_is_published(broker, client):
    listener = await (await client("listener").connect(broker.port)).subscribe("state")
    gateway = client("gateway")
    gateway.paho.will_set("state", b"offline", 1, True)
    await gateway.connect(broker.port, keepalive_s=2)
    await asyncio.to_thread(gateway.paho.loop_stop)
    assert await listener.payload() == b"offline"
    await listener.close()


async def test_a_clean_goodbye_publishes_no_will(broker, client):
    listener = await (await client("listener").connect(broker.port)).subscribe("state")
    gateway = client("gateway")
    gateway.paho.will_set("state", b"offline", 1, True)
    await gateway.connect(broker.port)
    await gateway.publish("state", b"leaving")
    await gateway.close()
    speaker = await client("speaker").connect(broker.port)
    await speaker.publish("state", b"next")
    assert [await listener.payload() for _ in range(2)] == [b"leaving", b"next"]
    await listener.close()
    await speaker.close()


async def test_a_persistent_session_gets_what_it_missed_as_ordinary_messages(broker, client):
    listener = await (await client("listener").connect(broker.port)).subscribe("event/#")
    await listener.close()
    speaker = await client("speaker").connect(broker.port)
    for number in range(20):
        await speaker.publish(f"event/{number}", b"%d" % number)
    listener = await client("listener").connect(broker.port)
    missed = [await listener.messages.get() for _ in range(20)]
    assert [message.payload for message in missed] == [b"%d" % n for n in range(20)]
    assert not any(message.retain for message in missed)
    await listener.close()
    await speaker.close()


async def test_what_was_not_acknowledged_comes_again_after_a_kill(broker, client):
    desk = await (await client("desk", manual=True).connect(broker.port)).subscribe("event/#")
    gateway = await client("gateway").connect(broker.port)
    await gateway.publish("event/1", b"pressed")
    assert await desk.payload() == b"pressed"
    await desk.die()
    desk = await client("desk", manual=True).connect(broker.port)
    again = await desk.messages.get()
    assert (again.payload, again.dup) == (b"pressed", True)
    desk.paho.ack(again.mid, again.qos)
    await gateway.publish("event/2", b"next")
    assert await desk.payload() == b"next"
    await desk.close()
    await gateway.close()


async def test_a_subscriber_that_does_not_acknowledge_holds_up_nobody(broker, client):
    desk = await (await client("desk", manual=True).connect(broker.port)).subscribe("event/#")
    other = await (await client("other").connect(broker.port)).subscribe("event/#")
    gateway = await (await client("gateway").connect(broker.port)).subscribe("command/#")
    unacknowledged = []
    for number in range(30):
        await gateway.publish(f"event/{number}", b"%d" % number)
        unacknowledged.append(await desk.messages.get())
        assert await other.payload() == b"%d" % number
        await desk.publish("command/1", b"%d" % number)
        assert await gateway.payload() == b"%d" % number
    for message in reversed(unacknowledged):
        desk.paho.ack(message.mid, message.qos)
    await gateway.publish("event/last", b"last")
    assert await desk.payload() == b"last"
    for each in (desk, other, gateway):
        await each.close()


async def test_a_second_connection_of_a_client_takes_over_from_the_first(broker, client):
    first = await (await client("desk").connect(broker.port)).subscribe("event/#")
    await asyncio.to_thread(first.paho.loop_stop)
    second = await client("desk").connect(broker.port)
    gateway = await client("gateway").connect(broker.port)
    await gateway.publish("event/1", b"pressed")
    assert await second.payload() == b"pressed"
    await second.close()
    await gateway.close()


async def test_a_stop_cuts_everyone_off_and_a_start_serves_the_same_port(broker, client):
    port = broker.port
    desk = await (await client("desk").connect(port)).subscribe("event/#")
    await broker.stop()
    await desk.until("down")
    assert not broker.running
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await broker.start()
    assert broker.port == port
    await desk.until("up")
    await desk.subscribe("event/#")
    gateway = await client("gateway").connect(port)
    await gateway.publish("event/1", b"pressed")
    assert await desk.payload() == b"pressed"
    await desk.close()
    await gateway.close()


async def test_it_stops_and_starts_again_and_again_under_traffic(broker, client):
    gateway = await client("gateway").connect(broker.port)
    desk = await (await client("desk", manual=True).connect(broker.port)).subscribe("event/#")
    for number in range(5):
        for each in range(20):
            gateway.paho.publish(f"event/{number}-{each}", b"pressed", 1)
        await desk.payload()
        await broker.stop()
        await broker.start()
        await gateway.until("up")
        await desk.until("up")
        await desk.subscribe("event/#")
    await gateway.close()
    await desk.close()


async def test_a_stop_ends_though_those_it_cuts_off_come_back_at_once(broker: EmbeddedBroker):
    served: set[str] = set()
    everyone = {f"hasty-{number}" for number in range(12)}
    all_served = asyncio.Event()

    async def come_back_at_once(name: str) -> None:
        identifier = len(name).to_bytes(2, "big") + name.encode()
        body = b"\x00\x04MQTT\x04\x00\x00\x3c" + identifier
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
                writer.write(bytes((0x10, len(body))) + body)
                while await reader.read(64):
                    served.add(name)
                    if served == everyone:
                        all_served.set()
                writer.close()
            except OSError:
                await asyncio.sleep(0)

    hasty = [asyncio.create_task(come_back_at_once(name)) for name in everyone]
    async with asyncio.timeout(60):
        for _ in range(10):
            served.clear()
            all_served.clear()
            await all_served.wait()
            await broker.stop()
            await broker.start()
    for client in hasty:
        client.cancel()
    await asyncio.wait(hasty)
