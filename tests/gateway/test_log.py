"""The log: for people or machines, with the journal's clock or its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.host.log import LogOptions, is_journal, processors

SAY = """
import sys
from gateway.host.log import LogOptions, log_to_stderr
import structlog
log_to_stderr(LogOptions(format=sys.argv[1], level=sys.argv[2]))
structlog.get_logger().debug("a.detail")
structlog.get_logger().warning("radio.deaf", radio="hci0", text="two\\nlines")
"""


def said(log: Path, format_: str, level: str = "info", *, journal: bool = False) -> list[str]:
    with log.open("wb") as stderr:
        about = os.fstat(stderr.fileno())
        stream = f"{about.st_dev}:{about.st_ino}" if journal else "1:1"
        subprocess.run(
            [sys.executable, "-c", SAY, format_, level],
            stderr=stderr,
            env={**os.environ, "JOURNAL_STREAM": stream},
            timeout=60,
            check=True,
        )
    return log.read_text().splitlines()


def test_a_line_an_event_for_people(tmp_path: Path):
    (line,) = said(tmp_path / "log", "lines")
    assert line.startswith("timestamp='")
    assert "level='warning' event='radio.deaf' radio='hci0'" in line


def test_an_object_an_event_for_machines(tmp_path: Path):
    (line,) = said(tmp_path / "log", "json")
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["text"]) == (
        "radio.deaf",
        "warning",
        "two\nlines",
    )
    assert entry["timestamp"].endswith("Z")


@pytest.mark.parametrize("format_", ["lines", "json"])
def test_the_journal_gets_a_priority_and_no_time(tmp_path: Path, format_: str):
    (line,) = said(tmp_path / "log", format_, journal=True)
    assert line.startswith("<4>")
    assert "timestamp" not in line


def test_the_level_decides_what_is_said(tmp_path: Path):
    assert len(said(tmp_path / "log", "lines", "debug")) == 2
    assert said(tmp_path / "log", "lines", "error") == []


@pytest.mark.parametrize("stream", ["", "x", "1", "1:2:3", ":"])
def test_any_journal_stream_of_somebody_else_is_not_ours(stream: str):
    assert not is_journal({"JOURNAL_STREAM": stream})


def test_a_line_never_breaks():
    (level, _, render) = processors(LogOptions(), journal=False)
    shown = render(None, "info", dict(level(None, "info", {"event": "a", "text": "x\ny"})))
    assert "\n" not in str(shown)
