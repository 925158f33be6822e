"""Where entries come from: a story that another thread plays, or a log that was kept."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Protocol

from simulator.lockstep.log import Entry
from simulator.lockstep.run import run
from simulator.report.reading import entries
from simulator.scenario.story import Story
from simulator.world.plan import Plan

_ROOM = 4_096
_PATIENCE_S = 0.2


class Source(Protocol):
    """Gives entries when asked."""

    def take(self, most: int) -> list[Entry]:
        """So many at most that are there now; raises what went wrong."""

    @property
    def complete(self) -> bool:
        """Whether no more will come."""

    def close(self) -> None:
        """Nobody wants more."""


class _StopPlayingError(Exception):
    """Thrown into a run that nobody watches any more."""


class PlayedSource:
    """A story, played in a thread that waits where nobody takes its entries.

    room: so many entries wait to be taken at most.
    """

    def __init__(self, story: Story, plan: Plan, seed: int, room: int = _ROOM) -> None:
        self._queue: Queue[Entry] = Queue(room)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._play, args=(story, plan, seed), daemon=True)
        self._thread.start()

    def take(self, most: int) -> list[Entry]:
        found: list[Entry] = []
        while len(found) < most:
            try:
                found.append(self._queue.get_nowait())
            except Empty:
                break
        if not found and self._error is not None:
            raise self._error
        return found

    @property
    def complete(self) -> bool:
        return not self._thread.is_alive() and self._queue.empty() and self._error is None

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _play(self, story: Story, plan: Plan, seed: int) -> None:
        try:
            run(story, plan, seed, listeners=[self._put])
        except _StopPlayingError:
            pass
        except BaseException as error:  # told to whoever takes entries
            self._error = error

    def _put(self, entry: Entry) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(entry, timeout=_PATIENCE_S)
            except Full:
                continue
            return
        raise _StopPlayingError


class LogSource:
    """A log that was kept."""

    def __init__(self, path: Path) -> None:
        self._entries: Iterator[tuple[int, Entry]] = entries(path)
        self.complete = False

    def take(self, most: int) -> list[Entry]:
        found: list[Entry] = []
        while len(found) < most:
            entry = next(self._entries, None)
            if entry is None:
                self.complete = True
                break
            found.append(_as_told(entry[1]))
        return found

    def close(self) -> None:
        """Nothing to end."""


def _as_told(entry: Entry) -> Entry:
    """With the same types as the run itself tells it."""
    like = entry.facts.get("like")
    if isinstance(like, list):
        return entry._replace(facts={**entry.facts, "like": tuple(like)})
    return entry
