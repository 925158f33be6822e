"""`tocsin-gateway check` and `alarm-test` say what of the alarm works, and what to do."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.services import WebHook
from tests.gateway.conftest import Run

CONFIG = 'fleet = "demo"\nname = "hub-1"\ndatabase = "gateway.db"\nregistry = "registry.toml"\n'
REGISTRY = (
    f'[[fleet_keys]]\nepoch = 0\nkey = "{"0a" * 16}"\n[[badges]]\nnumber = 7\nkey = "{"0b" * 16}"\n'
)
ALARM = '[alarm]\ntargets_file = "alarm.targets"\n'
SIREN = "[alarm.siren]\ngpio = 17\n"


def install(folder: Path, alarm: str = ALARM, *targets: str) -> Path:
    for name, text in (
        ("gateway.toml", CONFIG + alarm),
        ("registry.toml", REGISTRY),
        ("alarm.targets", "\n".join(targets)),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    return folder / "gateway.toml"


@pytest_asyncio.fixture
async def hook() -> AsyncIterator[WebHook]:
    hook = WebHook()
    yield hook
    hook.close()


async def test_a_test_shows_for_each_target_and_output_whether_it_worked(
    tmp_path: Path, gateway: Run, hook: WebHook
):
    config = install(tmp_path, ALARM + SIREN, "# the office", hook.url, "json://127.0.0.1:1/")
    # A thread: the command has an event loop of its own.
    code, said, error = await asyncio.to_thread(gateway, "alarm-test", "--config", config)
    lines = said.splitlines()
    assert lines[0].split() == ["target", "of", "line", "2", "(json)", "worked"]
    assert lines[1].startswith("target of line 3 (json)")
    assert "FAILED  try its URL with: apprise -vv" in lines[1]
    assert "FAILED  $.alarm.siren.gpio: GPIO 17 cannot be used" in lines[2]
    assert code == 1
    assert "hunter2" not in said + error
    assert "no emergency" in hook.arrived.get_nowait().message


async def test_a_test_of_all_that_works_succeeds(tmp_path: Path, gateway: Run, hook: WebHook):
    config = install(tmp_path, ALARM, hook.url)
    code, said, _ = await asyncio.to_thread(gateway, "alarm-test", "--config", config)
    assert code == 0
    assert len(said.splitlines()) == 1


def test_without_an_alarm_there_is_nothing_to_test(tmp_path: Path, gateway: Run):
    code, _, error = gateway("alarm-test", "--config", install(tmp_path, ""))
    assert code == 2
    assert "gateway.toml: $.alarm: there is none; add the table" in error


def test_check_warns_of_gpios_that_are_not_there(tmp_path: Path, gateway: Run):
    code, said, error = gateway(
        "check", "--config", install(tmp_path, ALARM + SIREN, "json://127.0.0.1/")
    )
    assert code == 0
    assert "good" in said
    assert error.startswith("tocsin-gateway: warning: $.alarm.siren.gpio: GPIO 17 cannot be used")


@pytest.mark.parametrize(
    ("alarm", "says"),
    [
        (ALARM, "$.alarm.targets_file: {folder}/alarm.targets: line 1 (jsn): not a URL"),
        ('[alarm]\ntargets_file = "none"\n', "$.alarm.targets_file: {folder}/none: No such file"),
        ("[alarm]\nafter_s = 0\n", "$.alarm.after_s: expected float >= 1"),
        ("[alarm]\nafter = 5\n", "$.alarm.after: unknown key; remove it"),
        ("[alarm.siren]\nsound_s = 5\n", "$.alarm.siren.gpio: missing key; add it"),
        ('[alarm.names]\nseven = "Asha"\n', "$.alarm.names"),
    ],
)
def test_what_is_wrong_with_an_alarm_is_named(tmp_path: Path, gateway: Run, alarm: str, says: str):
    config = install(tmp_path, alarm, "jsn://hub:hunter2@127.0.0.1/")
    code, _, error = gateway("check", "--config", config)
    assert code == 2
    assert says.format(folder=tmp_path) in error
    assert "hunter2" not in error
    assert len(error.splitlines()) == 1
