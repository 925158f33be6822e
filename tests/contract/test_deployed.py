"""The configurations in deploy/, each with its real broker; paths, ports, passwords put in."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.contract.broker import BrokerOptions
from gateway.contract.topics import Topics
from simulator.broker_process import BrokerProcess, free_port
from simulator.certificates import Authority, Pair
from simulator.proxy import Mode, Proxy
from tests.conftest import installed

DEPLOY = Path(__file__).parents[2] / "deploy"
TOPICS = Topics("demo")
USERS = ("desk", "hub-1", "hub-2")
EVERYTHING = (f"{TOPICS.root}#",)
MARKER = TOPICS.event(9, 9, "hub-1")
ALLOWED = (
    TOPICS.gateway_state("hub-1"),
    TOPICS.event(1, 2, "hub-1"),
    TOPICS.status(1),
    TOPICS.sighting(1, "hub-1"),
    TOPICS.result(1, "hub-1"),
    TOPICS.notice(1, 2, "hub-1"),
)
FORBIDDEN = (
    TOPICS.gateway_state("hub-2"),
    TOPICS.event(1, 2, "hub-2"),
    TOPICS.sighting(1, "hub-2"),
    TOPICS.result(1, "hub-2"),
    TOPICS.notice(1, 2, "hub-2"),
    TOPICS.command(1),
    TOPICS.alert(1, 2),
    TOPICS.desk_state(),
)


class Deployed:
    """A broker as deploy/ ships it."""

    def __init__(self, process: BrokerProcess, authority: Authority, folder: Path) -> None:
        self.process, self.authority, self._folder = process, authority, folder

    def options(self, user: str, port: int | None = None, **more: Any) -> BrokerOptions:
        secret = self._folder / f"{user}.password"
        secret.touch(mode=0o600)
        secret.write_text(password(user))
        return BrokerOptions(
            url=f"mqtts://127.0.0.1:{port or self.process.port}",
            username=user,
            password_file=str(secret),
            ca_file=str(self.authority.file),
            **more,
        )

    async def saved(self, payload: bytes) -> None:
        """Returns once the payload is in a file of the broker's."""
        async with asyncio.timeout(20):
            await asyncio.to_thread(self._watch, payload)

    def _watch(self, payload: bytes) -> None:
        while self.process.running:
            files = [path for path in self._folder.rglob("*") if path.suffix in (".db", ".blk")]
            if any(payload in path.read_bytes() for path in files):
                return
            time.sleep(0.01)


def password(user: str) -> str:
    return f"{user}'s own"


def put_in(text: str, places: dict[str, str]) -> str:
    for place, value in places.items():
        assert place in text
        text = text.replace(place, value)
    return text


def mosquitto_process(folder: Path, shown: Pair) -> BrokerProcess:
    port, shipped = free_port(), DEPLOY / "mosquitto"
    places = {
        "listener 8883": f"listener {port} 127.0.0.1\nuser root",
        "/etc/mosquitto/tocsin/broker.crt": str(shown.certificate),
        "/etc/mosquitto/tocsin/broker.key": str(shown.key),
        "/etc/mosquitto/tocsin/": f"{folder}/",
        "/var/lib/mosquitto/": f"{folder}/",
        "autosave_interval 5": "autosave_interval 1",
    }
    conf = folder / "mosquitto.conf"
    process = BrokerProcess("mosquitto", folder, port, ("-c", str(conf)))
    conf.write_text(put_in((shipped / "mosquitto.conf").read_text(), places))
    (folder / "acl").write_bytes((shipped / "acl").read_bytes())
    for user in USERS:
        new = () if (folder / "passwords").exists() else ("-c",)
        command = ("mosquitto_passwd", *new, "-b", str(folder / "passwords"), user, password(user))
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    return process


def nats_process(folder: Path, shown: Pair) -> BrokerProcess:
    port, shipped = free_port(), DEPLOY / "nats"
    places = {
        '"127.0.0.1:4222"': '"127.0.0.1:-1"',
        "0.0.0.0:8883": f"127.0.0.1:{port}",
        "/etc/nats/tocsin/broker.crt": str(shown.certificate),
        "/etc/nats/tocsin/broker.key": str(shown.key),
        "/var/lib/nats": str(folder / "nats"),
    }
    conf = folder / "nats-server.conf"
    process = BrokerProcess("nats-server", folder, port, ("-c", str(conf)))
    conf.write_text(put_in((shipped / "nats-server.conf").read_text(), places))
    passwords = {f"$2a$11$of.{'the.' * (user == 'desk')}{user}": password(user) for user in USERS}
    del passwords["$2a$11$of.hub-2"]
    (folder / "users.conf").write_text(put_in((shipped / "users.conf").read_text(), passwords))
    return process


MAKERS = {"mosquitto": mosquitto_process, "nats": nats_process}


