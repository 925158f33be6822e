"""The supervisor's terminal: shows what must be answered first, rings, and answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from desk.table import AlertTable
from desk.watch import WatchApp
from gateway.contract.messages import Kind, Phase, Position, Report

from .conftest import Room

MakeReport = Callable[..., Report]


class HeardWatch(WatchApp):
    """The view, with a bell that can be heard by a test."""

    def __init__(self, room: Room) -> None:
        super().__init__(room.socket, "Ben", lambda: room.now_ms, bell_s=0.02)
        self.rung = asyncio.Event()

    def bell(self) -> None:
        self.rung.set()


class Seat:
    """A supervisor in front of the view."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.app = pilot.app

    @property
    def table(self) -> AlertTable:
        return self.app.screen_stack[0].query_one(AlertTable)

    @property
    def rows(self) -> list[str]:
        return [
            " | ".join(str(cell) for cell in self.table.get_row_at(row))
            for row in range(self.table.row_count)
        ]

    def text(self, selector: str) -> str:
        return str(self.app.screen_stack[-1].query_one(selector, Static).render())

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await self.pilot.pause()


@asynccontextmanager
async def seated(room: Room, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Seat]:
    app = HeardWatch(room)
    async with app.run_test(size=size) as pilot:
        seat = Seat(pilot)
        await seat.until(lambda: "watching" in seat.text("#links"))
        yield seat


def watch_of(seat: Seat) -> HeardWatch:
    assert isinstance(seat.app, HeardWatch)
    return seat.app


async def test_alerts_are_listed_the_most_urgent_first(room: Room, report: MakeReport) -> None:
    room.report(report(event=1, counter=1, kind=Kind.TEST))
    room.report(report(event=2, counter=2, kind=Kind.MAN_DOWN, phase=Phase.PENDING))
    room.report(report(event=3, counter=3, covert=True))
    async with seated(room) as seat:
        await seat.until(lambda: len(seat.rows) == 3)
        assert seat.rows == [
            "1s | Asha N. | SOS covert | delivered | 53.5000,-2.2500 ±8m 6s",
            "1s | Asha N. | MAN DOWN | pending | 53.5000,-2.2500 ±8m 6s",
            "1s | Asha N. | test | delivered | 53.5000,-2.2500 ±8m 6s",
        ]
        assert "1 alert waits for an answer" in seat.text("#calls")


async def test_a_wide_terminal_shows_the_gateways_and_the_full_position(
    room: Room, report: MakeReport
) -> None:
    room.report(report())
    room.report(report(gateway="hub-2"))
    async with seated(room, (120, 40)) as seat:
        await seat.until(lambda: seat.rows)
        assert seat.rows == [
            "1s | Asha N. | SOS | delivered | 53.50000,-2.25000 ±8m 6s | hub-1, hub-2"
        ]


@pytest.mark.parametrize("width", [80, 100, 114, 120])
async def test_the_worst_position_is_never_cut(room: Room, report: MakeReport, width: int) -> None:
    far = Position(latitude=-89.123456, longitude=-179.123456, age_s=3000, accuracy_m=16384)
    room.report(report(position=far))
    async with seated(room, (width, 24)) as seat:
        await seat.until(lambda: seat.rows)
        assert "-89.123,-179.123 ±16km 50m01" in seat.rows[0]


async def test_it_rings_until_a_person_takes_the_alert(room: Room, report: MakeReport) -> None:
    async with seated(room) as seat:
        watch = watch_of(seat)
        assert not watch.rung.is_set()
        room.report(report())
        async with asyncio.timeout(10):
            await watch.rung.wait()
        await seat.pilot.press("a", "1", "5", "enter")
        await seat.until(lambda: "15min Ben" in seat.rows[0])
        assert "nobody waits" in seat.text("#calls")
        assert room.records["1-2"].minutes_until_help == 15
        assert room.records["1-2"].holder == "Ben"


