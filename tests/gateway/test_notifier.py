"""Notifications reach whom they can, through real services, and say no secret on the way."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from gateway.alarm.notifier import Notifier
from gateway.alarm.options import AlarmOptions
from gateway.alarm.rehearsal import rehearse
from gateway.alarm.targets import read_targets
from gateway.contract.words import Words
from gateway.errors import ConfigError
from gateway.steps import Call, Called, CallOff
from simulator.services import MailServer, WebHook

WAIT_S = 20
WORDS = Words("SOS: badge 7", "Position: 53.50000, -2.25000")
OFF = Words("Now known", "It has reached the desk.")


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


class Office:
    """A notifier with the outcomes that it told, and its log."""

    def __init__(self, targets, attempt_s: float = WAIT_S) -> None:
        self.told: asyncio.Queue[Called] = asyncio.Queue()
        self.log: list[structlog.typing.EventDict] = []
        log = structlog.wrap_logger(None, processors=[self._note])
        self.notifier = Notifier(
            targets, post=self.told.put_nowait, log=log, attempt_s=attempt_s, retry_s=0.01
        )
        self.running = asyncio.ensure_future(self.notifier.run())

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.log.append(entry)
        raise structlog.DropEvent

    async def outcome(self) -> tuple[int, int, bool]:
        """Number of the call, targets reached, whether that was all."""
        async with asyncio.timeout(WAIT_S):
            called = await self.told.get()
        return called.call, called.reached, called.last

    async def close(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running


def targets_file(folder: Path, *lines: str) -> Path:
    path = folder / "alarm.targets"
    path.write_text("\n".join(("# whom to call", "", *lines)))
    path.chmod(0o600)
    return path


async def arrives(service: WebHook | MailServer) -> str:
    async with asyncio.timeout(WAIT_S):
        return (await service.arrived.get()).title


async def test_a_call_reaches_a_web_hook_and_a_mailbox(
    tmp_path: Path, hook: WebHook, mail: MailServer
):
    office = Office(read_targets(targets_file(tmp_path, hook.url, mail.url)))
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 2, True)
    assert hook.arrived.get_nowait().message == WORDS.body
    assert "53.50000" in (await mail.arrived.get()).message
    await office.close()


async def test_a_service_that_is_down_is_tried_until_it_is_back_and_holds_up_nobody(
    tmp_path: Path, hook: WebHook, mail: MailServer
):
    await mail.stop()
    office = Office(read_targets(targets_file(tmp_path, hook.url, mail.url)))
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 1, False)
    await mail.start()
    outcome = (1, 1, False)
    while outcome == (1, 1, False):
        outcome = await office.outcome()
    assert outcome == (1, 2, True)
    assert await arrives(mail) == WORDS.title
    assert hook.arrived.qsize() == 1
    await office.close()


async def test_a_service_that_refuses_is_not_reached(tmp_path: Path, hook: WebHook):
    hook.status = 500
    office = Office(read_targets(targets_file(tmp_path, hook.url)))
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 0, False)
    await office.close()


async def test_calling_off_ends_the_tries_and_tells_those_who_were_reached(
    tmp_path: Path, hook: WebHook
):
    refusing = WebHook()
    refusing.status = 500
    office = Office(read_targets(targets_file(tmp_path, hook.url, refusing.url)))
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 1, False)
    office.notifier.order(CallOff(7, 1, OFF))
    last = False
    while not last:
        *_, last = await office.outcome()
    assert [await arrives(hook), await arrives(hook)] == [WORDS.title, OFF.title]
    await office.close()
    told = {refusing.arrived.get_nowait().title for _ in range(refusing.arrived.qsize())}
    assert told == {WORDS.title}
    refusing.close()


async def test_calls_of_an_earlier_run_are_called_off_everywhere(tmp_path: Path, hook: WebHook):
    office = Office(read_targets(targets_file(tmp_path, hook.url)))
    office.notifier.order(CallOff(7, 1, OFF))
    assert await arrives(hook) == OFF.title
    await office.close()


async def test_a_new_call_takes_the_place_of_the_one_before(tmp_path: Path, hook: WebHook):
    hook.status = 500
    office = Office(read_targets(targets_file(tmp_path, hook.url)))
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 0, False)
    hook.status = 200
    office.notifier.order(Call(7, 1, 2, OFF))
    outcome = (1, 0, False)
    while outcome[0] == 1:
        outcome = await office.outcome()
    assert outcome == (2, 1, True)
    await office.close()


class Stuck:
    """A service that neither takes nor refuses until it is released."""

    line, scheme = 9, "stuck"

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []

    def send(self, words: Words) -> bool:
        self.asked.append(words.title)
        return self.released.wait(WAIT_S)


async def test_what_is_ordered_during_a_slow_attempt_is_carried_out_in_its_order():
    stuck = Stuck()
    office = Office((stuck,))
    for order in (Call(7, 1, 1, WORDS), Call(7, 1, 2, WORDS), CallOff(7, 1, OFF)):
        office.notifier.order(order)
    stuck.released.set()
    assert [await office.outcome(), await office.outcome()] == [(1, 1, True), (2, 0, True)]
    office.notifier.order(Call(7, 1, 3, WORDS))
    assert await office.outcome() == (3, 1, True)
    assert stuck.asked == [WORDS.title, OFF.title, WORDS.title]
    await office.close()


async def test_calling_off_tells_those_too_whom_only_an_earlier_call_reached(
    tmp_path: Path, hook: WebHook
):
    other = WebHook()
    office = Office(read_targets(targets_file(tmp_path, hook.url, other.url)))
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 2, True)
    other.status = 500
    office.notifier.order(Call(7, 1, 2, WORDS))
    assert await office.outcome() == (2, 1, False)
    other.status = 200
    while other.arrived.qsize():
        other.arrived.get_nowait()
    office.notifier.order(CallOff(7, 1, OFF))
    while await arrives(other) != OFF.title:
        pass
    await office.close()
    other.close()


async def test_a_service_that_hangs_has_failed_and_holds_up_nobody(tmp_path: Path, hook: WebHook):
    stuck = Stuck()
    office = Office((stuck, *read_targets(targets_file(tmp_path, hook.url))), attempt_s=0.5)
    office.notifier.order(Call(7, 1, 1, WORDS))
    assert await office.outcome() == (1, 1, False)
    stuck.released.set()
    await office.close()


async def test_neither_passwords_nor_positions_are_in_the_log(tmp_path: Path, hook: WebHook, capfd):
    hook.status = 500
    targets = read_targets(targets_file(tmp_path, hook.url))
    office = Office(targets)
    office.notifier.order(Call(7, 1, 1, WORDS))
    await office.outcome()
    await office.close()
    said = repr((office.log, targets)) + "".join(capfd.readouterr())
    assert "line 3 (json)" in said
    for secret in ("hunter2", "53.5", "127.0.0.1"):
        assert secret not in said


@pytest.mark.parametrize("line", ["nonsense", "json://", "mailt://a:hunter2@example.org", "://"])
def test_a_url_that_cannot_be_used_is_named_by_line_and_scheme_alone(tmp_path: Path, line: str):
    with pytest.raises(ConfigError, match=r"alarm\.targets: line 4 \(") as refused:
        read_targets(targets_file(tmp_path, "json://127.0.0.1", line))
    assert "hunter2" not in str(refused.value)
    assert "example.org" not in str(refused.value)


def test_a_file_of_targets_without_a_target_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="no target; add an Apprise URL"):
        read_targets(targets_file(tmp_path))


def test_a_file_of_targets_that_others_may_read_is_refused(tmp_path: Path):
    path = targets_file(tmp_path, "json://127.0.0.1")
    path.chmod(0o640)
    with pytest.raises(ConfigError, match=r"alarm\.targets_file: .*chmod 600"):
        read_targets(path)


async def test_a_rehearsal_says_of_each_target_whether_it_worked(tmp_path: Path, hook: WebHook):
    options = AlarmOptions(targets_file=str(targets_file(tmp_path, hook.url, "json://127.0.0.1:1")))
    results = await rehearse(options, "hub-1")
    assert [(result.name, result.worked) for result in results] == [
        ("target of line 3 (json)", True),
        ("target of line 4 (json)", False),
    ]
    assert await arrives(hook) == "TEST of the alarm"
