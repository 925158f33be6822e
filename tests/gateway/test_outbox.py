"""What the database promises."""

import os
import sqlite3
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.messages import CommandMessage, Opcode, encode
from gateway.disk.outbox import Outbox
from gateway.errors import OutboxError
from gateway.steps import (
    Await,
    Count,
    Done,
    Drop,
    Keep,
    Put,
    Row,
    Settle,
    Unwatch,
    Urgency,
    Waiting,
    Watch,
)

COMMAND = CommandMessage(
    id="c1", badge=1, event=2, opcode=Opcode.BUZZ, expires_at="2026-01-01T00:00:00.000Z"
)


def row(row_id: int, urgency: Urgency = Urgency.EVENT) -> Row:
    return Row(row_id, urgency, 1, f"topic/{row_id}", b"payload")


def test_all_that_was_committed_is_there_after_reopening(tmp_path: Path):
    outbox = Outbox(tmp_path / "gateway.db")
    awaited = Await(1, 2, "event/1/2", b"report")
    keep = Keep(COMMAND.id, encode(COMMAND))
    watch = Watch(1, 2, b"case")
    status = row(2, Urgency.STATUS)
    outbox.commit([Count(1, 5, b"frame"), Put(row(1)), Put(status), awaited, keep, watch])
    outbox.close()

    outbox = Outbox(tmp_path / "gateway.db")
    restored = outbox.restored()
    assert outbox.counts() == [Count(1, 5, b"frame")]
    assert restored.rows == (
        Waiting(1, Urgency.EVENT, 1, len(b"topic/1payload")),
        Waiting(2, Urgency.STATUS, 1, len(b"topic/2payload")),
    )
    assert restored.awaiting == (awaited,)
    assert restored.commands == (COMMAND,)
    assert restored.watched == (watch,)
    letters = outbox.letters((1, 2, 3))
    assert {row_id: letter.retain for row_id, letter in letters.items()} == {1: False, 2: True}
    outbox.commit([Drop(1), Drop(2), Settle(1, 2), Done("c1"), Unwatch(1, 2)])
    assert outbox.restored() == (3, (), (), (), ())
    assert outbox.letters((1,)) == {}
    outbox.close()


def test_row_ids_are_never_given_out_twice(tmp_path: Path):
    for row_id in (1, 2, 3):
        outbox = Outbox(tmp_path / "gateway.db")
        assert outbox.restored().next_row == row_id
        outbox.commit([Put(row(row_id)), Drop(row_id)])
        outbox.close()


def test_a_commit_is_all_or_nothing(outbox: Outbox):
    outbox.commit([Put(row(1))])
    with pytest.raises(OutboxError):
        outbox.commit([Count(1, 5, b"frame"), Put(row(2)), Put(row(1))])
    assert outbox.counts() == []
    assert [waiting.id for waiting in outbox.restored().rows] == [1]


@settings(deadline=None, max_examples=25)
@given(counters=st.lists(st.integers(0, 0xFFFFFFFF), min_size=1))
def test_a_counter_never_goes_back(counters):
    highest = max(counters)
    with tempfile.TemporaryDirectory() as folder:
        outbox = Outbox(Path(folder) / "gateway.db")
        for counter in counters:
            outbox.commit([Count(1, counter, counter.to_bytes(4, "little"))])
        assert outbox.counts() == [Count(1, highest, highest.to_bytes(4, "little"))]
        outbox.close()


def test_commits_are_on_the_disk_when_they_return(outbox: Outbox):
    assert outbox._file._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert outbox._file._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_nobody_else_can_read_it(outbox: Outbox, tmp_path: Path):
    outbox.commit([Put(row(1))])
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600, file


def test_a_second_gateway_on_the_same_database_is_refused(outbox: Outbox, tmp_path: Path):
    outbox.commit([Put(row(1))])
    with pytest.raises(OutboxError, match=r"gateway\.db: .*no other gateway uses it"):
        Outbox(tmp_path / "gateway.db", wait_s=0)


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path):
    database = sqlite3.connect(tmp_path / "gateway.db")
    database.execute("PRAGMA user_version = 99")
    database.execute("CREATE TABLE outbox (id TEXT)")
    database.close()
    with pytest.raises(OutboxError, match="schema 99, this gateway knows 2"):
        Outbox(tmp_path / "gateway.db")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(OutboxError, match=r"nowhere.gateway\.db: .*folder\s+exists"):
        Outbox(tmp_path / "nowhere" / "gateway.db")
