"""People are called through real services; who is not reached is said, and no secret is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from desk.alert import Key
from desk.notify import NO_WAY, Notifier
from desk.turns import Notified, Notify, StopNotify
from gateway.contract.words import Words
from simulator.services import MailServer, WebHook

WAIT_S = 20
ALERT = Key(1, 2)
WORDS = Words("SOS: Asha N.", "Position: 53.50000, -2.25000")
OFF = Words("No longer open: SOS", "Ben has taken it.")


@pytest_asyncio.fixture
async def hook() -> AsyncIterator[WebHook]:
    hook = WebHook()
    yield hook
    hook.close()


@pytest_asyncio.fixture
async def mail() -> AsyncIterator[MailServer]:
    mail = MailServer()
    await mail.start()
    yield mail
    await mail.stop()


class Switchboard:
    """A notifier for Sam, with the outcomes that it told."""

    def __init__(self, folder: Path, *urls: str, attempt_s: float = WAIT_S) -> None:
        self.file = folder / "sam.urls"
        self.told: asyncio.Queue[Notified] = asyncio.Queue()
        self.write(*urls)
        self.notifier = Notifier(
            {"Sam": str(self.file)}, post=self.told.put_nowait, attempt_s=attempt_s
        )
        self.running = asyncio.ensure_future(self.notifier.run())

    def write(self, *urls: str) -> None:
        self.file.write_text("\n".join(("# Sam, on call", "", *urls)))
        self.file.chmod(0o600)

    def call(self, contact: str = "Sam", alert: Key = ALERT) -> None:
        self.notifier.order(Notify(alert, contact, 1, WORDS))

    async def outcome(self) -> tuple[bool, str]:
        async with asyncio.timeout(WAIT_S):
            told = await self.told.get()
        return told.ok, told.reason

    async def close(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running


async def title(service: WebHook | MailServer) -> str:
    async with asyncio.timeout(WAIT_S):
        return (await service.arrived.get()).title


async def test_a_contact_is_called_at_every_address(
    tmp_path: Path, hook: WebHook, mail: MailServer
) -> None:
    board = Switchboard(tmp_path, hook.url, mail.url)
    board.call()
    assert await board.outcome() == (True, "")
    assert hook.arrived.get_nowait().message == WORDS.body
    assert "53.50000" in (await mail.arrived.get()).message
    await board.close()


async def test_one_address_that_fails_is_said_and_the_contact_is_reached_all_the_same(
    tmp_path: Path, hook: WebHook, mail: MailServer
) -> None:
    await mail.stop()
    board = Switchboard(tmp_path, hook.url, mail.url)
    board.call()
    assert await board.outcome() == (True, "not taken by line 4 (mailto)")
    assert await title(hook) == WORDS.title
    await board.close()


async def test_a_service_that_refuses_has_not_reached_anybody(
    tmp_path: Path, hook: WebHook
) -> None:
    hook.status = 500
    board = Switchboard(tmp_path, hook.url)
    board.call()
    assert await board.outcome() == (False, "not taken by line 3 (json)")
    await board.close()


@pytest.mark.parametrize("spoil", ["gone", "readable", "empty", "nonsense", "unknown"])
async def test_a_contact_without_a_way_fails_at_once_and_a_mended_one_needs_no_restart(
    tmp_path: Path, hook: WebHook, spoil: str
) -> None:
    board = Switchboard(tmp_path, hook.url)
    match spoil:
        case "gone":
            board.file.unlink()
        case "readable":
            board.file.chmod(0o644)
        case "empty":
            board.write()
        case "nonsense":
            board.write("hunter2")
    board.call("Kim" if spoil == "unknown" else "Sam")
    assert await board.outcome() == (False, NO_WAY)
    board.write(hook.url)
    board.call()
    assert await board.outcome() == (True, "")
    await board.close()


class Mute:
    """A service that takes connections, and says nothing until it is let go."""

    def __init__(self) -> None:
        self._visitors: list[asyncio.StreamWriter] = []
        self._let_go = False
        self.entered = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Its Apprise URL."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return f"json://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"

    def _take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._visitors.append(writer)
        self.entered.set()
        if self._let_go:
            writer.close()

    def let_go(self) -> None:
        """Hang up on everybody, from now on at once."""
        self._let_go = True
        for writer in self._visitors:
            writer.close()

    async def stop(self) -> None:
        self.let_go()
        if self._server is not None:
            self._server.close()


@pytest_asyncio.fixture
async def mute() -> AsyncIterator[Mute]:
    mute = Mute()
    yield mute
    await mute.stop()


async def test_a_service_that_hangs_has_failed_after_a_while_and_holds_up_nobody(
    tmp_path: Path, mute: Mute, mail: MailServer
) -> None:
    board = Switchboard(tmp_path, await mute.start(), mail.url, attempt_s=0.5)
    board.call()
    assert await title(mail) == WORDS.title
    assert await board.outcome() == (True, "not taken by line 3 (json)")
    await board.close()


async def test_calling_off_ends_what_waits_and_tells_those_who_were_called(
    tmp_path: Path, hook: WebHook
) -> None:
    board = Switchboard(tmp_path, hook.url)
    board.call()
    assert await board.outcome() == (True, "")
    board.notifier.order(StopNotify(ALERT, ("Sam", "Kim"), OFF))
    assert [await title(hook), await title(hook)] == [WORDS.title, OFF.title]
    await board.close()


async def test_what_is_under_way_when_it_is_called_off_has_no_outcome(
    tmp_path: Path, mute: Mute
) -> None:
    board = Switchboard(tmp_path, await mute.start())
    board.call()
    async with asyncio.timeout(WAIT_S):
        await mute.entered.wait()
    board.notifier.order(StopNotify(ALERT, (), OFF))
    board.call(alert=Key(1, 3))  # waits behind the first, for it is the same address
    mute.let_go()
    async with asyncio.timeout(WAIT_S):
        told = await board.told.get()
    assert told == Notified(Key(1, 3), "Sam", False, "not taken by line 3 (json)")
    await board.close()


async def test_no_log_and_no_outcome_holds_a_password_or_a_position(
    tmp_path: Path, hook: WebHook
) -> None:
    hook.status = 500
    with structlog.testing.capture_logs() as log:
        board = Switchboard(tmp_path, hook.url)
        board.call()
        ok, reason = await board.outcome()
        await board.close()
    assert (ok, log[0]["event"]) == (False, "called")
    for secret in ("hunter2", "53.5", "Asha"):
        assert secret not in f"{log} {reason} {board.notifier!r} {board.notifier._lines!r}"


async def test_what_fails_in_the_desk_ends_the_notifier(tmp_path: Path, hook: WebHook) -> None:
    class FullDiskError(Exception):
        pass

    def fail(_: Notified) -> None:
        raise FullDiskError

    board = Switchboard(tmp_path, hook.url)
    board.notifier._post = fail
    board.call()
    with pytest.raises(FullDiskError):
        async with asyncio.timeout(WAIT_S):
            await board.running
