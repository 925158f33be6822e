"""The demo, as a newcomer runs it."""

import asyncio
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console
from textual.widgets import Static

from badge.boards import esp32_generic as board
from badge.signals import NAMES, VIBRATION
from gateway.contract.messages import Phase
from gateway.keys import block_cipher, mask_key, seal_key
from simulator.chain import ChainOptions
from simulator.conductor import Conductor
from simulator.demo import once
from simulator.demo_screen import DemoScreen, felt_text
from simulator.ear import Ear
from simulator.errors import SimulatorError
from simulator.felt import END_MS
from simulator.journey import Journey
from simulator.nursery import Nursery
from tests.conftest import BADGE_KEY, FLEET_KEY
from wire.frame import (
    KIND_SOS,
    PHASE_DELIVERED,
    PHASE_RAISED,
    Report,
    encode_report,
    to_advertisement,
)
from wire.seal import seal_frame

MASK = block_cipher(mask_key(FLEET_KEY))
SEAL = block_cipher(seal_key(BADGE_KEY))
WAIT_S = 60


async def demonstrate(options: ChainOptions, stage_s: float = 30) -> tuple[int, str]:
    said = io.StringIO()
    code = await once(options, Console(file=said, width=100), None, stage_s=stage_s)
    return code, said.getvalue()


async def test_one_press_to_resolved_ends_with_0_and_the_table() -> None:
    code, said = await demonstrate(ChainOptions(seed=1))
    assert code == 0, said
    rows = {line.split("│")[1].strip(): line for line in said.splitlines() if "│" in line}
    for stage in ("raised", "delivered", "acknowledged", "resolved"):
        assert rows[stage].count(" s ") == 3, rows[stage]


async def test_a_press_that_nobody_hears_ends_with_1_and_the_stage(nursery: Nursery) -> None:
    out_of_range = ChainOptions(seed=1, signal=lambda _sender, _receiver: None, nursery=nursery)
    code, said = await demonstrate(out_of_range, stage_s=4)
    assert code == 1
    assert "did not reach the desk (the badge got as far as: raised)" in said


@pytest.mark.parametrize(
    ("url", "reason"), [("mqtt://127.0.0.1:1", "refused"), ("hello", "must be mqtt://")]
)
async def test_a_broker_that_is_not_there_is_named(url: str, reason: str) -> None:
    with pytest.raises(SimulatorError, match=f"{url}.*{reason}"):
        await demonstrate(ChainOptions(broker_url=url))


@pytest.fixture
def directory() -> Iterator[Path]:
    # pytest's own directories are too long for the sockets in them.
    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:
        yield Path(name)


def test_a_buzz_that_is_no_pattern_is_shown_as_that() -> None:
    journey = Journey(Ear(FLEET_KEY, BADGE_KEY), 0)
    for at, on in enumerate((True, False) * 5):
        journey.said(at * 300, ("pin", str(board.MOTOR), str(int(on))))
    journey.tick(60_000)
    assert "no pattern" in str(felt_text(journey))


def test_a_pattern_is_of_its_stage_whichever_line_comes_first() -> None:
    # The badge says both in one breath; the line's delay, taken off, may put either first.
    for since_ms in (-1, 0, 1):
        journey = Journey(Ear(FLEET_KEY, BADGE_KEY), 0)
        for phase, at_ms in ((PHASE_RAISED, 1_000), (PHASE_DELIVERED, 4_000)):
            report = encode_report(Report(KIND_SOS, phase, 1))
            frame = seal_frame(MASK, SEAL, 0, 1, at_ms, report)
            journey.said(at_ms, ("adv", "1", "20", to_advertisement(frame).hex()))
        feel(journey, "delivered", 4_000 + since_ms)
        assert journey.has_felt(Phase.DELIVERED)
        assert not journey.has_felt(Phase.RAISED)


def feel(journey: Journey, name: str, at_ms: int) -> None:
    for at, duration_ms in enumerate(VIBRATION[NAMES.index(name)]):
        journey.said(at_ms, ("pin", str(board.MOTOR), str(int(at % 2 == 0))))
        at_ms += duration_ms
    journey.said(at_ms, ("pin", str(board.MOTOR), "0"))
    journey.tick(at_ms + END_MS)


async def test_the_screen_shows_the_press_and_answers_it(directory: Path, nursery: Nursery) -> None:
    conductor = Conductor(directory, ChainOptions(seed=1, nursery=nursery))
    async with DemoScreen(conductor).run_test(size=(120, 40)) as pilot:
        shown = pilot.app.query_one("#journey", Static)

        async def until(condition: Callable[[], bool]) -> None:
            async with asyncio.timeout(WAIT_S):
                while not condition():
                    await pilot.pause(0.05)

        def reached(stage: Phase) -> bool:
            return conductor.journey is not None and conductor.journey.has_felt(stage)

        await until(lambda: "up" in str(shown.render()))
        await pilot.press("h")
        await until(lambda: reached(Phase.DELIVERED))
        await pilot.press("g")  # the gateway dies and lives in between
        await until(lambda: not next(iter(conductor.chain.gateways.values())).running)
        await pilot.press("g")
        await pilot.press("a")
        await until(lambda: reached(Phase.ACKNOWLEDGED))
        await pilot.press("r")
        await until(lambda: reached(Phase.RESOLVED))
        await pilot.press("q")
