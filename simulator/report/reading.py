"""Logs that were kept, told to listeners as the run told them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.lockstep.log import Entry, read
from simulator.report.facts import OddEntryError

Listener = Callable[[Entry], object]

_AGAIN = "make the log again, or name another"
#: What code that reads entries, promises included, raises for entries that no run has told.
_NOT_A_LOG = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, RecursionError,
)  # fmt: skip


def replay(path: Path, listeners: Iterable[Listener]) -> None:
    """Tells every entry of a log. Raises SimulatorError with one line: file, line, what, advice."""
    listeners = tuple(listeners)
    for number, entry in entries(path):
        try:
            for listener in listeners:
                listener(entry)
        except _NOT_A_LOG as error:
            raise SimulatorError(f"{path}:{number}: {_words(error)}; {_AGAIN}") from None


def entries(path: Path) -> Iterator[tuple[int, Entry]]:
    """The entries of a log, each with the number of its line. Raises SimulatorError."""
    before_ms, number = 0, 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                entry = _entry(path, number, line)
                if entry.at_ms < before_ms:
                    raise SimulatorError(f"{path}:{number}: time goes back here; {_AGAIN}")
                if number == 1 and (entry.who, entry.what) != ("run", "began"):
                    raise SimulatorError(f"{path}:1: a run's log begins with 'began'; {_AGAIN}")
                before_ms = entry.at_ms
                yield number, entry
    except OSError as error:
        raise SimulatorError(f"{path}: {error.strerror}; name a run's log") from None
    if number == 0:
        raise SimulatorError(f"{path}: is empty; {_AGAIN}")


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        return read(line.decode())
    except _NOT_A_LOG:
        why = "is cut off" if not line.endswith(b"\n") else "is no line of a run's log"
        raise SimulatorError(f"{path}:{number}: {why}; {_AGAIN}") from None


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, OddEntryError) else "says what no run says"
