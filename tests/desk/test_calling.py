"""A whole desk: a press rings at people's services until one of them answers at the desk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from desk.app import Desk
from desk.config import DeskConfig
from desk.core import Core
from desk.engine import Engine
from desk.lines import AskAcknowledge
from desk.options import Contact, EscalationOptions, Step
from desk.turns import Reported, Tick
from gateway.contract.broker import BrokerOptions
from gateway.contract.messages import Kind, Opcode, Report
from gateway.contract.topics import Topics
from simulator.broker import EmbeddedBroker
from simulator.services import WebHook

from .conftest import NOW_MS, World
from .office import SETTING
from .test_desk import TIMEOUT_S, Peer, Supervisor, stop

MakeReport = Callable[..., Report]


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def hook() -> AsyncIterator[WebHook]:
    hook = WebHook()
    yield hook
    hook.close()


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
        escalation=EscalationOptions(steps=(Step(contacts=("Sam",)), Step(contacts=("Kim",)))),
        contacts=tuple(
            Contact(name=name, urls_file=str(tmp_path / f"{name}.urls")) for name in ("Sam", "Kim")
        ),
    )


def give(config: DeskConfig, name: str, url: str) -> None:
    file = Path(config.urls_files[name])
    file.write_text(url)
    file.chmod(0o600)


async def test_who_cannot_be_called_is_seen_and_the_next_is_called_until_a_person_answers(
    config: DeskConfig, peer: Peer, hook: WebHook, report: MakeReport
) -> None:
    give(config, "Kim", hook.url)
    serving = asyncio.create_task(Desk(config).run())
    async with asyncio.timeout(TIMEOUT_S):
        state = await peer.until_state(lambda state: bool(state.warnings))
        assert state.state == "online"
        assert "contact Sam: " in state.warnings[0]
        peer.report(report())
        assert (await hook.arrived.get()).title == "SOS: badge 1"
        record = await peer.until_record(
            lambda record: record.escalation is not None and record.escalation.called == ("Kim",)
        )
        assert any(text.startswith("Sam could not be called") for text in record.warnings)
        ben = Supervisor(config.control)
        await ben.until(lambda told: told.desk and told.desk.warnings)
        ben.client.ask(AskAcknowledge(alert="1-2", by="Ben", minutes=5))
        told = await hook.arrived.get()
        assert told.title == "No longer open: SOS: badge 1"
        assert "Ben has taken it, help in 5 min." in told.message
        await stop(ben.running)
    await stop(serving)


async def test_a_check_in_sets_the_timer_of_the_badge(
    config: DeskConfig, peer: Peer, report: MakeReport
) -> None:
    serving = asyncio.create_task(Desk(config).run())
    async with asyncio.timeout(TIMEOUT_S):
        await peer.until_state(lambda state: state.state == "online")
        peer.report(report(kind=Kind.CHECK_IN))
        await peer.until_record(lambda record: record.visit_due_at is not None)
        assert (await peer.until_command(Opcode.VISIT_TIMER)).argument == 60
    await stop(serving)


class Nowhere:
    """A ledger that keeps nothing."""

    def commit(self, kept: object) -> None:
        pass


DAY_MS = 86_400_000


@pytest.mark.parametrize("jump_ms", [-3_600_000, 3_600_000])
def test_a_clock_that_somebody_sets_makes_no_visit_longer_or_shorter(
    report: MakeReport, jump_ms: int
) -> None:
    passed_ms, jumped_ms = 0, 0
    engine = Engine(
        Core(SETTING),
        Nowhere(),
        World(),
        Topics("demo"),
        clock=lambda: NOW_MS + passed_ms + jumped_ms,
        steady=lambda: DAY_MS + passed_ms,
    )
    engine.step(Reported(report(kind=Kind.CHECK_IN, heard_ms=NOW_MS)))
    passed_ms = 60_000
    engine.step(Tick())
    jumped_ms = jump_ms
    while passed_ms < 30 * 60_000 + 30_000:
        passed_ms += 30_000
        engine.step(Tick())
        assert engine.records[0].overdue_at is None
    passed_ms = 31 * 60_000
    engine.step(Tick())
    assert engine.records[0].overdue_at is not None


@pytest.mark.parametrize(("up_ms", "rings"), [(20_000, True), (DAY_MS, False)])
def test_the_time_that_a_host_without_a_battery_for_its_clock_was_off_has_passed(
    report: MakeReport, up_ms: int, rings: bool
) -> None:
    passed_ms, learnt_ms = 0, 0
    engine = Engine(
        Core(SETTING),
        Nowhere(),
        World(),
        Topics("demo"),
        clock=lambda: NOW_MS + passed_ms + learnt_ms,
        steady=lambda: up_ms + passed_ms,
    )
    engine.step(Reported(report(kind=Kind.CHECK_IN, heard_ms=NOW_MS)))
    passed_ms, learnt_ms = 30_000, 2 * 3_600_000  # the network says what time it is
    engine.step(Tick())
    passed_ms = 60_000
    engine.step(Tick())
    assert (engine.records[0].overdue_at is not None) == rings
