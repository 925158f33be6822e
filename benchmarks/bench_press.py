"""The whole chain in real time: press to alert at the desk, and answer back to the hand.

Every part is the real one (see simulator.chain). What the gesture and the radio's own
luck cost is measured, and told apart: both are the same for any software.
"""

import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from badge.boards import esp32_generic as board
from benchmarks.figures import Figure
from desk.client import ControlClient
from desk.lines import AskAcknowledge, AskResolve, Told
from gateway.contract.messages import Phase, unix_ms
from simulator.chain import Chain, ChainOptions
from simulator.ear import Ear
from simulator.journey import Journey

PRESSES = 200
BADGES = 10
LOSSES = (0.0, 0.3)
GESTURE_MS = 1500
STAGE_S = 30.0
PEER = "the project's own bound"

BOUNDS_MS = {
    "first packet to shown at the desk p50": 50.0,
    "first packet to shown at the desk p99": 200.0,
    "acknowledge to vibration p50": 50.0,
    "acknowledge to vibration p99": 200.0,
}


class _Bench:
    """One chain, some badges that are pressed in turn, and the times in milliseconds."""

    def __init__(self, directory: Path, loss: float) -> None:
        options = ChainOptions(loss=loss, badges=BADGES, seed=1)
        self.chain = Chain(directory, options, on_said=self._said)
        self.times: dict[str, list[float]] = defaultdict(list)
        self.journeys: dict[int, Journey] = {}
        self.buzzed: dict[int, float] = {}
        self.changed = asyncio.Condition()
        self.desk = ControlClient(
            self.chain.control, on_told=self._told, on_link=lambda _up, _reason: None
        )
        self._ears = {
            number: Ear(self.chain.fleet.fleet_key, key)
            for number, key in self.chain.fleet.badges.items()
        }

    async def run(self, presses: int) -> None:
        async with self.chain:
            self.chain.air.on_heard = self._on_air
            watching = asyncio.create_task(self.desk.run())
            ticking = asyncio.create_task(self._tick())
            try:
                await asyncio.gather(
                    *(self._wear(number, presses // BADGES) for number in self.chain.badges)
                )
            finally:
                watching.cancel()
                ticking.cancel()

    async def _wear(self, number: int, presses: int) -> None:
        rng = random.Random(number)
        for _ in range(presses):
            # Presses of people do not keep step.
            await asyncio.sleep(rng.uniform(0, 2))
            journey = self.journeys[number] = Journey(self._ears[number], _now_ms())
            self.chain.badges[number].hold()
            await self._until(lambda j=journey: j.has_felt(Phase.DELIVERED))
            record = journey.record
            assert record is not None
            await self._answer(number, AskAcknowledge(alert=record.alert, by="bench", minutes=1))
            await self._until(lambda j=journey: j.has_felt(Phase.ACKNOWLEDGED))
            self.desk.ask(AskResolve(alert=record.alert, by="bench"))
            await self._until(lambda j=journey: j.has_felt(Phase.RESOLVED))
            self._note(journey)

    async def _answer(self, number: int, ask: AskAcknowledge) -> None:
        await asyncio.sleep(1.5)  # the motor has played out what went before
        self.buzzed.pop(number, None)
        asked = time.perf_counter()
        self.desk.ask(ask)
        await self._until(lambda: number in self.buzzed)
        self.times["acknowledge to vibration"].append(1000 * (self.buzzed[number] - asked))

    def _note(self, journey: Journey) -> None:
        rows = {row.stage: row for row in journey.rows()}
        raised, heard, delivered = (
            rows[stage] for stage in (Phase.RAISED, Phase.HEARD, Phase.DELIVERED)
        )
        record, packet, shown = journey.record, journey.heard_on_air_ms, journey.shown_ms
        raised_ms, heard_ms = _seen(raised.known_ms), _seen(heard.known_ms)
        packet, shown, held_ms = _seen(packet), _seen(shown), _seen(delivered.true_ms)
        assert record is not None
        taken_ms = unix_ms(record.raised_at)
        for name, ms in (
            ("finger to gesture on the air", raised_ms - journey.pressed_ms - GESTURE_MS),
            ("on the air to first packet (radio)", packet - raised_ms),
            ("first packet to gateway's disk", taken_ms - packet),
            ("gateway's disk to desk's disk", held_ms - taken_ms),
            ("desk's disk to shown", shown - held_ms),
            ("first packet to shown at the desk", shown - packet),
            ("first packet to heard at the badge (connects)", heard_ms - packet),
        ):
            self.times[name].append(ms)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(STAGE_S), self.changed:
            await self.changed.wait_for(condition)

    def _said(self, number: int, words: tuple[str, ...]) -> None:
        if words == ("pin", str(board.MOTOR), "1"):
            self.buzzed.setdefault(number, time.perf_counter())
        if number in self.journeys:
            self.journeys[number].said(_now_ms() - self.chain.badges[number].late_ms, words)

    def _on_air(self, sender: str, _receiver: str, payload: bytes) -> None:
        journey = self.journeys.get(int(sender.rpartition("-")[2]))
        if journey is not None:
            journey.on_air(_now_ms(), payload)

    def _told(self, told: Told) -> None:
        if told.alert is not None and told.alert.badge in self.journeys:
            self.journeys[told.alert.badge].told(_now_ms(), told.alert)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.005)
            for journey in self.journeys.values():
                journey.tick(_now_ms())
            async with self.changed:
                self.changed.notify_all()


def run(presses: int = PRESSES) -> list[Figure]:
    """p50 and p99 of every stretch of the way, without loss and with 30% of packets lost."""
    figures = []
    for loss in LOSSES:
        with tempfile.TemporaryDirectory(prefix="tocsin-") as directory:
            bench = _Bench(Path(directory), loss)
            asyncio.run(bench.run(presses))
        for name, times in bench.times.items():
            figures += [
                _figure(f"{name} p{percent}", loss, _percentile(times, percent))
                for percent in (50, 99)
            ]
    return figures


def _figure(name: str, loss: float, ms: float) -> Figure:
    bound = BOUNDS_MS.get(name)
    full = f"{name}, {loss:.0%} lost"
    if bound is None:
        return Figure(full, ms, "ms", "", None, None)
    return Figure(full, ms, "ms", PEER, bound, ms / bound)


def _seen(at_ms: int | None) -> int:
    """A time that the press cannot have got this far without."""
    assert at_ms is not None
    return at_ms


def _percentile(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    for figure in run(20):
        print(figure)
