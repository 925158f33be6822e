"""The facts of an entry, as the types that they must have."""

from collections.abc import Mapping, Sequence
from math import isfinite

from simulator.lockstep.log import Entry, Fact


class OddEntryError(ValueError):
    """An entry does not say what entries of its kind say."""


def whole(entry: Entry, key: str) -> int:
    """A whole number."""
    found = entry.facts.get(key)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise _odd(entry, key, "a whole number")


def number(entry: Entry, key: str) -> float:
    """A finite number."""
    found = entry.facts.get(key)
    if isinstance(found, int | float) and not isinstance(found, bool) and isfinite(found):
        return float(found)
    raise _odd(entry, key, "a number")


def text(entry: Entry, key: str) -> str:
    """Words."""
    found = entry.facts.get(key)
    if isinstance(found, str):
        return found
    raise _odd(entry, key, "text")


def flag(entry: Entry, key: str) -> bool:
    """True or false."""
    found = entry.facts.get(key)
    if isinstance(found, bool):
        return found
    raise _odd(entry, key, "true or false")


def many(entry: Entry, key: str) -> Sequence[Fact]:
    """A list."""
    found = entry.facts.get(key)
    if isinstance(found, Sequence) and not isinstance(found, str):
        return found
    raise _odd(entry, key, "a list")


def table(entry: Entry, key: str) -> Mapping[str, Fact]:
    """A table."""
    found = entry.facts.get(key)
    if isinstance(found, Mapping):
        return found
    raise _odd(entry, key, "a table")


def counts(entry: Entry, key: str) -> Mapping[str, int]:
    """A table of whole numbers."""
    found = table(entry, key)
    return {name: whole(entry._replace(facts=found), name) for name in found}


def badge_number(who: str) -> int:
    """Of `badge-3`; 0 of anybody else."""
    digits = who.removeprefix("badge-")
    return int(digits) if digits != who and digits.isascii() and digits.isdigit() else 0


def _odd(entry: Entry, key: str, wanted: str) -> OddEntryError:
    return OddEntryError(f"{entry.who!r} {entry.what!r} does not say {key!r} as {wanted}")
