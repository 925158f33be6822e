"""The control socket: for the desk's user only, and nothing sent to it takes the desk down."""

import asyncio
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.control import Control
from desk.errors import ControlError, DeskError, StoreError
from desk.lines import MAX_ASK, Told, read_told
from gateway.contract.messages import Phase, Report

from .conftest import Room

MakeReport = Callable[..., Report]


class Visitor:
    """Someone at the other end of the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    @classmethod
    async def enter(cls, room: Room) -> "Visitor":
        return cls(*await asyncio.open_unix_connection(str(room.socket), limit=1 << 20))

    async def hear(self) -> Told:
        async with asyncio.timeout(10):
            return read_told(await self._reader.readline())

    async def hear_snapshot(self) -> list[Told]:
        heard = [await self.hear()]
        while heard[-1].desk is None:
            heard.append(await self.hear())
        return heard

    async def hear_error(self) -> str:
        while True:
            told = await self.hear()
            if told.error is not None:
                return told.error

    async def at_end(self) -> bool:
        async with asyncio.timeout(10):
            return await self._reader.read(1) == b""

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def test_the_socket_is_never_open_to_others(room: Room) -> None:
    assert stat.S_IMODE(room.socket.stat().st_mode) == 0o600


async def test_a_watcher_gets_every_alert_then_the_links_then_changes(
    room: Room, report: MakeReport
) -> None:
    room.report(report())
    visitor = await Visitor.enter(room)
    first, links = await visitor.hear_snapshot()
    assert first.alert is not None
    assert first.alert.alert == "1-2"
    assert links.desk is not None
    visitor.writer.write(b'{"action":"acknowledge","alert":"1-2","by":"Ben","minutes":5}\n')
    changed = (await visitor.hear()).alert
    assert changed is not None
    assert (changed.phase, changed.holder) == (Phase.ACKNOWLEDGED, "Ben")
    await visitor.leave()


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "request: "),
        (b"\xff\xfe", "request: "),
        (b"[" * 2000, "request: "),
        (b"null", "request: "),
        (b'{"action":"dance"}', "request: Invalid value 'dance'"),
        (b'{"action":"resolve","alert":"1-2"}', "missing required field `by`"),
        (b'{"action":"resolve","alert":"1-2","by":""}', "$.by"),
        (b'{"action":"resolve","alert":"1-2","by":"a\\u001b[2J"}', "$.by"),
        (b'{"action":"acknowledge","alert":"1-2","by":"Ben","minutes":255}', "$.minutes"),
        (b'{"action":"resolve","alert":"9-9","by":"Ben"}', "alert 9-9: there is no such alert"),
    ],
)
async def test_a_bad_line_is_answered_and_the_next_good_one_works(
    room: Room, report: MakeReport, line: bytes, complaint: str
) -> None:
    room.report(report())
    visitor = await Visitor.enter(room)
    visitor.writer.write(line + b"\n")
    assert complaint in await visitor.hear_error()
    visitor.writer.write(b'{"action":"resolve","alert":"1-2","by":"Ben"}\n')
    resolved = (await visitor.hear()).alert
    assert resolved is not None
    assert resolved.phase is Phase.RESOLVED
    await visitor.leave()


async def test_a_giant_line_ends_the_connection_and_nothing_else(
    room: Room, report: MakeReport
) -> None:
    other, giant = await Visitor.enter(room), await Visitor.enter(room)
    await other.hear_snapshot()
    giant.writer.write(b"x" * (MAX_ASK * 20))
    assert await giant.hear_error() == f"line: longer than {MAX_ASK} bytes; good bye"
    assert await giant.at_end()
    room.report(report())
    assert (await other.hear()).alert is not None
    await giant.leave()
    await other.leave()


async def test_watchers_are_counted_as_they_come_and_go(room: Room) -> None:
    visitor = await Visitor.enter(room)
    assert await room.watching.get() == 1
    await visitor.leave()
    assert await room.watching.get() == 0


async def test_a_watcher_that_hangs_up_in_the_middle_of_a_line_changes_nothing(
    room: Room, report: MakeReport
) -> None:
    room.report(report())
    visitor = await Visitor.enter(room)
    visitor.writer.write(b'{"action":"resolve","alert":"1-2","by":"Ben"')
    await visitor.leave()
    while await room.watching.get():
        pass
    assert room.records["1-2"].phase is Phase.DELIVERED


async def test_every_watcher_is_in_the_audit_trail_before_it_sees_a_position(room: Room) -> None:
    visitor = await Visitor.enter(room)
    await visitor.hear_snapshot()
    (entry,) = room.store.audit()
    assert (entry.action, entry.alert) == ("look", "*")
    assert entry.who.startswith("uid ")
    await visitor.leave()


async def test_a_second_desk_does_not_take_the_socket(room: Room) -> None:
    second = _control(room.socket)
    with pytest.raises(ControlError, match="another desk runs here; stop it first"):
        await second.run()
    visitor = await Visitor.enter(room)
    await visitor.hear_snapshot()
    await visitor.leave()


async def test_the_socket_of_a_killed_desk_is_taken_over(room: Room) -> None:
    await room.close()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(room.socket))
    await room.open()
    visitor = await Visitor.enter(room)
    await visitor.hear_snapshot()
    await visitor.leave()


async def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.sock"
    path.write_text("precious")
    with pytest.raises(ControlError, match=r"desk\.sock: is no socket; choose another path"):
        await _control(path).run()
    assert path.read_text() == "precious"


async def test_a_database_that_fails_during_an_answer_ends_the_desk(room: Room) -> None:
    await room.close()

    def fail(_: object) -> tuple[str, ...]:
        raise StoreError("desk.db: disk full; make room")

    control = Control(
        room.socket, on_ask=fail, snapshot=tuple, on_watchers=room.watching.put_nowait
    )
    serving = asyncio.create_task(control.run())
    await control.ready.wait()
    visitor = await Visitor.enter(room)
    with pytest.raises(DeskError, match="disk full"):
        await serving
    await visitor.leave()


def _control(path: Path) -> Control:
    return Control(path, on_ask=lambda _: (), snapshot=tuple, on_watchers=lambda _: None)
