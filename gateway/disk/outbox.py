"""What must survive a power cut: counters, unsent messages, open events, commands.

The counter of a frame and the row it became are in the same transaction. A full
disk still takes alerts, from a reserve; a damaged file is set aside, with its
rows salvaged; of a disk that fails, what can be read is read.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from gateway.contract.errors import ContractError
from gateway.contract.messages import CommandMessage, decode
from gateway.disk.file import Found, OutboxFile, explained
from gateway.disk.reserve import Reserve
from gateway.disk.salvage import Salvage, finish, read, set_aside
from gateway.errors import DamageError, DiskError, DiskFullError, OutboxError
from gateway.ordered import checked
from gateway.steps import Change, Count, Keep, Restored, Row, Urgency, Waiting

BUSY_S = 2.0
DiskState = Literal["ok", "full", "failed"]


class Letter(NamedTuple):
    """A row's message, ready to be published."""

    topic: str
    payload: bytes
    retain: bool


class Outbox:
    """The gateway's database.

    path: a file in a folder that can be written; made when missing. wait_s: how long
    to wait for another process to let go of it. reserve_bytes: space kept for alerts.

    A disk that is full or fails is a state: `disk`, and `trouble` in words. Raises
    OutboxError when the folder is missing, another process has the file, or a later
    version wrote it. salvages: what became of damaged files.
    """

    def __init__(self, path: str | Path, wait_s: float = BUSY_S, reserve_bytes: int = 0) -> None:
        self.disk: DiskState = "ok"
        self.trouble = ""
        self.salvages: list[Salvage] = []
        self._path = Path(path)
        self._wait_s = wait_s
        self._reserve = Reserve(self._path.with_name(self._path.name + ".reserve"), reserve_bytes)
        self._file: OutboxFile | None = None
        self._read: dict[int, Row] = {}
        self._read_only = Found()
        self._begin()

    def close(self) -> None:
        """Let go of the file; everything committed is already safe."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def commit(self, changes: Iterable[Change]) -> None:
        """Write all changes, or none; on disk when this returns.

        Raises OutboxError when not even the reserve was enough.
        """
        try:
            self._write(tuple(changes))
        except OutboxError as error:
            self._note(error)
            raise
        if self.disk == "failed":
            self.recover()

    def recover(self) -> None:
        """Take the reserve, where there is space; without it the disk counts as full."""
        if self._reserve.take():
            self.disk, self.trouble = "ok", ""
        else:
            self.disk, self.trouble = "full", f"{self._path}: no space for the reserve"

    def letters(self, row_ids: Iterable[int]) -> dict[int, Letter]:
        """The messages of rows, by id; rows that have gone are missing. Raises OutboxError."""
        if self._file is None:
            if not self._read:
                raise DiskError(self.trouble)  # they may well be there: it is tried again
            return {row: letter_of(self._read[row]) for row in row_ids if row in self._read}
        wanted = tuple(row_ids)
        try:
            rows = self._file.rows(wanted)
        except DamageError as error:
            rows = self._mended(error).rows(wanted)
        return {row.id: letter_of(row) for row in rows}

    def counts(self) -> list[Count]:
        """The highest accepted counter of every badge, and its frame. Raises OutboxError."""
        return list(self._all().counts)

    def restored(self) -> Restored:
        """What an earlier run left to do. Raises OutboxError."""
        found = self._all()
        commands = tuple(_commands(found.commands))
        return Restored(found.next_row, found.rows, found.awaiting, commands, found.watched)

    def _all(self) -> Found:
        return self._read_only if self._file is None else self._file.found()

    def _begin(self) -> None:
        try:
            with explained(self._path):
                finish(self._path)
            self._file = self._open()
        except DiskError as error:
            self._note(error)
            self._read_only = self._found_by_reading()
        else:
            self.recover()

    def _found_by_reading(self) -> Found:
        """The disk takes nothing: the rows, once, as they lie there."""
        contents = read(self._path)
        self._read = contents.rows
        return Found(
            max(contents.rows, default=0) + 1,
            tuple(contents.counts.values()),
            tuple(waiting(contents.rows[row_id]) for row_id in sorted(contents.rows)),
            tuple(contents.awaiting.values()),
            tuple(contents.commands.values()),
            tuple(contents.watched.values()),
        )

    def _write(self, changes: tuple[Change, ...]) -> None:
        if self._file is None:
            self._file = self._open()
            self._read = {}
        try:
            self._file.commit(changes)
        except DamageError as error:
            self._mended(error).commit(changes)
        except DiskError as error:
            # A quota that is used up says only that writing failed: the reserve helps there too.
            if not self._reserve.release():
                raise
            self._file.spare()
            self._file.commit(changes)
            self.disk, self.trouble = "full", str(error)

    def _open(self) -> OutboxFile:
        try:
            return OutboxFile(self._path, self._wait_s)
        except DamageError as error:
            return self._salvaged(error)
        except DiskError:
            if not self._reserve.release():
                raise
            return OutboxFile(self._path, self._wait_s)

    def _mended(self, damage: DamageError) -> OutboxFile:
        self.close()
        self._file = self._salvaged(damage)
        return self._file

    def _salvaged(self, damage: DamageError) -> OutboxFile:
        try:
            salvage = set_aside(self._path, str(damage), self._wait_s)
        except DiskError:
            if not self._reserve.release():
                raise
            salvage = set_aside(self._path, str(damage), self._wait_s)
        self.salvages.append(salvage)
        return OutboxFile(self._path, self._wait_s)

    def _note(self, error: OutboxError) -> None:
        self.disk = "full" if isinstance(error, DiskFullError) else "failed"
        self.trouble = str(error)


def letter_of(row: Row) -> Letter:
    """A row as it is published: heartbeats are retained."""
    return Letter(row.topic, row.payload, row.urgency is Urgency.STATUS)


def waiting(row: Row) -> Waiting:
    """A row without its message."""
    size = len(row.topic.encode()) + len(row.payload)
    return Waiting(row.id, row.urgency, row.badge, size, row.subject)


def _commands(kept: Iterable[Keep]) -> Iterator[CommandMessage]:
    for keep in sorted(kept):
        try:
            yield checked("command", decode(CommandMessage, "command", keep.payload))
        except ContractError:
            continue  # damaged, or of a later version: its desk sends it again, or lets it expire
