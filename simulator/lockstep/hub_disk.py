"""What a hub keeps: its real outbox on SQLite, or the same rows in memory; and how it fails.

Power can fail before and after each commit. On SQLite it can also fail within one: what the
disk then holds of that commit is any part of its writes, as far as SQLite had not waited for
them (write-ahead log first, database file after a checkpoint; https://sqlite.org/wal.html).
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.contract.messages import CommandMessage, decode
from gateway.disk.outbox import DiskState, Letter, Outbox, letter_of, waiting
from gateway.errors import DiskFullError, OutboxError
from gateway.steps import (
    Await,
    Change,
    Count,
    Done,
    Drop,
    Forget,
    Keep,
    Put,
    Restored,
    Row,
    Settle,
    Unwatch,
    Watch,
)
from simulator.lockstep.fuse import Fuse, KilledError

_SECTOR = 512


class Rows:
    """The rows of an outbox, in memory: what gateway.disk.file.OutboxFile does with SQL."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._counts: dict[int, Count] = {}
        self._awaiting: dict[tuple[int, int], Await] = {}
        self._commands: dict[str, Keep] = {}
        self._watched: dict[tuple[int, int], Watch] = {}
        self._next_row = 1

    def commit(self, changes: Iterable[Change]) -> None:
        """All changes. They are about different matters, so their order does not matter."""
        for change in changes:
            self._apply(change)

    def letters(self, row_ids: Iterable[int]) -> dict[int, Letter]:
        """The messages of rows that are there."""
        return {row: letter_of(self._rows[row]) for row in row_ids if row in self._rows}

    def counts(self) -> list[Count]:
        """The highest accepted counter of every badge, in the order of badges."""
        return [self._counts[badge] for badge in sorted(self._counts)]

    def restored(self) -> Restored:
        """What an earlier run left to do."""
        commands = (decode(CommandMessage, "command", one.payload) for one in self._kept())
        return Restored(
            self._next_row,
            tuple(waiting(self._rows[number]) for number in sorted(self._rows)),
            tuple(self._awaiting[key] for key in sorted(self._awaiting)),
            tuple(commands),
            tuple(self._watched[key] for key in sorted(self._watched)),
        )

    def _kept(self) -> list[Keep]:
        return sorted(self._commands.values())

    def _apply(self, change: Change) -> None:
        match change:
            case Put(row):
                self._rows[row.id] = row
                self._next_row = max(self._next_row, row.id + 1)
            case Drop(row_id):
                self._rows.pop(row_id, None)
            case Count(badge, counter, _):
                if badge not in self._counts or self._counts[badge].counter < counter:
                    self._counts[badge] = change
            case Forget(badge):
                self._counts.pop(badge, None)
            case Await(badge, event, _, _):
                self._awaiting[badge, event] = change
            case Settle(badge, event):
                self._awaiting.pop((badge, event), None)
            case Keep(name, _):
                self._commands[name] = change
            case Done(name):
                self._commands.pop(name, None)
            case Watch(badge, event, _):
                self._watched[badge, event] = change
            case Unwatch(badge, event):
                self._watched.pop((badge, event), None)


class HubDisk:
    """The disk of one hub, through all its starts. folder: for SQLite; None: rows in memory.

    fuse: burns before and after each commit. on_commit: told what is on the disk now.
    """

    def __init__(
        self,
        folder: Path | None,
        fuse: Fuse,
        on_commit: Callable[[tuple[Change, ...]], None],
        draw: Callable[..., float],
    ) -> None:
        self.full = False
        self.tears = False  # the next commit that the power fails in is torn, not just lost
        self.disk: DiskState = "ok"
        self._folder = folder
        self._fuse = fuse
        self._on_commit = on_commit
        self._draw = draw
        self._rows = Rows()
        self._outbox: Outbox | None = None
        self._commits = 0

    def open(self) -> None:
        """A process starts on it. Raises OutboxError."""
        self.disk = "ok"
        if self._folder is not None:
            self._outbox = Outbox(self._folder / "hub.db")

    def close(self) -> None:
        """The process is gone."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def counts(self) -> list[Count]:
        return self._kept.counts()

    def restored(self) -> Restored:
        return self._kept.restored()

    def letters(self, row_ids: Iterable[int]) -> dict[int, Letter]:
        return self._kept.letters(row_ids)

    def recover(self) -> None:
        """Whether there is space again."""
        self.disk = "full" if self.full else "ok"

    def commit(self, changes: Iterable[Change]) -> None:
        """Raises OutboxError while the disk is full, KilledError where the power fails."""
        told = tuple(changes)
        if self.full:
            self.disk = "full"
            raise DiskFullError("no space left on the virtual disk")
        before = self._files() if self.tears else {}
        try:
            self._fuse.burn()
        except KilledError:
            if self.tears and self._outbox is not None:
                self._outbox.commit(told)
                self._tear(before)
            raise
        try:
            self._kept.commit(told)
        except OutboxError:
            if self._outbox is not None:
                self.disk = self._outbox.disk
            raise
        self._on_commit(told)
        self._fuse.burn()

    @property
    def _kept(self) -> Rows | Outbox:
        return self._rows if self._outbox is None else self._outbox

    def _files(self) -> dict[Path, bytes]:
        if self._folder is None:
            return {}
        return {path: path.read_bytes() for path in self._folder.glob("hub.db*")}

    def _tear(self, before: dict[Path, bytes]) -> None:
        """Leaves a part of what the last commit wrote: of the log, or of the database after it."""
        self.tears = False
        after = self._files()
        self.close()  # which would bring log and database in order
        self._commits += 1
        logged = all(after[path] == before.get(path) for path in after if path.suffix == ".db")
        for path, content in after.items():
            if path.name.endswith("-shm"):
                path.unlink()  # memory, and gone with it
            elif logged or path.suffix == ".db":
                path.write_bytes(self._some_of(before.get(path, b""), content))
            else:
                path.write_bytes(content)  # the log was on the disk before the database changed

    def _some_of(self, old: bytes, new: bytes) -> bytes:
        size = len(new) if self._draw("size", self._commits) < 0.5 else max(len(old), 0)
        torn = bytearray(size)
        for at in range(0, size, _SECTOR):
            arrived = self._draw("sector", self._commits, at) < 0.5
            piece = (new if arrived or at >= len(old) else old)[at : at + _SECTOR]
            torn[at : at + len(piece)] = piece
        return bytes(torn[:size])
