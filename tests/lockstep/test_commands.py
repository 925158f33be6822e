"""The commands as a newcomer types them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.lockstep import commands
from simulator.lockstep.core_flash import CoreFlash
from simulator.scenario.story import parse

STORY = """
name = "one press"
plan = "clinic"
length = "6 min"
settle = "2 min"

[[wearers]]
name = "Asha"
at = "room 1"

[[steps]]
at = "1 min"
who = "Asha"
does = "holds the button"
"""

MORE = """
[[steps]]
at = "2 min"
who = "Asha"
does = "loses the battery"
lasts = "5 s"

[[steps]]
at = "3 min"
who = "broker"
does = "stops"
lasts = "5 s"
"""


def simulator(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "simulator", *map(str, arguments)],
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_story_is_played_and_every_promise_named(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text(STORY)
    log = tmp_path / "run.jsonl"
    done = simulator("run", story, "--cores", "--log", log, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("held") == 8
    assert "acknowledged │ 1" in done.stdout
    lines = log.read_text().splitlines()
    assert lines[0].startswith('[0,"run","began"')
    assert f"log: {len(lines)} entries" in done.stdout.replace(",", "")


def test_a_story_that_breaks_a_promise_is_cut_down_and_written_as_one_to_play_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a flash that keeps nothing: after a start, counters are used again."""
    story = tmp_path / "story.toml"
    story.write_text(STORY + MORE)
    with monkeypatch.context() as broken:
        broken.setattr(CoreFlash, "save", lambda flash, journal: None)
        with pytest.raises(SystemExit) as ended:
            commands.find([str(story)], seeds=1, jobs=1, keep=tmp_path / "failures")
        assert ended.value.code == 1
    told = capsys.readouterr().out
    (written,) = (tmp_path / "failures").glob("*.toml")
    assert "tocsin-simulator run" in told
    assert written.name in told.replace("\n", "")
    small = parse(written.name, written.read_text())
    assert len(small.steps) <= 1  # of three
    assert len(small.hubs) == 1  # of three
    done = simulator("run", written, "--cores", cwd=tmp_path)
    assert done.returncode == 0, done.stdout  # with a flash that keeps, no promise is broken


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "no-such-story"), "no story is called 'no-such-story'; there are: "),
        (("run", "missing.toml"), "missing.toml: No such file or directory; name a story's TOML"),
        (("run", "bad.toml"), "bad.toml: $.steps[0].does: 'dances' is nothing that can happen"),
        (("run", "story.toml", "--cores", "--log", "no/where"), "no/where: No such file"),
    ],
)
def test_what_cannot_be_played_is_one_line_that_says_why(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "story.toml").write_text(STORY)
    (tmp_path / "bad.toml").write_text(STORY.replace("holds the button", "dances"))
    done = simulator(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_short_soak_ends_with_its_tables(tmp_path: Path) -> None:
    done = simulator("soak", "--share", "0.0001", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("badge-hours", "Faults", "Alerts", "Promises"):
        assert told in done.stdout
    assert done.stdout.count("held") == 8


def test_a_soak_that_is_stopped_tells_how_far_it_came(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "simulator", "soak", "--share", "0.005", "--jobs", "2")
    with subprocess.Popen(
        command, cwd=tmp_path, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as soak:  # fmt: skip
        assert soak.stdout is not None
        assert "badge-hours" in soak.stdout.readline()
        os.killpg(soak.pid, signal.SIGINT)  # as a terminal does: to those that play, too
        told, complaints = soak.communicate(timeout=60)
    assert soak.returncode == 130
    assert complaints == ""
    assert "Stopped after" in told
    assert "Promises" in told
