"""A run as it goes: on a screen, and without one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from simulator.errors import SimulatorError
from simulator.lockstep.log import Entry
from simulator.plans import load
from simulator.promises import Broken, Promises
from simulator.scenario.story import Story
from simulator.watch.commands import tell, watch
from simulator.watch.plan_view import PlanView
from simulator.watch.playback import Playback
from simulator.watch.reel import Reel
from simulator.watch.screen import WatchScreen
from simulator.watch.source import LogSource, PlayedSource, Source

Played = tuple[tuple[Entry, ...], tuple[Broken, ...]]


class Shelf:
    """A source of entries that are all there."""

    def __init__(self, entries: tuple[Entry, ...], error: SimulatorError | None = None) -> None:
        self._entries = list(entries)
        self._error = error

    @property
    def complete(self) -> bool:
        return not self._entries and self._error is None

    def take(self, most: int) -> list[Entry]:
        if not self._entries and self._error is not None:
            raise self._error
        taken, self._entries = self._entries[:most], self._entries[most:]
        return taken

    def close(self) -> None:
        pass


@pytest.fixture
def reel(story: Story, entries: tuple[Entry, ...]) -> Reel:
    return Reel(Shelf(entries), Playback(60), Promises(story), ("Asha", "Ben"))


class Seat:
    """Somebody before the screen, whose seconds are counted by hand."""

    def __init__(self, screen: WatchScreen, pilot: Pilot[None], clock: list[float]) -> None:
        self.screen = screen
        self.pilot = pilot
        self._clock = clock

    def text(self, name: str) -> str:
        return str(self.screen.query_one(f"#{name}", Static).render())

    async def until(self, words: str, name: str = "head") -> str:
        async with asyncio.timeout(60):
            while words not in self.text(name):
                self._clock[0] += 1.0
                self.screen.turn()
                await self.pilot.pause()
        return self.text(name)


@asynccontextmanager
async def seated(reel: Reel, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Seat]:
    clock = [0.0]
    screen = WatchScreen(reel, PlanView(load("clinic")), lambda: clock[0])
    async with screen.run_test(size=size) as pilot:
        yield Seat(screen, pilot, clock)


async def test_a_call_is_seen_to_come_and_to_be_taken(reel: Reel) -> None:
    async with seated(reel, (150, 40)) as seat:
        assert "Asha call for help" in await seat.until("Asha", "alerts")
        assert "Asha call for help acknowledged" in await seat.until("acknowledged", "alerts")
        assert "Asha feels acknowledged" in await seat.until("Asha feels acknowledged", "ticker")


async def test_at_the_end_it_says_how_the_promises_fared(reel: Reel, played: Played) -> None:
    async with seated(reel) as seat:
        head = await seat.until("over:")
        assert "8:00 of 8:00" in head
        assert ("all 8 promises held" in head) == (not played[1])
    assert tuple(reel.broken or ()) == played[1]


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (40, 20), (20, 10)])
async def test_it_fits_into_any_terminal(reel: Reel, size: tuple[int, int]) -> None:
    async with seated(reel, size) as seat:
        assert "Much at once" in await seat.until("Much at once")


async def test_keys_pause_change_the_speed_and_the_floor(reel: Reel) -> None:
    async with seated(reel) as seat:
        await seat.until("Much at once")
        await seat.pilot.press("space")
        stood = await seat.until("paused")
        await seat.pilot.press("f")
        assert seat.text("head") == stood
        await seat.pilot.press("space", "plus")
        assert "120 times as fast" in await seat.until("120 times")
        await seat.pilot.press("minus", "minus")
        assert "20 times as fast" in await seat.until("20 times as fast")


async def test_a_run_that_cannot_go_on_ends_the_screen_with_its_reason(
    story: Story, entries: tuple[Entry, ...]
) -> None:
    broken_off = Shelf(entries[:50], SimulatorError("run.jsonl:51: is cut off"))
    screen = WatchScreen(Reel(broken_off, Playback(0), Promises(story)), None, lambda: 0.0)
    async with screen.run_test() as pilot:
        async with asyncio.timeout(30):
            while screen.return_code is None:
                await pilot.pause(0.02)
    assert screen.return_code == 1


def test_without_a_screen_each_thing_is_a_line(reel: Reel) -> None:
    lines: list[str] = []
    seconds = count()
    tell(reel, lines.append, lambda: float(next(seconds)), lambda _: None)
    assert "  1:00  Asha holds the button" in lines
    assert lines[-1].startswith("Much at once  8:00 of 8:00")


def drained(source: Source) -> list[Entry]:
    """All that it gives."""
    found: list[Entry] = []
    while not source.complete:
        found += source.take(500)
    return found


def test_a_story_is_played_behind_the_scene_as_it_is_played_before_it(
    story: Story, entries: tuple[Entry, ...]
) -> None:
    source = PlayedSource(story, load("clinic"), 1)
    assert tuple(drained(source)) == entries
    source.close()


def test_a_run_that_nobody_watches_any_more_ends(story: Story) -> None:
    source = PlayedSource(story, load("clinic"), 1, room=10)
    source.close()  # and does not wait for somebody to take the rest
    assert len(source.take(1_000)) <= 10


def test_what_goes_wrong_in_a_run_is_told_to_whoever_watches(story: Story) -> None:
    source = PlayedSource(story, load("street"), 1)  # has none of the story's places
    with pytest.raises(SimulatorError, match="room 2"):
        drained(source)
    source.close()


def test_a_log_is_watched_like_a_run(tmp_path: Path, entries: tuple[Entry, ...]) -> None:
    log = tmp_path / "run.jsonl"
    log.write_text("".join(entry.line() + "\n" for entry in entries))
    source = LogSource(log)
    assert [entry.line() for entry in drained(source)] == [entry.line() for entry in entries]


def test_the_command_tells_a_log_where_there_is_no_terminal(
    tmp_path: Path, entries: tuple[Entry, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "run.jsonl"
    log.write_text("".join(entry.line() + "\n" for entry in entries))
    watch(str(log), speed=0)
    said = capsys.readouterr().out
    assert "Asha feels acknowledged" in said
    assert "nobody checked the promises" in said
    with pytest.raises(SimulatorError, match=r"no\.jsonl: No such file"):
        watch(str(tmp_path / "no.jsonl"))
    with pytest.raises(SimulatorError, match="no story is called"):
        watch("nothing")
