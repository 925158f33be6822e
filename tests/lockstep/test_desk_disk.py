"""What a desk keeps in memory is what its database would give the next start."""

import tempfile
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.alert import Key
from desk.core import Core, Setting
from desk.options import EscalationOptions, Step, VisitOptions
from desk.store import Store
from desk.turns import (
    Acknowledge,
    Cleared,
    ClockMoved,
    Confirmed,
    Connected,
    EndVisit,
    Input,
    Kept,
    Look,
    Noticed,
    Notified,
    Reported,
    Resolve,
    SetVisit,
    Tick,
)
from gateway.contract.messages import (
    KINDS,
    PHASES,
    CommandResult,
    Kind,
    Notice,
    Opcode,
    Phase,
    Position,
    Report,
    rfc3339,
)
from simulator.lockstep.desk_disk import DeskDisk, MemoryLedger
from simulator.lockstep.fuse import Fuse, KilledError

NOW_MS = 1_800_000_000_000
SETTING = Setting(
    {1: "Asha N."},
    EscalationOptions((Step(("Sam",), 40), Step(("Kim", "Lee"), 40))),
    VisitOptions(30, 60),
)

badges = st.integers(1, 3)
events = st.integers(1, 3)
hubs = st.sampled_from(("hub-1", "hub-2"))
alerts = st.builds(lambda badge, event: f"{badge}-{event}", badges, events)
people = st.sampled_from(("Ben", "Clara"))
times = st.integers(NOW_MS - 90_000, NOW_MS).map(rfc3339)
reports = st.builds(
    Report,
    badge=badges,
    event=events,
    kind=st.sampled_from(KINDS),
    phase=st.sampled_from(PHASES),
    counter=st.integers(0, 60),
    gateway=hubs,
    heard_at=times,
    position=st.none() | st.just(Position(latitude=53.5, longitude=-2.25, age_s=5, accuracy_m=8)),
    battery=st.none() | st.integers(0, 100),
    covert=st.booleans(),
    drill=st.booleans(),
    stale=st.booleans(),
    place=st.sampled_from((None, None, "Room 1")),
)
notices = st.builds(
    Notice, badge=badges, event=events, gateway=hubs, first_at=times, at=times,
    calls=st.integers(0, 3), reached=st.integers(0, 2), targets=st.just(2),
)  # fmt: skip
results = st.builds(
    CommandResult, id=st.just("c1"), badge=badges, event=events, opcode=st.sampled_from(Opcode),
    gateway=hubs, taken=st.booleans(), at=times,
)  # fmt: skip
keys = st.builds(Key, badges, events)
inputs: st.SearchStrategy[Input] = (
    st.builds(Reported, reports)
    | st.builds(Reported, reports)
    | st.builds(Noticed, notices)
    | st.builds(Confirmed, results)
    | st.builds(Acknowledge, alerts, people, st.none() | st.integers(0, 30))
    | st.builds(Resolve, alerts, people)
    | st.builds(Look, alerts, people)
    | st.builds(SetVisit, badges, people, st.integers(1, 30))
    | st.builds(EndVisit, badges, people)
    | st.builds(Notified, keys, st.sampled_from(("Sam", "Kim", "Lee")), st.booleans())
    | st.builds(ClockMoved, st.integers(-100_000, 100_000))
    | st.builds(Cleared, keys)
    | st.sampled_from((Tick(), Connected()))
)
#: So many ms after the one before; None: another desk begins.
Turn = tuple[int, Input | None]
pauses = st.sampled_from((0, 1_000, 45_000, 600_000))
single: st.SearchStrategy[list[Turn]] = st.tuples(pauses, inputs | st.none()).map(lambda one: [one])


@st.composite
def ends(draw: st.DrawFn) -> list[Turn]:
    """An alert from its report to the archive; and what is told of it then."""
    told = draw(reports)
    raised = replace(told, kind=Kind.ASSIST, phase=Phase.RAISED, place=None)
    turns: list[Turn] = [
        (1_000, Reported(raised)),
        (1_000, Resolve(f"{told.badge}-{told.event}", "Ben")),
        (1_000, Cleared(Key(told.badge, told.event))),
    ]
    later = draw(st.sampled_from((None, Kind.SOS, Kind.ASSIST)))
    if later is not None:
        turns.append((1_000, Reported(replace(raised, kind=later, counter=told.counter + 1))))
    return turns


turns = st.lists(single | single | single | ends(), min_size=5, max_size=20).map(
    lambda several: [turn for some in several for turn in some]
)


def kept_of(core: Core, now_ms: int, given: Input) -> tuple[Kept, ...]:
    return tuple(effect for effect in core.step(now_ms, given) if isinstance(effect, Kept))


@settings(max_examples=50)
@given(turns)
def test_a_desk_that_starts_from_memory_finds_what_one_on_a_database_finds(
    turns: list[Turn],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.db"
        memory, store = MemoryLedger(), Store(path)
        core = Core(SETTING, store.load())
        now_ms = NOW_MS
        for after_ms, given_ in turns:
            now_ms += after_ms
            if given_ is None:
                store.close()
                store = Store(path)
                found = store.load()
                assert memory.load() == found
                core = Core(SETTING, found)
            else:
                kept = kept_of(core, now_ms, given_)
                memory.commit(kept)
                store.commit(kept)
        assert memory.load() == store.load()
        store.close()


@pytest.fixture
def commits() -> list[tuple[Kept, ...]]:
    """An alert, its answer, its end."""
    core = Core(SETTING)
    report = Report(
        badge=1, event=1, kind=KINDS[1], phase=PHASES[2], counter=5, gateway="hub-1",
        heard_at=rfc3339(NOW_MS),
    )  # fmt: skip
    asked: tuple[Input, ...] = (
        Reported(report), Acknowledge("1-1", "Ben", 5), Resolve("1-1", "Ben"), Cleared(Key(1, 1)),
    )  # fmt: skip
    return [kept_of(core, NOW_MS + at, given) for at, given in enumerate(asked)]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_power_can_fail_before_and_after_each_commit_and_leaves_it_undone_or_done(
    tmp_path: Path, kind: str, commits: list[tuple[Kept, ...]]
) -> None:
    for points in range(1, 2 * len(commits) + 1):
        folder = tmp_path / str(points)
        folder.mkdir()
        expected = MemoryLedger()
        kept: list[Kept] = []
        fuse = Fuse()
        disk = DeskDisk(folder if kind == "sqlite" else None, fuse, kept.extend)
        disk.open()
        fuse.light(points)
        with pytest.raises(KilledError):
            deque(map(disk.commit, commits))
        disk.close()
        for commit in commits[: points // 2]:
            expected.commit(commit)
        assert disk.open() == expected.load()
        assert kept == [change for commit in commits[: points // 2] for change in commit]
        disk.close()


def test_nothing_to_keep_is_no_commit_and_a_dead_desk_keeps_nothing(
    commits: list[tuple[Kept, ...]],
) -> None:
    fuse, told = Fuse(), list[Kept]()
    disk = DeskDisk(None, fuse, told.extend)
    disk.open()
    disk.commit(())
    disk.close()
    disk.commit(commits[0])
    assert (fuse.points, told) == (0, [])
