"""Messages that everybody believed to be delivered, and that nobody has."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio

from gateway.contract.broker import BrokerOptions
from gateway.contract.messages import CommandMessage, Opcode, Report, decode, rfc3339
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.steps import Ordered, Put, Row, Tick, Urgency
from simulator.bthome_button import BthomeButton
from simulator.errors import SimulatorError
from simulator.mosquitto import Mosquitto
from simulator.proxy import Mode, Proxy
from tests.contract.conftest import Client as Reader
from tests.field import theengs
from tests.field.naive import PRESS_TOPIC, Client
from tests.gateway.live_hub import RESEND_MS, Badge, Desk, Hub, PlainRadio, online
from tests.gateway.test_uplink import Bench

TOPICS = Topics("demo")
WAIT_S = 20
ADDRESS, KEY = "C0:48:E6:8F:80:A5", bytes(range(16))
PRESSED = 1_200
KEPT = 900  # a Mosquitto keeps 1,000 for a client that is away, unless told otherwise
LAST = "naive/last"


@pytest_asyncio.fixture
async def broker(mosquitto: Callable[..., Mosquitto], tmp_path) -> AsyncIterator[Mosquitto]:
    """One that saves to disk as often as Mosquitto does by itself."""
    persistence = ("persistence true", f"persistence_location {tmp_path}/")
    broker = mosquitto("allow_anonymous true", *persistence, "autosave_interval 1800")
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def network(broker: Mosquitto) -> AsyncIterator[Proxy]:
    """Between the gateways and the broker; the desks are beside it."""
    network = Proxy("127.0.0.1", broker.port)
    await network.start()
    yield network
    await network.stop()


@pytest_asyncio.fixture
async def clients() -> AsyncIterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(*arguments, **options) -> Client:
        made.append(Client(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest_asyncio.fixture
async def desk(broker: Mosquitto) -> AsyncIterator[Desk]:
    desk = Desk(broker.url)
    yield desk
    await ended(desk.running)


@pytest_asyncio.fixture
async def hub(network: Proxy, tmp_path, registry, speaker) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path, registry, network.url, PlainRadio(Badge(speaker(1))))
    yield hub
    await hub.stop()


async def ended(running: asyncio.Future) -> None:
    running.cancel()
    await asyncio.wait((running,))


async def acknowledged(hub: Hub) -> None:
    """The broker has acknowledged all that the gateway has."""
    async with asyncio.timeout(WAIT_S):
        while hub.gateway.depth:  # noqa: ASYNC110 - it tells nobody when it falls
            await asyncio.sleep(0.01)


async def press(hub: Hub) -> None:
    """A press that the gateway has on its disk."""
    badge = hub.radio.badge
    badge.phase = 0
    hub.radio.say(badge.press())
    while badge.felt.qsize() or await badge.feels() != 1:
        pass


async def test_what_goes_into_a_network_that_swallows_is_lost_by_theengs_gateway_and_kept_by_ours(
    network, broker, clients, hub, desk
):
    button = BthomeButton(ADDRESS, KEY)
    said = [button.press() for _ in range(3)]
    peer = theengs.gateway({ADDRESS: KEY}, host="127.0.0.1", port=network.port)
    watcher = await clients(broker.port, "watcher", "home/#").up()
    peer.connect_mqtt()
    peer.client.loop_start()
    assert (await watcher.message()).payload == b"online"
    await online(desk)
    theengs.hears(peer, ADDRESS, said[0])
    assert said[0].hex().encode() in (await watcher.message()).payload
    await press(hub)
    assert (await desk.sees(Report, "/event/1/1/hub-1")).event == 1

    await network.set(Mode.SWALLOW)
    sent = peer.published_messages
    theengs.hears(peer, ADDRESS, said[1])
    assert peer.published_messages == sent + 1, "it believes that it sent it"
    await press(hub)
    await network.set(Mode.CUT)
    await network.set(Mode.PASS)

    assert (await desk.sees(Report, "/event/1/2/hub-1")).event == 2
    while (await watcher.message()).payload != b"online":
        pass
    theengs.hears(peer, ADDRESS, said[2])
    assert said[2].hex().encode() in (await watcher.message()).payload
    peer.disconnect_mqtt()
    peer.client.loop_stop()


async def test_a_publish_that_waits_for_the_network_waits_for_ever_and_ours_goes_on(
    network, clients, hub, desk
):
    naive = await clients(network.port, "naive").up()
    await online(desk)
    await network.set(Mode.SWALLOW)
    told = naive.publish(b"pressed")
    waiting = Thread(target=told.wait_for_publish, daemon=True)
    waiting.start()
    for _ in range(3):
        await press(hub)
    hub.skipped_ms += 3_600_000
    await press(hub)
    assert waiting.is_alive()
    assert hub.gateway.depth == 4
    assert hub.gateway.ailing() == ""
    await network.set(Mode.CUT)
    await network.set(Mode.PASS)
    await naive.puback()
    await asyncio.to_thread(waiting.join)
    assert (await desk.sees(Report, "/event/1/4/hub-1")).event == 4


async def test_a_session_in_memory_is_lost_with_its_process_and_the_outbox_is_not(
    network, broker, clients, hub, desk
):
    watcher = await clients(broker.port, "watcher", PRESS_TOPIC).up()
    naive = await clients(network.port, "naive", lasting=True).up()
    await online(desk)
    await network.set(Mode.CUT)
    naive.publish(b"lost")
    naive.die()
    await press(hub)
    await hub.stop()
    await network.set(Mode.PASS)
    again = await clients(network.port, "naive", lasting=True).up()
    again.publish(b"later")
    assert (await watcher.message()).payload == b"later"
    hub.start()
    assert (await desk.sees(Report, "/event/1/1/hub-1")).event == 1


async def test_a_broker_that_is_killed_after_its_puback_has_nothing_and_ours_sends_again(
    broker, clients, hub, tmp_path
):
    theirs = await clients(broker.port, "their desk", PRESS_TOPIC, lasting=True).up()
    desk = Desk(broker.url)
    await online(desk)
    theirs.end()
    await ended(desk.running)
    naive = await clients(broker.port, "naive").up()
    naive.publish(b"acknowledged and lost")
    await naive.puback()
    await press(hub)
    await acknowledged(hub)

    assert not (tmp_path / "mosquitto.db").exists()
    await broker.stop()
    await broker.start()
    theirs = await clients(broker.port, "their desk", PRESS_TOPIC, lasting=True).up()
    desk = Desk(broker.url)
    await online(desk)
    late = await clients(broker.port, "late").up()
    late.publish(b"later")
    assert (await theirs.message()).payload == b"later"
    hub.skipped_ms += RESEND_MS
    assert (await desk.sees(Report, "/event/1/1/hub-1")).event == 1
    await ended(desk.running)


async def test_a_desk_that_was_away_misses_what_no_queue_held_and_gets_all_of_ours(broker, clients):
    theirs = await clients(broker.port, "their desk", PRESS_TOPIC, lasting=True).up()
    ours = Reader(broker.url, "our desk", subscriptions=(*TOPICS.for_desk(), LAST))
    await ours.up()
    theirs.end()
    await ours.end()
    naive, gateway = await clients(broker.port, "naive").up(), Bench(BrokerOptions(url=broker.url))
    for number in range(1, PRESSED + 1):
        naive.publish(b"%d" % number)
        gateway.press(number)
    for _ in range(PRESSED):
        await naive.puback()
    await gateway.until(depth=0)

    theirs = await clients(broker.port, "their desk", PRESS_TOPIC, lasting=True).up()
    got = {(await theirs.message()).payload for _ in range(KEPT)}
    naive.publish(b"last")
    while (payload := (await theirs.message()).payload) != b"last":
        got.add(payload)
    assert len(got) < PRESSED

    ours = Reader(broker.url, "our desk", subscriptions=(*TOPICS.for_desk(), LAST))
    missing = set(range(1, PRESSED + 1))
    async with asyncio.timeout(WAIT_S):
        while missing:
            received = await ours.messages.get()
            ours.session.acknowledge(received)
            if received.topic != LAST:
                badge = decode(Report, received.topic, received.payload).badge
                missing.discard(badge)
                gateway.post(Ordered(receipt(badge)))
            if received.topic == LAST or len(missing) == PRESSED - KEPT:
                gateway.later_ms += 3_600_000  # the time to send again has passed
                gateway.post(Tick())
                naive.publish(b"", topic=LAST)
    await ours.end()
    await ended(gateway.running)


def receipt(badge: int) -> CommandMessage:
    at = rfc3339(time.time_ns() // 1_000_000)
    return CommandMessage(
        id=f"{badge}", badge=badge, event=1, opcode=Opcode.DELIVERED, expires_at=at
    )


async def test_a_desk_that_acknowledges_before_it_keeps_loses_the_press_and_ours_gets_it_again(
    broker, clients
):
    theirs = await clients(broker.port, "their desk", PRESS_TOPIC, lasting=True).up()
    ours = Reader(broker.url, "our desk", subscriptions=(PRESS_TOPIC,))
    await ours.up()
    sender = await clients(broker.port, "sender").up()
    sender.publish(b"pressed")
    assert (await theirs.message()).payload == (await ours.message()).payload == b"pressed"
    # Both die before they have it on their disks. paho acknowledged it by itself.
    theirs.die()
    await ours.end()

    theirs = await clients(broker.port, "their desk", PRESS_TOPIC, lasting=True).up()
    ours = Reader(broker.url, "our desk", subscriptions=(PRESS_TOPIC,))
    assert (await ours.message()).payload == b"pressed"
    sender.publish(b"later")
    assert (await theirs.message()).payload == b"later"
    await ours.end()


async def test_a_damaged_file_keeps_mosquitto_from_starting_and_not_the_gateway(
    broker, clients, tmp_path
):
    sender = await clients(broker.port, "sender").up()
    outbox, path = Outbox(tmp_path / "gateway.db"), tmp_path / "gateway.db"
    for number in range(1, 101):
        sender.publish(b"x" * 500, topic=f"kept/{number}", retain=True)
        await sender.puback()
        outbox.commit([Put(Row(number, Urgency.EVENT, number, f"kept/{number}", b"x" * 500))])
    outbox.close()
    await broker.quit()
    for file in (tmp_path / "mosquitto.db", path):
        spoil(file)

    outbox = Outbox(path)
    assert outbox.disk == "ok"
    assert len(outbox.restored().rows) == 100
    outbox.close()
    with pytest.raises(SimulatorError, match="does not start"):
        await broker.start()


def spoil(file: Path) -> None:
    """As reported after power cuts: what was written last is zeros, here the first 4 KiB."""
    content = file.read_bytes()
    file.write_bytes(bytes(4096) + content[4096:])
