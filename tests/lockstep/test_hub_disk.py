"""A hub's disk: rows in memory are what SQLite would hold, and power fails where it can."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.messages import CommandMessage, Opcode, encode
from gateway.disk.outbox import Outbox
from gateway.errors import DiskFullError
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
    Urgency,
    Watch,
)
from simulator.lockstep.fuse import Fuse, KilledError
from simulator.lockstep.hub_disk import HubDisk, Rows
from simulator.world.draws import Draws

badges = st.integers(1, 4)
events = st.integers(1, 3)
payloads = st.binary(max_size=40)
names = st.sampled_from(("c1", "c2", "c3"))


def command(name: str, badge: int) -> Keep:
    message = CommandMessage(
        id=name, badge=badge, event=1, opcode=Opcode.BUZZ, expires_at="2026-01-01T00:00:00.000Z"
    )
    return Keep(name, encode(message))


#: A number stands for a row that is new, or for one that may be there.
wishes = st.lists(
    st.builds(
        Row, st.just(0), st.sampled_from(Urgency), badges, st.text(max_size=5), payloads,
        st.text(max_size=3),
    )
    | st.builds(Drop, st.integers(1, 30))
    | st.builds(Count, badges, st.integers(1, 9), payloads)
    | st.builds(Forget, badges)
    | st.builds(Await, badges, events, st.text(max_size=5), payloads)
    | st.builds(Settle, badges, events)
    | st.builds(command, names, badges)
    | st.builds(Done, names)
    | st.builds(Watch, badges, events, payloads)
    | st.builds(Unwatch, badges, events),
    min_size=3,
    max_size=8,
)  # fmt: skip
#: Commits, and a None for each time that a process begins anew.
histories = st.lists(wishes | wishes | st.none(), min_size=3, max_size=12)
_MATTERS = {
    Put: "row", Drop: "row", Count: "count", Forget: "count", Await: "await", Settle: "await",
    Keep: "command", Done: "command", Watch: "watch", Unwatch: "watch",
}  # fmt: skip


def commits(history: list[list[Change | Row] | None]) -> Iterator[list[Change] | None]:
    """Rows get numbers that were never given; no two changes of a commit are about one matter."""
    number = 0
    for wished in history:
        if wished is None:
            yield None
            continue
        about: dict[tuple[object, ...], Change] = {}
        for one in wished:
            change: Change
            if isinstance(one, Row):
                number += 1
                change = Put(one._replace(id=number))
                key: tuple[object, ...] = (number,)
            else:
                change = one
                of_event = isinstance(one, Await | Settle | Watch | Unwatch)
                key = tuple(one[: 2 if of_event else 1])
            about.setdefault((_MATTERS[type(change)], *key), change)
        yield list(about.values())


@settings(max_examples=50)
@given(histories)
def test_rows_in_memory_are_those_of_the_outbox_after_any_commits_and_starts(
    history: list[list[Change | Row] | None],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows, outbox = Rows(), Outbox(Path(folder) / "hub.db")
        for changes in commits(history):
            if changes is None:
                outbox.close()
                outbox = Outbox(Path(folder) / "hub.db")
            else:
                rows.commit(changes)
                outbox.commit(changes)
            assert rows.restored() == outbox.restored()
            assert rows.counts() == outbox.counts()
            assert rows.letters(range(1, 40)) == outbox.letters(range(1, 40))
        outbox.close()


# -- where a process dies ---------------------------------------------------

Make = Callable[..., HubDisk]
KINDS = ("memory", "sqlite")
HISTORY: list[list[Change]] = [
    [Count(1, n, b"f" * 24), Put(Row(n, Urgency.EVENT, 1, "topic", b"p"))] for n in (1, 2)
]


def state(disk: HubDisk) -> tuple[Restored, list[Count]]:
    return disk.restored(), disk.counts()


def make(folder: Path | None, kept: list[Change] | None = None, seed: int = 1) -> HubDisk:
    told = [] if kept is None else kept
    disk = HubDisk(folder, Fuse(), told.extend, Draws(seed).uniform)
    disk.open()
    return disk


@pytest.mark.parametrize("kind", KINDS)
def test_power_can_fail_before_and_after_each_commit_and_leaves_it_undone_or_done(
    tmp_path: Path, kind: str
) -> None:
    for points in range(1, 6):
        folder = tmp_path / str(points)
        folder.mkdir()
        kept: list[Change] = []
        fuse = Fuse()
        disk = HubDisk(folder if kind == "sqlite" else None, fuse, kept.extend, Draws(1).uniform)
        disk.open()
        fuse.light(points)
        done = 0
        try:
            for changes in HISTORY:
                disk.commit(changes)
                done += 1
        except KilledError:
            assert done == (points - 1) // 2
        else:
            assert points == 5  # two commits are four points
        disk.close()
        disk.open()
        survived = min(2, points // 2)
        assert kept == [change for changes in HISTORY[:survived] for change in changes]
        assert [row.id for row in disk.restored().rows] == list(range(1, survived + 1))
        assert disk.counts() == [Count(1, n, b"f" * 24) for n in (survived,) if n]
        fuse.put_out()
        for changes in HISTORY[survived:]:
            disk.commit(changes)
        assert len(disk.restored().rows) == 2
        disk.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_takes_nothing_and_says_so_until_there_is_space(
    tmp_path: Path, kind: str
) -> None:
    kept: list[Change] = []
    disk = make(tmp_path if kind == "sqlite" else None, kept)
    disk.commit(HISTORY[0])
    before = state(disk)
    disk.full = True
    with pytest.raises(DiskFullError):
        disk.commit(HISTORY[1])
    disk.recover()
    assert (disk.disk, state(disk), kept) == ("full", before, HISTORY[0])
    disk.full = False
    disk.recover()
    assert disk.disk == "ok"
    disk.commit(HISTORY[1])
    assert len(disk.restored().rows) == 2
    disk.close()


# -- torn commits -----------------------------------------------------------


def press(number: int, size: int = 400) -> list[Change]:
    """What a hub commits for a report: the counter, the row, and that a receipt is awaited."""
    payload = b"%06d" % number * (size // 6)
    row = Row(number, Urgency.EVENT, number, f"event/{number}", payload)
    changes: list[Change] = [Count(number, number, b"f" * 24), Put(row)]
    return [*changes, Await(number, 1, f"event/{number}", payload)]


class Torn:
    """A disk after so many presses, which loses its power in the next commit, by each draw."""

    def __init__(self, folder: Path, presses: int, changes: list[Change]) -> None:
        self.folder = folder
        self.changes = changes
        disk = make(folder / "whole")
        for number in range(1, presses + 1):
            disk.commit(press(number))
        self.before = state(disk)
        self._snapshot(disk, folder / "start")
        disk.commit(changes)
        self.after = state(disk)
        disk.close()

    def _snapshot(self, disk: HubDisk, into: Path) -> None:
        into.mkdir()
        for file in (self.folder / "whole").glob("hub.db*"):
            shutil.copyfile(file, into / file.name)

    def states(self, draws: int) -> Iterator[tuple[Restored, list[Count]]]:
        for seed in range(draws):
            folder = self.folder / str(seed)
            shutil.copytree(self.folder / "start", folder)
            disk = make(folder, seed=seed)
            disk.tears = True
            disk._fuse.light(1)
            with pytest.raises(KilledError):
                disk.commit(self.changes)
            disk.close()
            disk.open()
            assert disk.disk == "ok"
            yield state(disk)
            disk.commit(press(60_000))  # and goes on
            disk.close()
            shutil.rmtree(folder)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    (tmp_path / "whole").mkdir()
    return tmp_path


#: Presses before: the log has just begun; it grows; with the next commit the database is written.
LOGS = {"a young log": 3, "a long log": 30, "the database after its log": 48}


@pytest.mark.parametrize("presses", LOGS.values(), ids=LOGS)
def test_a_commit_that_the_power_fails_in_is_done_or_undone_or_salvaged_and_older_ones_stay(
    whole: Path, presses: int
) -> None:
    torn = Torn(whole, presses, [*press(presses + 1), Drop(1)])
    endings = list(torn.states(25))
    for restored, counts in endings:
        rows, awaiting = set(restored.rows), set(restored.awaiting)
        assert rows >= set(torn.before[0].rows) & set(torn.after[0].rows)
        assert rows <= set(torn.before[0].rows) | set(torn.after[0].rows)
        assert set(torn.before[0].awaiting) <= awaiting <= set(torn.after[0].awaiting)
        assert set(torn.before[1]) <= set(counts) <= set(torn.after[1])
        assert restored.next_row >= torn.before[0].next_row
    assert torn.after in endings
    if presses != LOGS["the database after its log"]:  # that log was on the disk as a whole
        assert torn.before in endings


def test_only_the_next_commit_is_torn(whole: Path) -> None:
    torn = Torn(whole, 3, press(4))
    disk = make(whole / "start")
    disk.tears = True
    disk._fuse.light(2)
    with pytest.raises(KilledError):
        disk.commit(torn.changes)  # the power fails behind it
    disk.close()
    disk.open()
    assert state(disk) == torn.after
    disk.close()
