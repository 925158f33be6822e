"""Whether the chain of people holds is known before it matters."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from desk.chain import holes
from desk.config import load_config
from desk.errors import ConfigError
from desk.night import HOUR, seconds_to_night

CHAIN = """
fleet = "demo"
[escalation]
steps = [{contacts = ["Sam", "Kim"], wait_s = 60}, {contacts = ["Lee"]}]
[[contacts]]
name = "Sam"
urls_file = "sam.urls"
[[contacts]]
name = "Kim"
urls_file = "kim.urls"
[[contacts]]
name = "Lee"
urls_file = "lee.urls"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "desk.toml").write_text(CHAIN)
    for name in ("sam", "kim", "lee"):
        file = tmp_path / f"{name}.urls"
        file.write_text(
            "# on call\njson://127.0.0.1/\nmailto://127.0.0.1/ops@example.org?from=desk@example.org\n"
        )
        file.chmod(0o600)
    return tmp_path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desk", "check", "--config", str(folder / "desk.toml")],
        capture_output=True,
        text=True,
        check=False,
    )


def found(folder: Path) -> tuple[str, ...]:
    config = load_config(folder / "desk.toml")
    return holes(config.escalation, config.urls_files)


def test_check_shows_the_whole_chain_and_how_everybody_is_called(folder: Path) -> None:
    ended = check(folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    for word in ("Sam", "Kim", "Lee", "json, mailto", "60 s", "120 s", "good; fleet demo"):
        assert word in ended.stdout


def test_check_names_each_hole_in_one_line_says_what_to_do_and_tells_no_secret(
    folder: Path,
) -> None:
    (folder / "sam.urls").chmod(0o644)
    (folder / "lee.urls").write_text("json://127.0.0.1/\nhunter2://secret\n")
    ended = check(folder)
    assert ended.returncode == 2
    assert "no way" in ended.stdout
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"tocsin-desk: {folder}/desk.toml: $.escalation: contact Sam: ")
    assert f"run: chmod 600 {folder}/sam.urls; contact Lee: " in line
    assert "line 2 (hunter2): not a URL that Apprise can use" in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("before", "after", "hole"),
    [
        ('{contacts = ["Lee"]}', "{contacts = []}", "step 2 of the escalation chain is empty"),
        ("sam.urls", "gone.urls", "No such file or directory; make it, or correct the path"),
        (
            'steps = [{contacts = ["Sam", "Kim"], wait_s = 60}, {contacts = ["Lee"]}]',
            "",
            "no steps",
        ),
    ],
)
def test_a_hole_is_found_and_ends_no_desk(folder: Path, before: str, after: str, hole: str) -> None:
    assert found(folder) == ()
    (folder / "desk.toml").write_text(CHAIN.replace(before, after))
    (text,) = found(folder)
    assert hole in text


def test_an_empty_file_of_addresses_is_a_hole(folder: Path) -> None:
    (folder / "kim.urls").write_text("# nothing yet\n")
    (text,) = found(folder)
    assert text.endswith("no target; add an Apprise URL, one a line")


def test_no_escalation_at_all_is_said(folder: Path) -> None:
    (folder / "desk.toml").write_text('fleet = "demo"\n')
    ended = check(folder)
    assert ended.returncode == 0
    assert "no escalation is configured: nobody is called but those who watch" in ended.stdout
    assert found(folder) == ("no escalation is configured: nobody is called but those who watch",)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        (
            '["Lee"]',
            '["Leo"]',
            "$.escalation.steps[1].contacts: Leo is not among the contacts; add",
        ),
        ('name = "Kim"', 'name = "Sam"', "$.contacts[0].name: Sam is there twice; put all"),
        ("wait_s = 60", "wait_s = 0", "$.escalation.steps[0].wait_s: expected int >= 1"),
        ('urls_file = "lee.urls"', "", "$.contacts[2].urls_file: missing key; add it"),
        (
            'fleet = "demo"',
            'fleet = "demo"\n[visits]\nminutes = 2000',
            "$.visits.minutes: expected",
        ),
        ('fleet = "demo"', 'fleet = "demo"\n[silence]\nheartbeat_s = 0', "$.silence.heartbeat_s"),
        (
            'fleet = "demo"',
            'fleet = "demo"\n[[badges]]\nnumber = 1\nwearer = "A"\nvisit_minutes = 0',
            "$.badges[0].visit_minutes: expected int >= 1",
        ),
    ],
)
def test_a_chain_that_cannot_be_meant_so_is_refused_by_key(
    folder: Path, before: str, after: str, complaint: str
) -> None:
    (folder / "desk.toml").write_text(CHAIN.replace(before, after))
    with pytest.raises(ConfigError) as refused:
        load_config(folder / "desk.toml")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_configuration_says_what_the_core_must_know(folder: Path) -> None:
    (folder / "desk.toml").write_text(
        CHAIN + '[visits]\nminutes = 45\n[[badges]]\nnumber = 7\nwearer = "Asha"\n'
        'visit_minutes = 90\n[[badges]]\nnumber = 8\nwearer = "Ben"\n'
    )
    config = load_config(folder / "desk.toml")
    assert config.urls_files["Sam"] == str(folder / "sam.urls")
    assert config.setting.visits.minutes == 45
    assert config.setting.visit_minutes == {7: 90}
    assert config.setting.escalation is not None
    assert config.setting.escalation.steps[0].wait_s == 60


@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_the_night_is_within_a_day_and_at_its_hour(hour: int) -> None:
    now = datetime(2026, 3, 4, hour, 5)
    seconds = seconds_to_night(round(now.timestamp() * 1000))
    assert 0 < seconds <= 86_400
    assert datetime.fromtimestamp(now.timestamp() + seconds).hour == HOUR
