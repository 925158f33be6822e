"""What must survive a power cut: counters, unsent messages, open events, commands.

One SQLite file. A commit returns when it is on the disk (synchronous=FULL);
the counter of a frame and the row it became are in the same transaction.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from gateway.contract.errors import ContractError
from gateway.contract.messages import CommandMessage, decode
from gateway.errors import OutboxError
from gateway.steps import (
    Await,
    Change,
    Count,
    Done,
    Drop,
    Keep,
    Put,
    Restored,
    Settle,
    Urgency,
    Waiting,
)

SCHEMA_VERSION = 1
BUSY_S = 2.0
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE heard (badge INTEGER PRIMARY KEY, counter INTEGER NOT NULL, frame BLOB NOT NULL);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, urgency INTEGER NOT NULL, badge INTEGER NOT NULL,
    topic TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE awaiting (
    badge INTEGER NOT NULL, event INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY (badge, event)) WITHOUT ROWID;
CREATE TABLE command (id TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
"""
_STATEMENTS: dict[type[Change], str] = {
    # A counter never goes back, whatever was asked.
    Count: "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT (badge) DO UPDATE"
    " SET counter = excluded.counter, frame = excluded.frame WHERE excluded.counter > counter",
    Put: "INSERT INTO outbox VALUES (?, ?, ?, ?, ?)",
    Drop: "DELETE FROM outbox WHERE id = ?",
    Await: "INSERT OR REPLACE INTO awaiting VALUES (?, ?, ?, ?)",
    Settle: "DELETE FROM awaiting WHERE badge = ? AND event = ?",
    Keep: "INSERT OR REPLACE INTO command VALUES (?, ?)",
    Done: "DELETE FROM command WHERE id = ?",
}


class Letter(NamedTuple):
    """A row's message, ready to be published."""

    topic: str
    payload: bytes
    retain: bool


class Outbox:
    """The gateway's database. Every method raises OutboxError when the disk will not.

    path: a file in a folder that can be written; made when missing. wait_s: how
    long to wait for another process to let go of it.
    """

    def __init__(self, path: str | Path, wait_s: float = BUSY_S) -> None:
        self._path = path
        with self._explained():
            Path(path).touch(0o600)  # it holds positions
            # Transactions are ours: the module's own would begin at unexpected places.
            self._db = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
            try:
                self._open()
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Let go of the file; everything committed is already safe."""
        self._db.close()

    def commit(self, changes: Iterable[Change]) -> None:
        """Write all changes, or none; on disk when this returns."""
        with self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for change in changes:
                    row = change.row if isinstance(change, Put) else change
                    self._db.execute(_STATEMENTS[type(change)], row)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def letter(self, row_id: int) -> Letter | None:
        """The message of a row; None when the row has gone."""
        with self._explained():
            found = self._db.execute(
                "SELECT topic, payload, urgency FROM outbox WHERE id = ?", (row_id,)
            ).fetchone()
        return None if found is None else Letter(found[0], found[1], found[2] == Urgency.STATUS)

    def counts(self) -> list[Count]:
        """The highest accepted counter of every badge, and its frame."""
        with self._explained():
            return [Count(*row) for row in self._db.execute("SELECT * FROM heard")]

    def restored(self) -> Restored:
        """What an earlier run left to do."""
        with self._explained():
            rows = self._db.execute("SELECT id, urgency, badge FROM outbox ORDER BY id")
            waiting = tuple(Waiting(row[0], Urgency(row[1]), row[2]) for row in rows)
            awaiting = tuple(Await(*row) for row in self._db.execute("SELECT * FROM awaiting"))
            return Restored(self._next_row(), waiting, awaiting, tuple(self._commands()))

    def _open(self) -> None:
        # One process owns the file: a second gateway on it would send everything twice.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(_SCHEMA)
        elif version != SCHEMA_VERSION:
            raise OutboxError(
                f"{self._path}: schema {version}, this gateway knows {SCHEMA_VERSION};"
                " name another database, or run the gateway that wrote it"
            )

    def _next_row(self) -> int:
        # AUTOINCREMENT's own memory: ids of rows long gone are not given out again.
        found = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return 1 if found is None else int(found[0]) + 1

    def _commands(self) -> Iterator[CommandMessage]:
        for (payload,) in self._db.execute("SELECT payload FROM command ORDER BY id"):
            try:
                yield decode(CommandMessage, "command", payload)
            except ContractError:
                continue  # of a later version: its desk sends it again, or lets it expire

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise OutboxError(
                f"{self._path}: {error}; check that no other gateway uses it, that its folder"
                " exists and can be written, and that the disk is not full"
            ) from None
