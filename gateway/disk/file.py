"""The SQLite file of the outbox. Every method raises OutboxError when the disk will not.

A commit returns when it is on the disk (synchronous=FULL).
"""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from gateway.disk.pages import PAGE, is_whole
from gateway.errors import DamageError, DiskError, DiskFullError, OutboxError
from gateway.steps import (
    Await,
    Change,
    Count,
    Done,
    Drop,
    Forget,
    Keep,
    Put,
    Row,
    Settle,
    Unwatch,
    Urgency,
    Waiting,
    Watch,
)

SCHEMA_VERSION = 2
_CHECKPOINT_PAGES = 256
_TABLES = (
    "CREATE TABLE heard (badge INTEGER PRIMARY KEY, counter INTEGER NOT NULL, frame BLOB NOT NULL)",
    "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, urgency INTEGER NOT NULL,"
    " badge INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL, subject TEXT NOT NULL)",
    "CREATE TABLE awaiting (badge INTEGER NOT NULL, event INTEGER NOT NULL, topic TEXT NOT NULL,"
    " payload BLOB NOT NULL, PRIMARY KEY (badge, event)) WITHOUT ROWID",
    "CREATE TABLE watched (badge INTEGER NOT NULL, event INTEGER NOT NULL, payload BLOB NOT NULL,"
    " PRIMARY KEY (badge, event)) WITHOUT ROWID",
    "CREATE TABLE command (id TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID",
)
_STATEMENTS: dict[type[Change], str] = {
    # A counter never goes back, whatever was asked.
    Count: "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT (badge) DO UPDATE"
    " SET counter = excluded.counter, frame = excluded.frame WHERE excluded.counter > counter",
    Forget: "DELETE FROM heard WHERE badge = ?",
    Put: "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
    Drop: "DELETE FROM outbox WHERE id = ?",
    Await: "INSERT OR REPLACE INTO awaiting VALUES (?, ?, ?, ?)",
    Settle: "DELETE FROM awaiting WHERE badge = ? AND event = ?",
    Watch: "INSERT OR REPLACE INTO watched VALUES (?, ?, ?)",
    Unwatch: "DELETE FROM watched WHERE badge = ? AND event = ?",
    Keep: "INSERT OR REPLACE INTO command VALUES (?, ?)",
    Done: "DELETE FROM command WHERE id = ?",
}
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_OF_THE_DISK = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
_SYSTEM_OF_THE_DISK = (errno.EIO, errno.EROFS, errno.EDQUOT, errno.EFBIG, errno.ENODEV)


class Found(NamedTuple):
    """All that a database holds; payloads of commands as they were kept."""

    next_row: int = 1
    counts: tuple[Count, ...] = ()
    rows: tuple[Waiting, ...] = ()
    awaiting: tuple[Await, ...] = ()
    commands: tuple[Keep, ...] = ()
    watched: tuple[Watch, ...] = ()


