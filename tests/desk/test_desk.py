"""A whole desk against a real broker: a gateway's report to a supervisor's answer and back."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from desk.app import Desk
from desk.client import ControlClient
from desk.config import DeskConfig
from desk.errors import ControlError
from desk.lines import AskAcknowledge, AskResolve, Told
from gateway.contract.broker import BrokerOptions
from gateway.contract.messages import (
    AlertRecord,
    CommandMessage,
    CommandResult,
    DeskState,
    GatewayState,
    Message,
    Opcode,
    Phase,
    Report,
    Stage,
    decode,
    encode,
    rfc3339,
)
from gateway.contract.session import Received, Session
from gateway.contract.topics import Topics
from simulator.broker import EmbeddedBroker

MakeReport = Callable[..., Report]
TIMEOUT_S = 30


class Peer:
    """A gateway that is only a session, and an ear for all that the desk publishes."""

    def __init__(self, url: str, topics: Topics) -> None:
        self._topics = topics
        self.heard: asyncio.Queue[Received] = asyncio.Queue()
        self.up = asyncio.Event()
        self._session = Session(
            BrokerOptions(url=url),
            "hub-1",
            will=None,
            subscriptions=(topics.root + "#",),
            on_message=self._hear,
            on_link=lambda up, _: self.up.set() if up else self.up.clear(),
            on_puback=lambda _: None,
        )
        self.running = asyncio.create_task(self._session.run())

    def say(self, topic: str, message: Message, *, retain: bool = False) -> None:
        assert self._session.publish(topic, encode(message), retain=retain)

    def report(self, report: Report) -> None:
        self.say(self._topics.event(report.badge, report.event, report.gateway), report)

    def take(self, command: CommandMessage) -> None:
        self.say(
            self._topics.result(command.badge, "hub-1"),
            CommandResult(
                id=command.id,
                badge=command.badge,
                event=command.event,
                opcode=command.opcode,
                gateway="hub-1",
                taken=True,
                at=command.expires_at,
            ),
        )

    async def until_command(self, opcode: Opcode) -> CommandMessage:
        while True:
            received = await self._next("command")
            command = decode(CommandMessage, received.topic, received.payload)
            if command.opcode is opcode:
                return command

    async def until_record(self, condition: Callable[[AlertRecord], bool]) -> AlertRecord:
        while True:
            received = await self._next("alert")
            record = decode(AlertRecord, received.topic, received.payload)
            if condition(record):
                return record

    async def until_state(self, condition: Callable[[DeskState], bool]) -> DeskState:
        while True:
            received = await self._next("desk_state")
            state = decode(DeskState, received.topic, received.payload)
            if condition(state):
                return state

    async def _next(self, kind: str) -> Received:
        while True:
            received = await self.heard.get()
            if self._topics.parse(received.topic).kind == kind:
                return received

    def _hear(self, received: Received) -> None:
        self._session.acknowledge(received)
        self.heard.put_nowait(received)


class Supervisor:
    """The client of the control socket, with all that it was told."""

    def __init__(self, socket: str) -> None:
        self.told: asyncio.Queue[Told] = asyncio.Queue()
        self.client = ControlClient(
            socket, on_told=self.told.put_nowait, on_link=lambda _up, _reason: None
        )
        self.running = asyncio.create_task(self.client.run())

    async def until(self, condition: Callable[[Told], object]) -> Told:
        while not condition(told := await self.told.get()):
            pass
        return told


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def peer(broker: EmbeddedBroker, topics: Topics) -> AsyncIterator[Peer]:
    peer = Peer(broker.url, topics)
    await peer.up.wait()
    yield peer
    await stop(peer.running)


@pytest.fixture
def config(broker: EmbeddedBroker, tmp_path: Path) -> DeskConfig:
    return DeskConfig(
        fleet="demo",
        database=str(tmp_path / "desk.db"),
        control=str(tmp_path / "desk.sock"),
        broker=BrokerOptions(url=broker.url),
    )


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait((task,))


@pytest_asyncio.fixture
async def desk(config: DeskConfig, peer: Peer) -> AsyncIterator["asyncio.Task[None]"]:
    serving = asyncio.create_task(Desk(config).run())
    await peer.until_state(lambda state: state.state == "online")
    yield serving
    await stop(serving)


async def test_a_press_is_delivered_acknowledged_resolved_and_felt(
    desk: "asyncio.Task[None]", config: DeskConfig, peer: Peer, report: MakeReport
) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        peer.report(report())
        peer.take(await peer.until_command(Opcode.DELIVERED))
        await peer.until_record(lambda record: Phase.DELIVERED in phases(record.felt))
        ben = Supervisor(config.control)
        await ben.until(lambda told: told.alert and told.alert.alert == "1-2")
        ben.client.ask(AskAcknowledge(alert="1-2", by="Ben", minutes=5))
        command = await peer.until_command(Opcode.ACKNOWLEDGED)
        assert command.argument == 5
        ben.client.ask(AskResolve(alert="1-2", by="Ben"))
        peer.take(await peer.until_command(Opcode.RESOLVED))
        record = await peer.until_record(lambda record: Phase.RESOLVED in phases(record.felt))
        assert phases(record.timeline) == [
            "raised",
            "heard",
            "delivered",
            "acknowledged",
            "resolved",
        ]
        assert record.holder == "Ben"
        await stop(ben.running)


async def test_supervisors_and_links_are_seen(
    desk: "asyncio.Task[None]", config: DeskConfig, peer: Peer, topics: Topics, now_ms: int
) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        ben = Supervisor(config.control)
        await peer.until_state(lambda state: state.supervisors == 1)
        peer.say(
            topics.gateway_state("hub-1"),
            GatewayState(gateway="hub-1", state="deaf", at=rfc3339(now_ms)),
        )
        told = await ben.until(lambda told: told.desk and told.desk.gateways)
        assert told.desk is not None
        assert told.desk.broker
        assert [(view.gateway, view.state) for view in told.desk.gateways] == [("hub-1", "deaf")]
        await stop(ben.running)
        await peer.until_state(lambda state: state.supervisors == 0)


async def test_a_broker_that_lost_its_disk_gets_every_record_again(
    desk: "asyncio.Task[None]",
    config: DeskConfig,
    broker: EmbeddedBroker,
    peer: Peer,
    report: MakeReport,
) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        peer.report(report())
        await peer.until_record(lambda record: record.phase is Phase.DELIVERED)
        ben = Supervisor(config.control)
        await ben.until(lambda told: told.desk and told.desk.broker)
        await broker.stop()
        told = await ben.until(lambda told: told.desk and not told.desk.broker)
        assert told.desk is not None
        assert broker.url in told.desk.reason
        await broker.start()
        await ben.until(lambda told: told.desk and told.desk.broker)
        await peer.until_record(lambda record: record.alert == "1-2")
        await stop(ben.running)


async def test_a_desk_that_stops_says_so_and_the_next_one_goes_on(
    config: DeskConfig, peer: Peer, report: MakeReport
) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        first = asyncio.create_task(Desk(config).run())
        await peer.until_state(lambda state: state.state == "online")
        peer.report(report())
        await peer.until_record(lambda record: record.phase is Phase.DELIVERED)
        await stop(first)
        await peer.until_state(lambda state: state.state == "offline")
        assert not there(config.control)
        peer.report(report(event=3, counter=11))
        second = asyncio.create_task(Desk(config).run())
        await peer.until_record(lambda record: record.alert == "1-3")
        await stop(second)


async def test_a_desk_killed_with_9_loses_nothing_and_its_silence_is_noticed(
    config: DeskConfig, peer: Peer, report: MakeReport, tmp_path: Path
) -> None:
    toml = tmp_path / "desk.toml"
    toml.write_text(f'fleet = "demo"\n[broker]\nurl = "{config.broker.url}"\n')
    async with asyncio.timeout(TIMEOUT_S):
        first = await start(toml)
        await peer.until_state(lambda state: state.state == "online")
        peer.report(report())
        await peer.until_record(lambda record: record.phase is Phase.DELIVERED)
        first.kill()
        await first.wait()
        await peer.until_state(lambda state: state.state == "offline")
        peer.report(report(event=3, counter=11))
        second = await start(toml)
        await peer.until_record(lambda record: record.alert == "1-2")
        await peer.until_record(lambda record: record.alert == "1-3")
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
        await peer.until_state(lambda state: state.state == "offline")


async def test_a_second_desk_stops_before_it_disturbs_the_first(
    desk: "asyncio.Task[None]", config: DeskConfig, peer: Peer, report: MakeReport
) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        with pytest.raises(ControlError, match="another desk runs here"):
            await Desk(config).run()
        peer.report(report())
        await peer.until_command(Opcode.DELIVERED)


async def test_the_database_can_be_listed_beside_a_running_desk(
    desk: "asyncio.Task[None]",
    config: DeskConfig,
    peer: Peer,
    report: MakeReport,
    tmp_path: Path,
) -> None:
    toml = tmp_path / "desk.toml"
    toml.write_text('fleet = "demo"\n[[badges]]\nnumber = 1\nwearer = "Asha N."\n')
    async with asyncio.timeout(TIMEOUT_S):
        peer.report(report())
        await peer.until_command(Opcode.DELIVERED)
        listing = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "desk", "alerts", "--config", str(toml)),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await listing.communicate()
    assert listing.returncode == 0
    for word in ("1-2", "Asha N.", "SOS", "delivered", "hub-1"):
        assert word in said.decode()


async def start(toml: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "desk", "run", "--config", str(toml)
    )


def there(path: str) -> bool:
    return os.path.lexists(path)


def phases(stages: tuple[Stage, ...]) -> list[str]:
    return [stage.phase for stage in stages]