@pytest.mark.parametrize("quiet", [{"drill": True}, {"kind": Kind.TEST}, {"phase": Phase.PENDING}])
async def test_drills_tests_and_what_may_still_be_cancelled_show_but_do_not_ring(
    room: Room, report: MakeReport, quiet: dict[str, object]
) -> None:
    room.report(report(**quiet))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        assert "nobody waits" in seat.text("#calls")
        assert not watch_of(seat)._ringing()


async def test_enter_alone_means_that_nobody_knows_when_help_comes(
    room: Room, report: MakeReport
) -> None:
    room.report(report())
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        await seat.pilot.press("a", "x", "enter")
        await seat.until(lambda: "Ben" in seat.rows[0])
        assert room.records["1-2"].minutes_until_help is None


async def test_only_a_clear_yes_resolves(room: Room, report: MakeReport) -> None:
    room.report(report())
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        await seat.pilot.press("r", "n")
        await seat.pilot.press("r", "enter")
        assert "resolve" not in {entry.action for entry in room.store.audit()}
        await seat.pilot.press("r", "y")
        await seat.until(lambda: "resolved" in seat.rows[0])
        assert room.records["1-2"].phase is Phase.RESOLVED


async def test_details_tell_the_timeline_and_the_look_is_kept(
    room: Room, report: MakeReport
) -> None:
    room.report(report(covert=True, badge=9))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        await seat.pilot.press("enter")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        told = seat.text("#details")
        for word in ("SOS covert", "badge 9", "raised", "delivered", "desk", "warning", "+1.00s"):
            assert word in told
        await seat.until(lambda: any(entry.alert == "9-2" for entry in room.store.audit()))
        assert {entry.who for entry in room.store.audit()} >= {"Ben"}
        await seat.pilot.press("escape")
        assert len(seat.app.screen_stack) == 1


async def test_the_cursor_stays_on_its_alert_when_a_worse_one_arrives(
    room: Room, report: MakeReport
) -> None:
    room.report(report(kind=Kind.MAN_DOWN, phase=Phase.PENDING))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        room.report(report(event=3, counter=11))
        await seat.until(lambda: len(seat.rows) == 2)
        assert seat.table.selected is not None
        assert seat.table.selected.alert == "1-2"


async def test_the_cursor_leaves_what_is_over_for_who_still_waits(
    room: Room, report: MakeReport
) -> None:
    room.report(report(kind=Kind.TEST))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        room.report(report(event=3, counter=11))
        await seat.until(lambda: len(seat.rows) == 2)
        await seat.until(lambda: seat.table.selected and seat.table.selected.alert == "1-3")


async def test_a_refusal_is_shown(room: Room, report: MakeReport) -> None:
    room.report(report(kind=Kind.TEST))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        await seat.pilot.press("a", "enter")
        await seat.until(lambda: seat.app._notifications)
        (note,) = seat.app._notifications
        assert note.message == "alert 1-2: a test calls for nobody, and closed itself"


async def test_a_lost_desk_is_shown_large_rings_once_and_keys_say_so(
    room: Room, report: MakeReport
) -> None:
    room.report(report(drill=True))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        await room.close()
        await seat.until(lambda: seat.app.query_one("#lost").display)
        assert watch_of(seat).rung.is_set()
        assert "NO CONNECTION TO THE DESK" in seat.text("#lost")
        assert len(seat.rows) == 1
        await seat.pilot.press("a", "enter")
        await seat.until(lambda: seat.app._notifications)
        (note,) = seat.app._notifications
        assert note.message == "The desk is away: not sent. Try again."
        await room.open()
        await seat.until(lambda: not seat.app.query_one("#lost").display)
        assert len(seat.rows) == 1


async def test_ages_go_on_without_messages(room: Room, report: MakeReport) -> None:
    room.report(report())
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        room.now_ms += 244_000
        await seat.until(lambda: seat.rows[0].startswith("4m05 |"))


async def test_an_empty_list_has_nothing_to_answer(room: Room) -> None:
    async with seated(room) as seat:
        await seat.pilot.press("a", "r", "enter")
        assert len(seat.app.screen_stack) == 1
