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
from gateway.contract.messages import Phase
from simulator.chain import ChainOptions
from simulator.conductor import Conductor
from simulator.demo import once
from simulator.demo_screen import DemoScreen, felt_text
from simulator.ear import Ear
from simulator.errors import SimulatorError
from simulator.journey import Journey
from simulator.nursery import Nursery
from tests.conftest import BADGE_KEY, FLEET_KEY

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