class OutboxFile:
    """One open database; made when missing. wait_s: for another process to let go of it.

    Raises DamageError for one that is not as it was written.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        self._path = path
        with explained(path):
            path.touch(0o600)  # it holds positions
            _refuse_torn_log(path)
            # Transactions are ours: the module's own would begin at unexpected places.
            self._db = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
            try:
                self._open()
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Let go of the file; everything committed is already safe."""
        with explained(self._path):
            self._db.close()

    def commit(self, changes: Iterable[Change]) -> None:
        """Write all changes, or none; on disk when this returns. Each is about another matter."""
        # So their order does not matter, and those of a kind go with one statement.
        by_kind: dict[type[Change], list[Change]] = {}
        for change in changes:
            by_kind.setdefault(type(change), []).append(change)
        with explained(self._path), self._transaction():
            for kind, alike in by_kind.items():
                self._db.executemany(_STATEMENTS[kind], map(_values, alike))

    def rows(self, row_ids: Iterable[int]) -> list[Row]:
        """Rows that are still there, in the order of their ids."""
        wanted = ",".join(str(int(row_id)) for row_id in row_ids)
        with explained(self._path):
            found = self._db.execute(
                f"SELECT * FROM outbox WHERE id IN ({wanted}) ORDER BY id"  # noqa: S608  # integers
            )
            return [Row(row[0], Urgency(row[1]), *row[2:]) for row in found]

    def found(self) -> Found:
        """Everything but the rows' messages."""
        with explained(self._path):
            rows = self._db.execute(
                "SELECT id, urgency, badge, length(CAST(topic AS BLOB)) + length(payload), subject"
                " FROM outbox ORDER BY id"
            )
            waiting = tuple(Waiting(row[0], Urgency(row[1]), *row[2:]) for row in rows)
            return Found(
                self._next_row(),
                tuple(Count(*row) for row in self._db.execute("SELECT * FROM heard")),
                waiting,
                tuple(Await(*row) for row in self._db.execute("SELECT * FROM awaiting")),
                tuple(Keep(*row) for row in self._db.execute("SELECT * FROM command")),
                tuple(Watch(*row) for row in self._db.execute("SELECT * FROM watched")),
            )

    def spare(self) -> None:
        """Let the log begin again, and stay short: there is no space for a long one."""
        with explained(self._path):
            self._db.execute("PRAGMA wal_autocheckpoint = 16")
            self._db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def _open(self) -> None:
        # One process owns the file: a second gateway on it would send everything twice.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute(f"PRAGMA page_size = {PAGE}")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = ON")  # of positions nothing stays
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        schema = self._db.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL").fetchall()
        tables = tuple(sql for (sql,) in schema if "sqlite_sequence" not in str(sql))
        if tables == _TABLES:
            self._check()
        elif tables and version > SCHEMA_VERSION:
            raise OutboxError(
                f"{self._path}: schema {version}, this gateway knows {SCHEMA_VERSION};"
                " name another database, or run the gateway that wrote it"
            )
        elif tables or version:
            raise DamageError(f"{self._path}: schema {version} with other tables than ours")
        with self._transaction():
            for sql in () if tables else _TABLES:
                self._db.execute(sql)
            # Also shows that the file can be written, and rights a version that a fault changed.
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _check(self) -> None:
        try:
            (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            self.found()
        except (ValueError, TypeError, UnicodeDecodeError) as error:
            verdict = str(error)
        if verdict != "ok":
            raise DamageError(f"{self._path}: {verdict}")

    def _next_row(self) -> int:
        # AUTOINCREMENT's own memory: ids of rows long gone are not given out again.
        found = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        (latest,) = self._db.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()
        return max(int(latest), 0 if found is None else int(found[0])) + 1

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into an OutboxError that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(path, error) from None
    except UnicodeDecodeError:  # SQLite's own complaint may quote what the file says
        raise DamageError(f"{path}: text in it is none") from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(f"{path}: {error.strerror}; make space on its disk") from None
        if error.errno in _SYSTEM_OF_THE_DISK:
            raise DiskError(f"{path}: {error.strerror}; look after its disk") from None
        raise _unusable(path, error) from None


def _of_sqlite(path: Path, error: sqlite3.Error) -> OutboxError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFullError(f"{path}: {error}; make space on its disk")
    if code == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK):
        return DamageError(f"{path}: its header says that nobody may write")
    if code in _OF_THE_DISK:
        return DiskError(f"{path}: {error}; look after its disk")
    if code in _DAMAGE or "malformed" in str(error) or "decode" in str(error):
        return DamageError(f"{path}: {error}")
    return _unusable(path, error)


def _unusable(path: Path, error: Exception) -> OutboxError:
    return OutboxError(
        f"{path}: {error}; check that no other gateway uses it, and that its folder"
        " exists and can be written"
    )


def _refuse_torn_log(path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return
    if path.stat().st_size < PAGE:
        raise DamageError(f"{path}: empty, but its log is not")  # SQLite would delete the log
    with log.open("rb") as wal:
        if not is_whole(wal):
            raise DamageError(f"{log}: damaged before its last commit")


def _values(change: Change) -> tuple[object, ...]:
    return change.row if isinstance(change, Put) else change
