"""What checkers have in common: broken promises, and what is known of badges and the desk."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from simulator.lockstep.log import Entry
from simulator.scenario.story import Story

ALERTS = ("sos", "man_down", "assist")
OPEN = ("pending", "raised", "heard", "delivered", "acknowledged")
RAISED = ("raised", "heard", "delivered", "acknowledged")


class Broken(NamedTuple):
    """Which promise, when, and why, in words."""

    promise: int
    at_ms: int
    why: str


class Promise:
    """One promise. `see` is told every entry of a run, in order; the last is of `run`, `ended`."""

    number: int
    title: str

    def __init__(self, story: Story, report: Callable[[Broken], None]) -> None:
        self.story = story
        self._report = report
        self._begin()

    def _begin(self) -> None:
        """What it knows before the first entry: nothing."""
        raise NotImplementedError

    def see(self, entry: Entry) -> None:
        """Takes an entry up."""
        raise NotImplementedError

    def breaks(self, at_ms: int, why: str) -> None:
        """It was broken."""
        self._report(Broken(self.number, at_ms, why))


def badge_of(who: str) -> int:
    """The number of `badge-3`; 0 of anybody else."""
    return int(who[6:]) if who.startswith("badge-") else 0


def key(badge: int, event: object) -> str:
    """How the desk names an event."""
    return f"{badge}-{event}"


def whole(entry: Entry, fact: str) -> int:
    """A fact that is a whole number."""
    found = entry.facts[fact]
    assert isinstance(found, int), f"{entry}: {fact} is no whole number"
    return found


def words(entry: Entry, fact: str) -> tuple[str, ...]:
    """A fact that is a list of words; none where it was not told."""
    found = entry.facts.get(fact, ())
    assert not isinstance(found, str | int | float | None), f"{entry}: {fact} is no list"
    return tuple(map(str, found))


def states(entry: Entry, fact: str) -> dict[str, str]:
    """A fact that is a table: who, and how; empty where it was not told."""
    found = entry.facts.get(fact, {})
    assert isinstance(found, Mapping), f"{entry}: {fact} is no table"
    return {who: str(how) for who, how in found.items()}