@pytest_asyncio.fixture(params=list(MAKERS))
async def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Deployed]:
    authority = Authority(tmp_path)
    certificate = authority.issue("broker", "127.0.0.1")
    process = installed(lambda: MAKERS[request.param](tmp_path, certificate))
    await process.start()
    yield Deployed(process, authority, tmp_path)
    await process.stop()


Join = Callable[..., Any]


@pytest.fixture
def join(deployed: Deployed, client: Join) -> Join:
    """A client with a user's name and password."""
    return lambda user, **more: client("", user, broker=deployed.options(user), **more)


async def test_only_with_tls_and_the_right_password(deployed, client):
    port = deployed.process.port
    assert await client("", "a", broker=BrokerOptions(url=f"mqtt://127.0.0.1:{port}")).down()
    nobody = BrokerOptions(url=f"mqtts://127.0.0.1:{port}", ca_file=str(deployed.authority.file))
    assert "refused" in await client("", "b", broker=nobody).down()
    stranger = BrokerOptions(
        url=f"mqtts://127.0.0.1:{port}",
        ca_file=str(deployed.authority.file),
        username="desk",
        password_file=deployed.options("hub-1").password_file,
    )
    reason = await client("", "c", broker=stranger).down()
    assert "check broker.username and broker.password_file" in reason


async def test_a_gateway_may_do_all_that_it_must(join):
    desk, hub = (
        join("desk", subscriptions=TOPICS.for_desk()),
        join("hub-1", subscriptions=TOPICS.for_gateway()),
    )
    await desk.up()
    await hub.up()
    told = [topic for topic in ALLOWED if topic != TOPICS.sighting(1, "hub-1")]
    for token, topic in enumerate(told):
        hub.session.publish(topic, b"x", token=token)
        assert (await desk.message()).topic == topic
        assert await hub.puback() == token
    desk.session.publish(TOPICS.command(1), b"x")
    assert (await hub.message()).topic == TOPICS.command(1)


async def test_a_gateway_cannot_speak_as_another_or_as_the_desk(join):
    desk, hub = join("desk", subscriptions=EVERYTHING), join("hub-1")
    await desk.up()
    await hub.up()
    for topic in FORBIDDEN:
        hub.session.publish(topic, b"forged", retain=True)
    hub.session.publish(MARKER, b"end")
    assert (await desk.message()).topic == MARKER
    late = join("desk", subscriptions=EVERYTHING)
    await late.up()
    hub.session.publish(MARKER, b"end")
    assert (await late.message()).topic == MARKER


@pytest.mark.parametrize("other", [TOPICS.event(1, 2, "+"), "$MQTT/sub/#", "#"])
async def test_a_gateway_cannot_listen_to_others(deployed, join, other):
    hub = join("hub-1", subscriptions=(*TOPICS.for_gateway(), other))
    if deployed.process.log.name.startswith("nats"):
        assert f"refused a subscription at QoS 1: {other} " in await hub.down()
        return
    desk = join("desk")
    await hub.up()
    await desk.up()
    desk.session.publish(TOPICS.event(1, 2, "hub-2"), b"secret")
    desk.session.publish(TOPICS.command(1), b"for all")
    assert (await hub.message()).payload == b"for all"


async def test_what_was_acknowledged_and_saved_survives_a_kill(deployed, join):
    desk = join("desk", subscriptions=TOPICS.for_desk())
    await desk.up()
    await desk.end()
    hub = join("hub-1")
    await hub.up()
    topics = [TOPICS.event(1, number, "hub-1") for number in range(1, 21)]
    for token, topic in enumerate(topics):
        hub.session.publish(topic, b"event-%d." % token, token=token)
        assert await hub.puback() == token
    hub.session.publish(TOPICS.gateway_state("hub-1"), b"retained.", token=99, retain=True)
    assert await hub.puback() == 99
    # NATS keeps them in files of their own, and of the last record in each perhaps half.
    behind = {TOPICS.event(1, 21, "hub-1"): b"behind.", TOPICS.status(1): b"behind retained."}
    for (topic, payload), retain in zip(behind.items(), (False, True), strict=True):
        hub.session.publish(topic, payload, token=100, retain=retain)
        assert await hub.puback() == 100
        await deployed.saved(payload)
    await hub.end()
    await deployed.process.stop()
    await deployed.process.start()
    desk = join("desk", subscriptions=TOPICS.for_desk())
    await desk.up()
    got: set[str] = set()
    expected = {*topics, TOPICS.gateway_state("hub-1")}
    while not got >= expected:
        got.add((await desk.message()).topic)
    assert got <= expected | behind.keys()


async def test_a_gateway_that_dies_is_spoken_for(deployed, join, client):
    proxy = Proxy("127.0.0.1", deployed.process.port)
    await proxy.start()
    desk = join("desk", subscriptions=TOPICS.for_desk())
    await desk.up()
    will = (TOPICS.gateway_state("hub-1"), b"offline")
    hub = client("", "hub-1", broker=deployed.options("hub-1", proxy.port), will=will)
    await hub.up()
    await proxy.set(Mode.CUT)
    assert (await desk.message()).payload == b"offline"
    await proxy.stop()
