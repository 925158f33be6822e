"""The whole chain in real time, and a supervisor's view of it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from badge.boards import esp32_generic as board
from desk.client import ControlClient
from desk.lines import AskAcknowledge, AskResolve, Told
from desk.links import DeskView
from gateway.contract.messages import PHASES, AlertRecord, Phase
from simulator.chain import Chain, ChainOptions
from simulator.conductor import now_ms
from simulator.ear import Ear
from simulator.felt import Hand
from simulator.nursery import Nursery
from wire.frame import KIND_STATUS

WAIT_S = 60.0
# Gestures are tested elsewhere, in virtual time; here they only cost real time.
QUICK = {"hold_ms": 150, "press_window_ms": 300, "sleep": False}


class Supervised:
    """A running chain, what its desk shows, what its badges say and their wearers feel."""

    def __init__(self, directory: Path, options: ChainOptions) -> None:
        self.chain = Chain(directory, options, on_said=self._said)
        self.records: dict[str, AlertRecord] = {}
        self.first_shown: list[str] = []  # alerts in the order in which they appeared
        self.view: DeskView | None = None
        self.phases: dict[int, list[Phase]] = {}  # of each badge's events, as on the air
        self.felt: dict[int, list[tuple[str, ...]]] = {}
        self._hands: dict[int, Hand] = {}
        self._ears = {
            number: Ear(self.chain.fleet.fleet_key, key)
            for number, key in self.chain.fleet.badges.items()
        }
        self._changed = asyncio.Event()
        self._client = ControlClient(
            self.chain.control, on_told=self._told, on_link=lambda _up, _reason: None
        )

    async def __aenter__(self) -> "Supervised":
        await self.chain.__aenter__()
        self._tasks = [
            asyncio.create_task(self._client.run()),
            asyncio.create_task(self._keep_time()),
        ]
        await self.until(lambda: self.view is not None)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self.chain.close()

    def call_for_help(self, number: int = 1) -> None:
        self.chain.badges[number].hold()

    def acknowledge(self, alert: str) -> None:
        assert self._client.ask(AskAcknowledge(alert=alert, by="Sam", minutes=5))

    def resolve(self, alert: str) -> None:
        assert self._client.ask(AskResolve(alert=alert, by="Sam"))

    async def shows(self, alert: str, phase: Phase) -> AlertRecord:
        """Waits until the desk shows this alert in this phase."""
        await self.until(lambda: alert in self.records and self.records[alert].phase is phase)
        return self.records[alert]

    async def knows(self, phase: Phase, number: int = 1) -> None:
        """Waits until the badge itself shows this phase."""
        await self.until(lambda: phase in self.phases.get(number, []))

    async def feels(self, pattern: str, number: int = 1) -> None:
        """Waits until the wearer has felt this pattern."""
        await self.until(lambda: any(pattern in names for names in self.felt.get(number, [])))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def _told(self, told: Told) -> None:
        if told.alert is not None:
            if told.alert.alert not in self.records:
                self.first_shown.append(told.alert.alert)
            self.records[told.alert.alert] = told.alert
        self.view = told.desk or self.view
        self._changed.set()

    def _said(self, number: int, words: tuple[str, ...]) -> None:
        if words[:2] == ("pin", str(board.MOTOR)):
            self._feel(number, now_ms() - self.chain.badges[number].late_ms, words[2] == "1")
        if words[0] == "adv" and words[1] != "0":
            report = self._ears[number].hear(bytes.fromhex(words[3])).report
            if report.kind != KIND_STATUS:
                self.phases.setdefault(number, []).append(PHASES[report.phase])
        self._changed.set()

    def _feel(self, number: int, at_ms: int, on: bool) -> None:
        felt = self._hands.setdefault(number, Hand()).edge(at_ms, on)
        if felt is not None:
            self.felt.setdefault(number, []).append(felt.names)

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            for number, hand in self._hands.items():
                felt = hand.tick(now_ms())
                if felt is not None:
                    self.felt.setdefault(number, []).append(felt.names)
                    self._changed.set()


@pytest.fixture(scope="session")
def nursery() -> Nursery:
    return Nursery("simulator.gateway_process", "desk.__main__")


@pytest_asyncio.fixture
async def start(nursery: Nursery) -> AsyncIterator[Callable[..., Any]]:
    """Starts a chain with the given options; it ends with the test."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Supervised:
            # pytest's own directories are too long for the sockets in them.
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-"))
            usual = {"seed": 1, "badge": QUICK, "nursery": nursery}
            chosen = ChainOptions(**{**usual, **options})
            return await stack.enter_async_context(Supervised(Path(directory), chosen))

        yield make
