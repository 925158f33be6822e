"""A damaged database is set aside, and what can be read of it goes into a new one."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gateway.disk.file import OutboxFile, explained
from gateway.disk.pages import Record, records
from gateway.steps import Await, Change, Count, Keep, Put, Row, Urgency, Watch

KEPT = 3  # damaged databases: more would fill the disk
_U16, _U32 = 0xFFFF, 0xFFFFFFFF
_MOST_ROWS = 1 << 48  # a number above was damaged: after it there might be none left to give


class Contents(NamedTuple):
    """What was read: a change for each row, as if it came anew."""

    counts: dict[int, Count]
    rows: dict[int, Row]
    awaiting: dict[tuple[int, int], Await]
    commands: dict[str, Keep]
    watched: dict[tuple[int, int], Watch]

    @property
    def changes(self) -> list[Change]:
        """All of it, for a new database."""
        return [
            *self.counts.values(),
            *(Put(self.rows[row_id]) for row_id in sorted(self.rows)),
            *self.awaiting.values(),
            *self.commands.values(),
            *self.watched.values(),
        ]


class Salvage(NamedTuple):
    """Where the damaged database lies now, why, and how much of it goes on."""

    path: Path
    reason: str
    counts: int
    rows: int
    awaiting: int
    commands: int


def read(path: Path) -> Contents:
    """Whatever rows the file and its log still show; empty when neither can be read."""
    contents = Contents({}, {}, {}, {}, {})
    with ExitStack() as files:
        database, wal = (_open(files, name) for name in (path, _log_of(path)))
        try:
            for record in records(database, wal):
                _take(contents, record)
        except OSError:
            pass  # a disk that stops reading here: what was read before is something
    return contents


def set_aside(path: Path, reason: str, wait_s: float) -> Salvage:
    """Read, write anew, move the damaged one away, put the new one in its place, in that order.

    A power cut anywhere leaves the damaged database or the whole new one. Raises OutboxError.
    """
    contents, made = read(path), _beside(path, ".new")
    with explained(path):
        for stale in (made, _log_of(made)):
            stale.unlink(missing_ok=True)
    new = OutboxFile(made, wait_s)
    try:
        new.commit(contents.changes)
    finally:
        new.close()
    with explained(path):
        made.replace(_beside(path, ".salvaged"))
        aside = finish(path)
    assert aside is not None
    return Salvage(
        aside,
        reason,
        len(contents.counts),
        len(contents.rows),
        len(contents.awaiting),
        len(contents.commands),
    )


def finish(path: Path) -> Path | None:
    """End a salvage that a power cut may have interrupted; where the damaged one lies now."""
    salvaged = _beside(path, ".salvaged")
    if not salvaged.exists():
        return None
    aside = _aside(path)
    for source, name in ((_log_of(path), _log_of(aside)), (path, aside)):
        if source.exists():
            source.replace(name)
    salvaged.replace(path)
    _sync(path.parent)
    _forget_oldest(path)
    return aside


def _take(contents: Contents, record: Record) -> None:
    match record:
        case Record(int(badge), (None, int(counter), bytes(frame))):
            known = contents.counts.get(badge)
            if 0 < badge <= _U16 and 0 <= counter <= _U32 and (not known or known[1] < counter):
                contents.counts[badge] = Count(badge, counter, frame)
        case Record(
            int(row_id), (None, int(urgency), int(badge), str(topic), bytes(payload), *rest)
        ):
            if 0 < row_id < _MOST_ROWS and urgency in tuple(Urgency) and 0 <= badge <= _U16:
                subject = rest[0] if rest and isinstance(rest[0], str) else ""
                row = Row(row_id, Urgency(urgency), badge, topic, payload, subject)
                contents.rows[row_id] = row
        case Record(None, (int(badge), int(event), str(topic), bytes(payload))):
            if 0 < badge <= _U16 and 0 <= event <= _U16:
                contents.awaiting[badge, event] = Await(badge, event, topic, payload)
        case Record(None, (int(badge), int(event), bytes(payload))):
            if 0 < badge <= _U16 and 0 <= event <= _U16:
                contents.watched[badge, event] = Watch(badge, event, payload)
        case Record(None, (str(name), bytes(payload))):
            contents.commands[name] = Keep(name, payload)
        case _:
            pass  # of SQLite's own tables


def _open(files: ExitStack, path: Path) -> BinaryIO:
    try:
        return files.enter_context(path.open("rb"))
    except OSError:
        return BytesIO()


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _log_of(path: Path) -> Path:
    return _beside(path, "-wal")


def _aside(path: Path) -> Path:
    return _beside(path, f".damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")


def _forget_oldest(path: Path) -> None:
    kept = sorted(path.parent.glob(f"{path.name}.damaged-*.??????"))
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)
        _log_of(old).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
