"""Runs the chain for the demo: presses, answers, breaks and mends parts, and keeps the journey."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from desk.client import ControlClient
from desk.lines import AskAcknowledge, AskResolve, Told
from desk.links import DeskView
from gateway.contract.messages import AlertRecord
from simulator.badge import Burst
from simulator.chain import Chain, ChainOptions
from simulator.ear import Ear
from simulator.gnss import Position, track
from simulator.journey import Journey

MINUTES_UNTIL_HELP = 4
SUPERVISOR = "Sam"
NUMBER = 1  # the badge that the demo presses
TICK_S = 0.05

# A walk along Euston Road, London: from the station to the university hospital.
WALK = (
    Position(51.52790, -0.13330),
    Position(51.52640, -0.13340),
    Position(51.52540, -0.13590),
)
WALK_MPS = 1.3
FIX_AFTER_S = 8.0


class Conductor:
    """One chain, one worker, one supervisor. on_change is called when there is something new."""

    def __init__(
        self,
        directory: Path,
        options: ChainOptions,
        *,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.chain = Chain(directory, options, on_said=self._said, receivers=_receiver)
        self.journey: Journey | None = None
        self.records: dict[str, AlertRecord] = {}
        self.view: DeskView | None = None
        self.refused = ""
        self._on_change = on_change or (lambda: None)
        self._desk = ControlClient(
            self.chain.control, on_told=self._told, on_link=lambda _up, _reason: self._on_change()
        )
        self._ear = Ear(self.chain.fleet.fleet_key, self.chain.fleet.badges[NUMBER])
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    async def __aenter__(self) -> "Conductor":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Returns when every part is up. Raises SimulatorError when one does not come up."""
        await self.chain.__aenter__()
        self.chain.air.on_heard = self._heard
        self._tasks = [
            asyncio.create_task(self._desk.run()),
            asyncio.create_task(self._keep_time()),
        ]

    async def close(self) -> None:
        """Everything off."""
        for task in self._tasks:
            task.cancel()
        await self.chain.close()

    @property
    def latest(self) -> AlertRecord | None:
        """The journey's alert, as the desk shows it."""
        return self.journey.record if self.journey else None

    def press(self, times: int = 1, for_s: float = 0.1) -> Journey:
        """The wearer presses; a new journey begins, unless an alert is open."""
        journey = self._begin()
        self.chain.badges[NUMBER].press(times, for_s)
        return journey

    def hold(self) -> Journey:
        """The wearer calls for help: holds the button until it buzzes."""
        journey = self._begin()
        self.chain.badges[NUMBER].hold()
        return journey

    def _begin(self) -> Journey:
        if self.journey is None or self._over():
            self.journey = Journey(self._ear, now_ms())
        return self.journey

    def acknowledge(self) -> bool:
        """The supervisor takes the alert; False when there is none, or no desk."""
        record = self.latest
        return record is not None and self._desk.ask(
            AskAcknowledge(alert=record.alert, by=SUPERVISOR, minutes=MINUTES_UNTIL_HELP)
        )

    def resolve(self) -> bool:
        """The supervisor says that it is over; False when there is no alert, or no desk."""
        record = self.latest
        return record is not None and self._desk.ask(AskResolve(alert=record.alert, by=SUPERVISOR))

    async def toggle_gateway(self) -> None:
        """Kills the gateway with -9, or starts it again."""
        (gateway,) = self.chain.gateways.values()
        await (gateway.kill() if gateway.running else gateway.start())
        self._on_change()

    async def toggle_broker(self) -> None:
        """Takes the broker away with all it holds, or brings it back empty."""
        broker = self.chain.broker
        if broker is not None:
            await (broker.stop() if broker.running else broker.start())
        self._on_change()

    async def until(self, condition: Callable[[Journey], bool], timeout_s: float) -> bool:
        """Waits until the journey is so far; False when it took too long."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.journey is None or not condition(self.journey):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def _over(self) -> bool:
        # The badge starts a new event once the last one has ended; so does the journey.
        record = self.latest
        return record is None or record.phase in ("resolved", "cancelled", "delivered")

    def _said(self, number: int, words: tuple[str, ...]) -> None:
        if self.journey is not None and number == NUMBER:
            self.journey.said(now_ms() - self.chain.badges[number].late_ms, words)
            self._tell()

    def _heard(self, sender: str, _receiver: str, payload: bytes) -> None:
        if self.journey is not None and sender == f"badge-{NUMBER}":
            self.journey.on_air(now_ms(), payload)

    def _told(self, told: Told) -> None:
        if told.alert is not None:
            self.records[told.alert.alert] = told.alert
            if self.journey is not None and told.alert.badge == NUMBER:
                self.journey.told(now_ms(), told.alert)
        if told.desk is not None:
            self.view = told.desk
        self.refused = told.error or self.refused
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._on_change()

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self.journey is not None:
                self.journey.tick(now_ms())
                self._changed.set()


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def _receiver(_number: int) -> Iterator[Burst]:
    return track(WALK, speed_mps=WALK_MPS, start=datetime.now(UTC), fix_after_s=FIX_AFTER_S)
