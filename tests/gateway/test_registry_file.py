"""New badges and keys are taken without a restart, and nothing is forgotten over it."""

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from gateway.intake import Accepted, Intake
from gateway.registry import BadgeKey, FleetKey, Registry
from gateway.registry_file import RegistryFile
from tests.gateway.conftest import BADGES, FLEET_KEYS, badge_key

NOW_MS = 1_790_000_000_000
WAIT_S = 20
_ONE = f'[[fleet_keys]]\nepoch = 0\nkey = "{"0a" * 16}"\n'


def registry_of(numbers, epochs=(3, 2), new_key_of: int = 0) -> Registry:
    keys = {number: badge_key(number + 1000 * (number == new_key_of)) for number in numbers}
    return Registry(
        tuple(FleetKey(epoch, FLEET_KEYS[epoch].hex()) for epoch in epochs),
        tuple(BadgeKey(number, key.hex()) for number, key in keys.items()),
    )


def test_counters_stay_and_new_badges_are_taken(speaker):
    intake = Intake(registry_of(range(1, 3)))
    old, new = speaker(1), speaker(3)
    first = old.say()
    assert isinstance(intake.hear(NOW_MS, first), Accepted)
    assert intake.hear(NOW_MS, new.say()) is None
    second = old.say()
    assert isinstance(intake.hear(NOW_MS, second), Accepted)
    intake.renew(registry_of(BADGES))
    assert intake.hear(NOW_MS, first) is None
    assert intake.rejected["replay"] == 1
    assert not isinstance(intake.hear(NOW_MS, second), Accepted)
    assert isinstance(intake.hear(NOW_MS, new.say()), Accepted)


def test_who_left_the_registry_is_not_heard_any_more(speaker):
    intake, badge = Intake(registry_of(BADGES)), speaker(1)
    frame = badge.say()
    intake.hear(NOW_MS, frame)
    intake.renew(registry_of(range(2, 6)))
    assert intake.hear(NOW_MS, frame) is None
    assert intake.hear(NOW_MS, badge.say()) is None


def test_a_badge_with_a_new_key_starts_its_counter_anew(speaker):
    intake, badge = Intake(registry_of(BADGES, new_key_of=1)), speaker(1)
    assert intake.hear(NOW_MS, badge.say()) is None
    intake.renew(registry_of(BADGES))
    assert isinstance(intake.hear(NOW_MS, badge.say(counter=1)), Accepted)


def test_an_epoch_that_left_the_registry_is_counted_and_the_next_one_taken(speaker):
    intake = Intake(registry_of(BADGES, epochs=(2,)))
    assert intake.hear(NOW_MS, speaker(1, epoch=3).say()) is None
    assert intake.rejected["epoch"] == 1
    intake.renew(registry_of(BADGES, epochs=(3, 2)))
    assert isinstance(intake.hear(NOW_MS, speaker(1, epoch=3).say()), Accepted)
    assert isinstance(intake.hear(NOW_MS, speaker(2, epoch=2).say()), Accepted)
    intake.renew(registry_of(BADGES, epochs=(3,)))
    assert intake.hear(NOW_MS, speaker(2, epoch=2).say(counter=9)) is None
    assert intake.rejected["epoch"] == 2


async def test_a_changed_file_is_taken_and_a_broken_one_is_refused(tmp_path: Path):
    path, events = tmp_path / "registry.toml", asyncio.Queue()
    _write(path, _ONE)
    log = structlog.wrap_logger(None, processors=[lambda _, __, entry: _note(events, entry)])
    file = RegistryFile(path, events.put_nowait, log, poll_s=0.01)
    running = asyncio.ensure_future(file.run())
    async with asyncio.timeout(WAIT_S):
        _write(path, _ONE + "broken")
        refused = await events.get()
        assert refused["event"] == "registry.refused"
        assert "registry.toml" in refused["reason"]
        _write(path, f'{_ONE}[[badges]]\nnumber = 7\nkey = "{"0b" * 16}"\n')
        assert [badge.number for badge in (await events.get()).badges] == [7]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(0o600)
    new.replace(path)


def _note(events: asyncio.Queue, entry: structlog.typing.EventDict) -> str:
    events.put_nowait(entry)
    raise structlog.DropEvent
