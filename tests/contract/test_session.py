"""The MQTT session, against real brokers."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from gateway.contract.broker import BrokerOptions, addresses
from gateway.contract.errors import ContractError
from gateway.contract.session import Received, Session
from simulator.broker import EmbeddedBroker
from tests.contract.conftest import WAIT_S, Client

VICTIM = """
import asyncio, sys
from gateway.contract.broker import BrokerOptions
from gateway.contract.session import Session
session = Session(BrokerOptions(url=sys.argv[1]), "victim", will=("state/victim", b"offline"),
    subscriptions=(), on_message=print, on_link=lambda up, _: print(up, flush=True),
    on_puback=print)
asyncio.run(session.run())
"""


async def test_a_puback_names_the_token_of_its_message(broker, client):
    sender = client(broker.url, "sender")
    await sender.up()
    for token in (70_000, 5, 2**40):
        assert sender.session.publish("a/topic", b"x", token=token)
        assert await sender.puback() == token


async def test_a_message_unacknowledged_comes_again_and_an_acknowledged_one_does_not(
    broker, client
):
    reader = client(broker.url, "reader", subscriptions=("a/#",))
    sender = client(broker.url, "sender")
    await reader.up()
    await sender.up()
    for number in range(2):
        sender.session.publish("a/topic", b"%d" % number, token=number)
        await sender.puback()
    safe, unsafe = await reader.message(), await reader.message()
    assert (safe.payload, unsafe.payload) == (b"0", b"1")
    reader.session.acknowledge(safe)
    await reader.end()

    reader = client(broker.url, "reader", subscriptions=("a/#",))
    again = await reader.message()
    assert again.payload == b"1"
    reader.session.acknowledge(again)
    reader.session.acknowledge(unsafe)  # of the old connection: means nothing here
    sender.session.publish("a/topic", b"2")
    assert (await reader.message()).payload == b"2"


async def test_subscriptions_stand_again_after_the_broker_forgot_everything(broker, client):
    reader = client(broker.url, "reader", subscriptions=("a/#", "b/+"))
    await reader.up()
    await broker.stop()
    assert "127.0.0.1" in await reader.down()
    assert not reader.session.connected
    await broker.start()
    await reader.up()
    sender = client(broker.url, "sender")
    await sender.up()
    sender.session.publish("b/topic", b"still here")
    assert (await reader.message()).payload == b"still here"


async def test_nothing_of_a_lost_connection_is_sent_again_and_its_tokens_never_fire(broker, client):
    sender = client(broker.url, "sender")
    await sender.up()
    assert sender.session.publish("a/topic", b"lost", token=1)
    await broker.stop()
    await sender.down()
    assert not sender.session.publish("a/topic", b"refused", token=2)
    fired = [sender.pubacks.get_nowait() for _ in range(sender.pubacks.qsize())]
    await broker.start()
    reader = client(broker.url, "reader", subscriptions=("a/#",))
    await reader.up()
    await sender.up()
    assert sender.session.publish("a/topic", b"new", token=3)
    assert (await reader.message()).payload == b"new"
    assert await sender.puback() == 3
    assert fired in ([], [1])


async def test_a_killed_process_is_spoken_for_by_its_will(broker, client):
    watcher = client(broker.url, "watcher", subscriptions=("state/+",))
    await watcher.up()
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, broker.url, stdout=asyncio.subprocess.PIPE
    )
    assert victim.stdout is not None
    assert await victim.stdout.readline() == b"True\n"
    victim.kill()
    await victim.communicate()
    will = await watcher.message()
    assert (will.topic, will.payload) == ("state/victim", b"offline")
    latecomer = client(broker.url, "latecomer", subscriptions=("state/+",))
    assert (await latecomer.message()).retained


async def test_a_clean_end_sends_what_was_queued_and_no_will(broker, client):
    watcher = client(broker.url, "watcher", subscriptions=("state/+",))
    leaver = client(broker.url, "leaver", will=("state/leaver", b"died"))
    await watcher.up()
    await leaver.up()
    leaver.session.publish("state/leaver", b"left", retain=True)
    await leaver.end()
    assert (await watcher.message()).payload == b"left"
    other = client(broker.url, "other")
    await other.up()
    other.session.publish("state/other", b"next")
    assert (await watcher.message()).payload == b"next"


async def test_a_refusal_is_told_and_tried_again(strict_broker, client):
    stranger = client(strict_broker.url, "stranger", rng=_Impatient())
    assert "refused" in await stranger.down()
    assert "refused" in await stranger.down()


async def test_two_of_one_name_slow_down_and_are_told_why(mosquitto, client):
    broker = mosquitto()
    await broker.start()
    client(broker.url, "hub-1")
    twin = client(broker.url, "hub-1")
    while not (reason := await twin.down()).endswith("perhaps another uses this name"):
        pass
    assert broker.url in reason


@pytest.mark.parametrize("turns", range(5))
async def test_a_session_that_is_cancelled_at_any_moment_of_a_loss_ends(turns):
    broker = EmbeddedBroker()
    await broker.start()
    client = Client(broker.url, "hub-1")
    await client.up()
    stopping = asyncio.ensure_future(broker.stop())
    while client.session.connected:  # noqa: ASYNC110 - each turn counts
        await asyncio.sleep(0)
    for _ in range(turns):  # of the loop, each of which takes the session a step further
        await asyncio.sleep(0)
    client.running.cancel()
    ended, _ = await asyncio.wait((client.running,), timeout=WAIT_S)
    assert ended
    await stopping


async def test_back_off_doubles_up_to_thirty_seconds(client):
    impatient = _Impatient()
    client("mqtt://127.0.0.1:1", "nobody", rng=impatient)
    async with asyncio.timeout(20):
        await impatient.tried.wait()
    assert impatient.ceilings[:10] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]


async def test_an_error_in_a_callback_ends_the_run_instead_of_vanishing(broker, client):
    def refuse(_: Received) -> None:
        raise RuntimeError("disk full")

    reader = client(broker.url, "reader", subscriptions=("a/#",), on_message=refuse)
    await reader.up()
    reader.session.publish("a/topic", b"x")
    with pytest.raises(RuntimeError, match="disk full"):
        async with asyncio.timeout(20):
            await reader.running


@pytest.mark.parametrize(
    "url",
    ["", "broker", "http://broker", "mqtt://", "mqtt://host:port", "mqtt://a:b@host", "mqtt://h/x"],
)
def test_an_address_that_is_none_is_refused_by_name(url):
    with pytest.raises(ContractError, match=r"broker\.url: must be mqtt://host"):
        addresses(BrokerOptions(url=url))


@pytest.mark.parametrize(
    ("url", "address"),
    [("mqtt://hub", ("hub", 1883)), ("mqtt://[::1]:99", ("::1", 99)), ("mqtt://h:1/", ("h", 1))],
)
def test_an_address_gives_host_and_port(url, address):
    assert addresses(BrokerOptions(url=url))[0][:2] == address


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_password_that_others_can_read_is_refused(tmp_path: Path, mode: int):
    secret = tmp_path / "password"
    secret.write_text("s3cret")
    secret.chmod(mode)
    with pytest.raises(ContractError, match=r"password.*others may read it.*chmod 600") as caught:
        _session(str(secret))
    assert "s3cret" not in str(caught.value)


def test_a_missing_password_file_is_named(tmp_path: Path):
    with pytest.raises(ContractError, match=r"broker.password_file: .*nowhere: No such file"):
        _session(str(tmp_path / "nowhere"))


def _session(password_file: str) -> Session:
    return Session(
        BrokerOptions(username="u", password_file=password_file),
        "name",
        will=None,
        subscriptions=(),
        on_message=print,
        on_link=print,
        on_puback=print,
    )


class _Impatient(random.Random):
    """Chance that always says: at once."""

    def __init__(self) -> None:
        super().__init__()
        self.ceilings: list[float] = []
        self.tried = asyncio.Event()

    def uniform(self, a: float, b: float) -> float:
        self.ceilings.append(b)
        if len(self.ceilings) == 10:
            self.tried.set()
        return a
