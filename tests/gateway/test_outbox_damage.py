"""Whatever happened to the file, the gateway starts, and with every row that can be read."""

import shutil
import sqlite3
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.contract.messages import CommandMessage, Opcode, encode
from gateway.disk.outbox import Outbox
from gateway.disk.pages import PAGE, is_whole, records
from gateway.disk.salvage import KEPT, finish, read
from gateway.intake import Intake
from gateway.steps import Await, Count, Drop, Keep, Put, Row, Urgency, Watch

ROWS = 60
COMMAND = CommandMessage(
    id="c1", badge=1, event=2, opcode=Opcode.BUZZ, expires_at="2026-01-01T00:00:00.000Z"
)


class Files(dict[str, bytes]):
    """Contents by name."""

    def __repr__(self) -> str:
        return f"<Files {sorted(self)}>"


def mark(row_id: int) -> bytes:
    return f"<row {row_id:04d}>".encode() * 30


def fill(path: Path, *, closed: bool) -> None:
    """A database of an outbox in use: rows, some long gone; closed: nothing is in the log."""
    outbox = Outbox(path)
    for row_id in range(1, ROWS + 1):
        row = Row(row_id, Urgency.EVENT, row_id, f"topic/{row_id}", mark(row_id), "s")
        count = Count(row_id, 1000 + row_id, bytes([row_id]) * 24)
        outbox.commit([count, Put(row), Await(row_id, 1, "topic", mark(row_id)[:200])])
    outbox.commit([Drop(1), Keep(COMMAND.id, encode(COMMAND)), Watch(1, 1, b"case")])
    if closed:
        outbox.close()
        return
    # As a power cut leaves it: the log is still there.
    for name in (path, Path(f"{path}-wal")):
        shutil.copyfile(name, f"{name}.cut")
    outbox.close()
    for name in (path, Path(f"{path}-wal")):
        shutil.move(f"{name}.cut", name)


