"""One short run in which much happens, for all tests that need a real log."""

import pytest

from simulator.lockstep.log import Entry
from simulator.lockstep.run import run
from simulator.plans import load
from simulator.promises import Broken
from simulator.scenario.story import Story, parse

STORY = """
name = "Much at once"
plan = "clinic"
length = "8 min"
settle = "2 min"

[[wearers]]
name = "Asha"
at = "room 2"

[[wearers]]
name = "Ben"
at = "office"

[[steps]]
at = "30 s"
who = "Ben"
does = "presses once"

[[steps]]
at = "50 s"
who = "hub-corridor"
does = "is killed"
amount = 2
lasts = "70 s"

[[steps]]
at = "60 s"
who = "Asha"
does = "holds the button"

[[steps]]
at = "2 min"
who = "Asha"
does = "walks to"
to = "room 3"

[[steps]]
at = "3 min"
who = "Ben"
does = "loses the battery"
lasts = "60 s"

[[steps]]
at = "200 s"
who = "Ben"
does = "holds the button"
"""


@pytest.fixture(scope="session")
def story() -> Story:
    return parse("much.toml", STORY)


@pytest.fixture(scope="session")
def played(story: Story) -> tuple[tuple[Entry, ...], tuple[Broken, ...]]:
    """Its entries, and what promises were broken."""
    entries: list[Entry] = []
    broken = run(story, load("clinic"), 1, listeners=[entries.append])
    return tuple(entries), tuple(broken)


@pytest.fixture(scope="session")
def entries(played: tuple[tuple[Entry, ...], tuple[Broken, ...]]) -> tuple[Entry, ...]:
    return played[0]
