"""What a supervisor sees of visits, of silence, and of the people who are called."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from desk.core import Setting
from desk.options import VisitOptions
from desk.spans import due, span
from desk.turns import Notified, Notify, Tick
from gateway.contract.messages import Kind, Phase, Report
from gateway.contract.topics import Topics

from .conftest import Room
from .office import CHAIN, WAIT_S
from .test_control import Visitor
from .test_watch import Seat, seated, watch_of

MakeReport = Callable[..., Report]
SETTING = Setting(
    wearers={1: "Asha N.", 2: "Ben O."},
    escalation=CHAIN,
    visits=VisitOptions(minutes=30, grace_s=60),
)


@pytest_asyncio.fixture
async def room(topics: Topics) -> AsyncIterator[Room]:
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), topics, SETTING)
        await room.open()
        yield room
        await room.close()
        room.store.close()


def later(room: Room, seconds: float) -> None:
    room.now_ms += round(seconds * 1000)
    room.engine.step(Tick())
    room.refresh()


def lines(seat: Seat) -> list[str]:
    return seat.text("#duty").splitlines()


@pytest.mark.parametrize(
    ("elapsed_ms", "shown"),
    [(-5, "0:00"), (40_000, "0:40"), (725_999, "12:05"), (12_000_000, "3:20:00")],
)
def test_a_span_reads_like_a_clock(elapsed_ms: int, shown: str) -> None:
    assert span(elapsed_ms) == shown


def test_a_visit_that_is_due_says_that_it_will_ring() -> None:
    assert due(90_000, 0).startswith("due in 1:30 (")
    told = due(0, 90_000)
    assert told.startswith("DUE 1:30 ago (")
    assert told.endswith("), will ring")


async def test_where_an_escalation_stands_is_seen_and_goes_on(
    room: Room, report: MakeReport
) -> None:
    room.report(report())
    async with seated(room) as seat:
        later(room, 25)
        await seat.until(
            lambda: lines(seat) == ["Asha N., SOS: called Sam 0:25 ago, next Kim, Lee in 0:15"]
        )
        later(room, 15)
        later(room, WAIT_S)
        await seat.until(
            lambda: (
                lines(seat)
                == ["Asha N., SOS: called Sam 0:00 ago, next Kim, Lee in 0:40 (round 2)"]
            )
        )
        await seat.pilot.press("a", "5", "enter")
        await seat.until(lambda: not seat.app.query_one("#duty").display)


async def test_a_visit_is_seen_with_its_due_time_and_rings_when_it_is_missed(
    room: Room, report: MakeReport
) -> None:
    room.report(report(heard_ms=room.now_ms, kind=Kind.CHECK_IN))
    async with seated(room) as seat:
        later(room, 60)
        await seat.until(lambda: lines(seat)[:1] and "due in 29:00" in lines(seat)[0])
        assert lines(seat)[0].startswith("visit of Asha N.: due in 29:00 (")
        later(room, 29 * 60 + 30)
        await seat.until(lambda: "DUE 0:30 ago" in lines(seat)[0])
        assert not watch_of(seat)._ringing()
        later(room, 30)
        await seat.until(lambda: "OVERDUE" in seat.rows[0])
        assert "1 alert waits for an answer" in seat.text("#calls")
        assert lines(seat)[0].startswith("Asha N., OVERDUE: called Sam")
        await seat.pilot.press("enter")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        told = seat.text("#details")
        for words in ("overdue   since", "people    called Sam", "no check out"):
            assert words in told


async def test_a_silent_badge_is_seen_with_since_when(room: Room, report: MakeReport) -> None:
    room.report(report(heard_ms=room.now_ms, kind=Kind.CHECK_IN))
    async with seated(room) as seat:
        later(room, 245)
        await seat.until(lambda: lines(seat)[-1:] == ["not heard: Asha N. for 4m05"])
        await seat.until(lambda: "! Asha N." in seat.rows[0])


async def test_a_hole_in_the_chain_is_seen(room: Room) -> None:
    async with seated(room) as seat:
        room.holes = ("step 2 of the escalation chain is empty; name a contact",)
        room.refresh()
        await seat.until(
            lambda: lines(seat) == ["! step 2 of the escalation chain is empty; name a contact"]
        )


async def test_many_visits_and_calls_leave_room_for_the_alerts(
    room: Room, report: MakeReport
) -> None:
    for badge in range(1, 9):
        visit = report(badge=badge, heard_ms=room.now_ms, kind=Kind.CHECK_IN)
        room.report(visit)
        room.report(report(badge=badge, event=3, counter=11, heard_ms=room.now_ms))
    async with seated(room) as seat:
        later(room, 1)
        await seat.until(lambda: "and 4 more visits, due later" in lines(seat))
        assert "people are called for 4 more" in lines(seat)
        assert seat.table.size.height >= 8


async def test_a_supervisor_sets_and_ends_a_visit_with_a_key(
    room: Room, report: MakeReport
) -> None:
    room.report(report(heard_ms=room.now_ms, kind=Kind.CHECK_IN))
    async with seated(room) as seat:
        await seat.until(lambda: seat.rows)
        await seat.pilot.press("v", "enter")  # nothing typed, nothing set
        await seat.pilot.press("v", "9", "0", "enter")
        await seat.until(lambda: room.engine.records[0].visit_due_at)
        await seat.until(lambda: [one.action for one in room.store.audit()][-1] == "set visit")
        room.refresh()
        await seat.until(lambda: "due in 1:30:00" in lines(seat)[0])
        await seat.pilot.press("v", "e", "enter")
        await seat.until(lambda: [one.action for one in room.store.audit()][-1] == "end visit")
        room.refresh()
        await seat.until(lambda: not seat.app.query_one("#duty").display)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"action":"set_visit","badge":1,"by":"Ben","minutes":0}', "$.minutes"),
        (b'{"action":"set_visit","badge":1,"by":"Ben","minutes":1441}', "$.minutes"),
        (b'{"action":"extend_visit","badge":0,"by":"Ben","minutes":5}', "$.badge"),
        (b'{"action":"end_visit","badge":1}', "missing required field `by`"),
        (b'{"action":"end_visit","badge":1,"by":"Ben"}', "badge 1: no visit is running"),
    ],
)
async def test_a_request_about_visits_that_cannot_be_is_answered(
    room: Room, line: bytes, complaint: str
) -> None:
    visitor = await Visitor.enter(room)
    visitor.writer.write(line + b"\n")
    assert complaint in await visitor.hear_error()
    await visitor.leave()


async def test_requests_about_visits_are_carried_out_and_audited(
    room: Room, report: MakeReport
) -> None:
    room.report(report(heard_ms=room.now_ms, kind=Kind.CHECK_IN))
    visitor = await Visitor.enter(room)
    for ask in (
        b'{"action":"set_visit","badge":1,"by":"Ben","minutes":10}',
        b'{"action":"extend_visit","badge":1,"by":"Ben","minutes":5}',
        b'{"action":"end_visit","badge":1,"by":"Ben"}',
    ):
        visitor.writer.write(ask + b"\n")
    async with asyncio.timeout(10):
        while (await visitor.hear()).alert is None or room.engine.view(
            broker=True, reason="", supervisors=1
        ).visits:
            pass
    told = [(one.action, one.outcome) for one in room.store.audit() if one.who == "Ben"]
    assert told == [("set visit", "10 min"), ("extend visit", "5 min"), ("end visit", "done")]
    assert [command.argument for command in room.commands if command.argument is not None] == [
        30,
        10,
        15,
        0,
    ]
    await visitor.leave()


async def test_a_contact_who_is_not_reached_is_a_warning_that_is_seen(
    room: Room, report: MakeReport
) -> None:
    room.report(report(phase=Phase.RAISED))
    (call,) = room.notified
    assert isinstance(call, Notify)
    room.engine.step(Notified(call.alert, call.contact, False, "not taken by line 1 (sms)"))
    async with seated(room) as seat:
        await seat.until(lambda: "! Asha N." in seat.rows[0])
        await seat.pilot.press("enter")
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        told = " ".join(seat.text("#details").split())
        assert "Sam could not be called: not taken by line 1 (sms)" in told
