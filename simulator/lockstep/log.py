"""What happened in a run: one entry a thing, in order, the same for the same seed.

An entry is a line of JSON: [milliseconds, who, what, facts]. `who` is `badge-3`, `hub-1`,
`broker`, `desk`, `wearer-3`, `supervisor`, `fault`, `plan` or `run`. There are no bytes, no
addresses and no keys in it: two ways of running the same cores give the same log.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TextIO

Fact = int | float | str | bool | None | Sequence["Fact"] | Mapping[str, "Fact"]


class Entry(NamedTuple):
    """at_ms: virtual time since the run began."""

    at_ms: int
    who: str
    what: str
    facts: Mapping[str, Fact]

    def line(self) -> str:
        """As a line of JSON."""
        return json.dumps([self.at_ms, self.who, self.what, self.facts], separators=(",", ":"))


def read(line: str) -> Entry:
    """The entry of a line that `Entry.line` wrote. Raises ValueError for any other."""
    try:
        found = json.loads(line)
    except RecursionError:  # json's own word for brackets in brackets
        found = None
    match found:
        case [int(at_ms), str(who), str(what), dict(facts)]:
            return Entry(at_ms, who, what, facts)
    raise ValueError("not a line of a run's log")


class Log:
    """Tells entries to whoever listens; `clock` gives virtual time."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._listeners: list[Callable[[Entry], None]] = []

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Tells every entry from now on."""
        self._listeners.append(listener)

    def note(self, who: str, what: str, /, **facts: Fact) -> None:
        """Something happened now."""
        entry = Entry(self._clock(), who, what, facts)
        for listener in self._listeners:
            listener(entry)


class Digest:
    """A listener: a fingerprint of the whole log."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.entries = 0

    def __call__(self, entry: Entry) -> None:
        self._hash.update(entry.line().encode() + b"\n")
        self.entries += 1

    def hex(self) -> str:
        """Of all entries so far."""
        return self._hash.hexdigest()


class Writer:
    """A listener: a file with a line an entry."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, entry: Entry) -> None:
        self._file.write(entry.line() + "\n")
