"""Twenty badges, three gateways, half of all packets lost, and everything is killed in between."""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.contract.messages import Phase, unix_ms
from simulator.broker import EmbeddedBroker
from simulator.mosquitto import Mosquitto
from simulator.nats import Nats
from tests.chain.conftest import Supervised

Start = Callable[..., Awaitable[Supervised]]

BADGES = 20
GATEWAYS = 3
KILLS = 3
PRESSES_WITHIN_S = 12.0
DAY_MS = 86_400_000
#: A hub without a battery for its clock, one that was set wrongly, and one set back by an hour.
CLOCKS_OFF_MS = (-20_000 * DAY_MS, 3 * 365 * DAY_MS, -3_600_000)


class AnyBroker:
    """One of three brokers, which loses its disk when it is restarted."""

    def __init__(self, broker: EmbeddedBroker | Mosquitto | Nats, disk: Path | None) -> None:
        self._broker = broker
        self._disk = disk

    @property
    def url(self) -> str:
        return self._broker.url

    async def start(self) -> None:
        await self._broker.start()

    async def restart_empty(self, away_s: float) -> None:
        await self.stop()
        if self._disk is not None:
            shutil.rmtree(self._disk, ignore_errors=True)
        await asyncio.sleep(away_s)
        await self._broker.start()

    async def stop(self) -> None:
        await self._broker.stop()


@pytest.fixture(params=["embedded", "mosquitto", "nats"])
def broker(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    mosquitto: Callable[..., Mosquitto],
    nats: Callable[..., Nats],
) -> AnyBroker:
    if request.param == "mosquitto":
        return AnyBroker(mosquitto(), None)  # saves nothing, so a kill is a wipe
    if request.param == "nats":
        return AnyBroker(nats(), tmp_path / "nats")
    return AnyBroker(EmbeddedBroker(), None)


@asynccontextmanager
async def running(broker: AnyBroker) -> AsyncIterator[AnyBroker]:
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


class Truth:
    """When each badge first showed a stage, and when people really did what it says."""

    def __init__(self, run: Supervised) -> None:
        self._run = run
        self.shown_ms: dict[tuple[int, Phase], int] = {}
        self.answered_ms: dict[tuple[str, Phase], int] = {}

    def look(self) -> None:
        now_ms = time.time_ns() // 1_000_000
        for number, phases in self._run.phases.items():
            for phase in phases:
                self.shown_ms.setdefault((number, phase), now_ms)

    def answer(self, alert: str, phase: Phase) -> None:
        self.answered_ms[alert, phase] = time.time_ns() // 1_000_000

    def check(self) -> None:
        for number in range(1, BADGES + 1):
            record = self._run.records[f"{number}-1"]
            kept_ms = {stage.phase: unix_ms(stage.at) for stage in record.timeline}
            assert kept_ms[Phase.DELIVERED] <= self.shown_ms[number, Phase.DELIVERED]
            for phase in (Phase.ACKNOWLEDGED, Phase.RESOLVED):
                assert self.answered_ms[record.alert, phase] <= kept_ms[phase]
                assert kept_ms[phase] <= self.shown_ms[number, phase]
            phases = self._run.phases[number]
            assert [phase.rank for phase in phases] == sorted(phase.rank for phase in phases)


async def press_all(run: Supervised, rng: random.Random) -> None:
    async def press(number: int) -> None:
        await asyncio.sleep(rng.uniform(0, PRESSES_WITHIN_S))
        run.call_for_help(number)

    await asyncio.gather(*(press(number) for number in run.chain.badges))


async def kill(run: Supervised, name: str, rng: random.Random, off_ms: int) -> None:
    gateway = run.chain.gateways[name]
    for turn in range(KILLS):
        await asyncio.sleep(rng.uniform(0.5, PRESSES_WITHIN_S / KILLS))
        await gateway.kill()
        run.chain.move_clock(name, off_ms if turn % 2 == 0 else 0)
        await asyncio.sleep(rng.uniform(0, 1))
        await gateway.start()
        run.chain.move_clock(name, off_ms // 2)  # and while it runs


async def test_every_press_is_one_alert_and_each_stage_true_whatever_is_killed(
    start: Start, broker: AnyBroker
) -> None:
    rng = random.Random(20)
    async with running(broker):
        run = await start(badges=BADGES, gateways=GATEWAYS, loss=0.5, broker_url=broker.url)
        truth = Truth(run)
        looking = asyncio.create_task(look(truth))
        await asyncio.gather(
            press_all(run, rng),
            *(
                kill(run, name, rng, off_ms)
                for name, off_ms in zip(run.chain.gateways, CLOCKS_OFF_MS, strict=True)
            ),
            restart(broker, rng),
        )
        alerts = [f"{number}-1" for number in run.chain.badges]
        for number, alert in zip(run.chain.badges, alerts, strict=True):
            await run.shows(alert, Phase.DELIVERED)
            await run.knows(Phase.DELIVERED, number)
        for phase, answer in ((Phase.ACKNOWLEDGED, run.acknowledge), (Phase.RESOLVED, run.resolve)):
            for alert in alerts:
                truth.answer(alert, phase)
                answer(alert)
            for number in run.chain.badges:
                await run.knows(phase, number)
        looking.cancel()
        truth.look()
        truth.check()
        assert sorted(run.first_shown) == sorted(alerts)


async def look(truth: Truth) -> None:
    while True:
        truth.look()
        await asyncio.sleep(0.01)


async def restart(broker: AnyBroker, rng: random.Random) -> None:
    for _ in range(2):
        await asyncio.sleep(rng.uniform(2, PRESSES_WITHIN_S / 2))
        await broker.restart_empty(rng.uniform(0, 2))
