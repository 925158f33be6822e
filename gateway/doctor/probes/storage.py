"""The disk under the database, and the database itself."""

import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from gateway.doctor.findings import Database, Disk

FSYNCS = 5
CHECK_S = 20.0
_PAGE = bytes(4096)
_STEPS_BETWEEN_LOOKS = 100_000


def look_at_disk(folder: Path) -> Disk:
    """What is free, and how long a small write takes to be on the disk."""
    try:
        free_bytes = shutil.disk_usage(folder).free
        with tempfile.TemporaryFile(dir=folder) as file:
            slowest_ms = max(_fsync_ms(file.fileno()) for _ in range(FSYNCS))
    except OSError as error:
        return Disk(path=str(folder), problem=f"{folder}: {error.strerror}")
    return Disk(path=str(folder), free_bytes=free_bytes, fsync_ms=slowest_ms)


def look_at_database(path: Path) -> Database:
    """Whether the file is whole, unless a gateway has it."""
    try:
        if not path.exists():
            return Database(path=str(path))
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0)) as db:
            return Database(path=str(path), exists=True, check=_quick_check(db))
    except sqlite3.OperationalError as error:
        busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
        return Database(path=str(path), exists=True, busy=busy, problem=f"{path}: {error}")
    except sqlite3.DatabaseError as error:
        return Database(path=str(path), exists=True, check=str(error))
    except OSError as error:
        return Database(path=str(path), exists=True, problem=f"{path}: {error.strerror}")


def _quick_check(db: sqlite3.Connection) -> str:
    end_s = time.monotonic() + CHECK_S
    db.set_progress_handler(lambda: time.monotonic() > end_s, _STEPS_BETWEEN_LOOKS)
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    return str(said)


def _fsync_ms(descriptor: int) -> float:
    os.write(descriptor, _PAGE)
    before_s = time.perf_counter()
    os.fsync(descriptor)
    return (time.perf_counter() - before_s) * 1000