@pytest.fixture(scope="module", params=["closed", "cut"])
def files(request, tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp(request.param)
    fill(folder / "gateway.db", closed=request.param == "closed")
    return Files({file.name: file.read_bytes() for file in folder.iterdir()})


def expect(folder: Path, files: dict[str, bytes], spoilt: set[tuple[str, int]]) -> None:
    """The outbox starts, and every row is there that stands whole on another page."""
    outbox = Outbox(folder / "gateway.db", wait_s=0)
    assert outbox.disk == "ok"
    found = {row.id for row in outbox.restored().rows}
    letters = outbox.letters(found)
    for row_id, place in _places(files).items():
        if place not in spoilt:
            assert row_id in found, row_id
            assert letters[row_id].payload == mark(row_id)
    outbox.commit([Put(Row(9999, Urgency.EVENT, 1, "later", b"later"))])
    outbox.close()
    again = Outbox(folder / "gateway.db", wait_s=0)
    assert 9999 in {row.id for row in again.restored().rows}
    assert not again.salvages
    again.close()


def _places(files: dict[str, bytes]) -> dict[int, tuple[str, int]]:
    """On which page of which file each row lies; stale copies of a page do not count."""
    places: dict[int, tuple[str, int]] = {}
    newest: dict[int, tuple[str, int, bytes]] = {}
    for name, content in sorted(files.items()):
        for number, at in _page_starts(name, content):
            is_log = name.endswith("-wal")
            if is_log and content[at - 16 : at - 8] != content[16:24]:
                continue  # of an earlier round of the log
            page = int.from_bytes(content[at - 24 : at - 20], "big") if is_log else number + 1
            newest[page] = (name, number, content[at : at + PAGE])
    for name, number, content in newest.values():
        for record in records(BytesIO(bytes(PAGE) + content), BytesIO()):
            if len(record.values) == 6:
                places[record.rowid] = (name, number)
    assert sorted(places) == list(range(2, ROWS + 1))
    return places


def _page_starts(name: str, content: bytes):
    first, step = (56, PAGE + 24) if name.endswith("-wal") else (0, PAGE)
    return enumerate(range(first, len(content), step))


def _page_of(name: str, at: int) -> int:
    return max(0, at - 32) // (PAGE + 24) if name.endswith("-wal") else at // PAGE


@settings(deadline=None, max_examples=70)
@given(pick=st.integers(0, 1), at=st.integers(0, 1 << 20), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_costs_the_rows_of_its_page_at_most(files, pick, at, bit):
    name = sorted(files)[pick % len(files)]
    at %= len(files[name])
    content = bytearray(files[name])
    content[at] ^= 1 << bit
    _check(files, {name: bytes(content)}, {(name, _page_of(name, at))})


@settings(deadline=None, max_examples=50)
@given(pick=st.integers(0, 1), size=st.integers(0, 1 << 20))
def test_a_file_cut_off_at_any_byte_costs_what_was_behind_at_most(files, pick, size):
    name = sorted(files)[pick % len(files)]
    size %= len(files[name])
    spoilt = {(name, page) for page, _ in _page_starts(name, files[name])}
    spoilt -= {(name, page) for page in range(_page_of(name, size))}
    _check(files, {name: files[name][:size]}, spoilt)


@settings(deadline=None, max_examples=25)
@given(
    pick=st.integers(0, 1),
    page=st.integers(0, 1000),
    garbage=st.sampled_from([bytes(PAGE), bytes(range(256)) * 16, b"\xff" * PAGE]),
)
def test_a_page_of_garbage_costs_its_rows_at_most(files, pick, page, garbage):
    name = sorted(files)[pick % len(files)]
    starts = list(_page_starts(name, files[name]))
    page, at = starts[page % len(starts)]
    content = files[name][:at] + garbage + files[name][at + PAGE :]
    _check(files, {name: content}, {(name, page)})


def _check(files, changed: dict[str, bytes], spoilt: set[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**files, **changed}.items():
            (Path(folder) / name).write_bytes(content)
        expect(Path(folder), files, spoilt)


@settings(deadline=None, max_examples=60)
@given(content=st.binary(max_size=3 * PAGE))
def test_a_file_that_is_no_database_is_set_aside(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        path.write_bytes(content)
        outbox = Outbox(path)
        assert outbox.restored().rows == ()
        for salvage in outbox.salvages:
            assert salvage.path.read_bytes() == content
        assert outbox.salvages or len(content) < 512, "what SQLite takes for an empty file"
        outbox.close()


def test_all_kinds_of_rows_are_salvaged_and_counted(tmp_path):
    path = tmp_path / "gateway.db"
    fill(path, closed=True)
    content = bytearray(path.read_bytes())
    content[:100] = bytes(100)
    path.write_bytes(content)
    outbox = Outbox(path)
    (salvage,) = outbox.salvages
    assert salvage.path.name.startswith("gateway.db.damaged-")
    assert (salvage.counts, salvage.rows, salvage.awaiting) == (ROWS, ROWS - 1, ROWS)
    assert Count(7, 1007, b"\x07" * 24) in outbox.counts()
    restored = outbox.restored()
    assert (restored.commands, restored.watched) == ((COMMAND,), (Watch(1, 1, b"case"),))
    outbox.close()


@pytest.mark.parametrize(
    "spoilt",
    [replace(COMMAND, expires_at="2026-02-30T00:00:00.000Z"), replace(COMMAND, argument=1 << 31)],
)
def test_a_kept_command_that_no_desk_can_have_sent_is_passed_over(tmp_path, spoilt):
    outbox = Outbox(tmp_path / "gateway.db")
    outbox.commit([Keep("c0", encode(spoilt)), Keep("c1", encode(COMMAND))])
    assert outbox.restored().commands == (COMMAND,)
    outbox.close()


def test_a_row_number_that_cannot_be_one_is_passed_over(tmp_path):
    for name in ("good", "bad"):
        outbox = Outbox(tmp_path / name)
        for row_id in (5, (1 << 63) - 1 if name == "bad" else 6):
            outbox.commit([Put(Row(row_id, Urgency.EVENT, 1, "topic", b"payload"))])
        outbox.close()
    assert sorted(read(tmp_path / "good").rows) == [5, 6]
    assert sorted(read(tmp_path / "bad").rows) == [5]


def test_a_database_of_an_earlier_version_goes_on_as_if_it_were_damaged(tmp_path):
    path = tmp_path / "gateway.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE heard (badge INTEGER PRIMARY KEY, counter INT, frame BLOB)")
    database.execute(
        "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, urgency INTEGER,"
        " badge INTEGER, topic TEXT, payload BLOB)"
    )
    database.execute("INSERT INTO heard VALUES (7, 70, x'0102')")
    database.execute("INSERT INTO outbox VALUES (3, 0, 7, 'topic', x'0304')")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    outbox = Outbox(path)
    assert outbox.counts() == [Count(7, 70, b"\1\2")]
    assert outbox.letters((3,))[3].payload == b"\3\4"
    outbox.close()


@pytest.mark.parametrize("moved", range(3))
def test_a_power_cut_during_the_salvage_loses_nothing(tmp_path, moved):
    path = tmp_path / "gateway.db"
    fill(tmp_path / "whole.db", closed=True)
    (tmp_path / "whole.db").rename(tmp_path / "gateway.db.salvaged")
    for name in ("gateway.db-wal", "gateway.db")[moved:]:
        (tmp_path / name).write_bytes(b"damaged")
    outbox = Outbox(path)
    assert len(outbox.restored().rows) == ROWS - 1
    outbox.close()
    assert finish(path) is None


def test_damaged_files_do_not_fill_the_disk(tmp_path):
    path = tmp_path / "gateway.db"
    for number in range(KEPT + 2):
        path.write_bytes(b"damaged %d" % number)
        Outbox(path).close()
    kept = sorted(file.read_bytes() for file in tmp_path.glob("*.damaged-*"))
    assert kept == [b"damaged %d" % number for number in range(2, KEPT + 2)]


def test_damage_that_is_found_while_it_runs_is_salvaged_too(tmp_path):
    path = tmp_path / "gateway.db"
    fill(path, closed=True)
    outbox = Outbox(path)
    content = bytearray(path.read_bytes())
    root = _root_of(path, "outbox")
    content[(root - 1) * PAGE : (root - 1) * PAGE + 100] = bytes(100)
    path.write_bytes(content)
    outbox._file._db.execute("PRAGMA shrink_memory")
    outbox.commit([Put(Row(500, Urgency.EVENT, 1, "topic", b"new"))])
    assert len(outbox.salvages) == 1
    found = {row.id for row in outbox.restored().rows}
    assert {500, ROWS // 2, ROWS} <= found
    outbox.close()


def _root_of(path: Path, table: str) -> int:
    copy = path.with_name("copy.db")
    shutil.copyfile(path, copy)
    database = sqlite3.connect(copy)
    (root,) = database.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    database.close()
    return int(root)


def test_a_log_as_sqlite_writes_it_is_whole(files):
    for name, content in files.items():
        if name.endswith("-wal"):
            with tempfile.TemporaryFile() as wal:
                wal.write(content)
                wal.seek(0)
                assert is_whole(wal)


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_no_replay_is_taken_while_its_counter_can_be_read(registry, speaker, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        frames = _heard(path, speaker)
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(content)
        outbox, intake = Outbox(path), Intake(registry)
        proved = {count.badge for count in outbox.counts() if intake.restore(*count)}
        outbox.close()
        whole = {badge for badge, (_, newest) in frames.items() if newest in bytes(content)}
        if at // PAGE != _page_with(frames, path):
            whole = set(frames)
        for badge, (old, _) in frames.items():
            if badge in proved:
                assert intake.hear(0, old) is None
            assert badge in proved or badge not in whole or at // PAGE == 1


def _page_with(frames, path: Path) -> int:
    content = path.read_bytes()
    return next(content.find(newest) // PAGE for _, newest in frames.values() if newest in content)


def _heard(path: Path, speaker) -> dict[int, tuple[bytes, bytes]]:
    frames = {}
    outbox = Outbox(path)
    for number in range(1, 6):
        badge = speaker(number)
        frames[number] = (badge.say(), badge.say())
        outbox.commit([Count(number, badge.counter, frames[number][1])])
    outbox.close()
    return frames


def test_a_counter_that_its_frame_does_not_prove_silences_nobody(registry, speaker):
    badge, intake = speaker(1), Intake(registry)
    frame = badge.say()
    assert not intake.restore(1, badge.counter | 1 << 30, frame)
    assert intake.hear(0, badge.say()) is not None
