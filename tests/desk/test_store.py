"""What the desk committed is there again, exactly, and for its owner only."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.alert import Ended, Key, Mark, sight
from desk.climb import Climb
from desk.errors import StoreError
from desk.remembered import Last, Remembered
from desk.schema import SCHEMA_VERSION
from desk.store import Store
from desk.turns import (
    Archive,
    DropClimb,
    SaveAlert,
    SaveAudit,
    SaveBadge,
    SaveClimb,
    SaveClock,
    SaveReport,
    SaveVisit,
)
from desk.visit import Visit
from gateway.contract.messages import KINDS, PHASES, Kind, Phase, Position, Report

MakeReport = Callable[..., Report]

reports = st.builds(
    Report,
    badge=st.integers(1, 0xFFFF),
    event=st.integers(0, 0xFFFF),
    kind=st.sampled_from(KINDS),
    phase=st.sampled_from(PHASES),
    counter=st.integers(0, 0xFFFFFFFF),
    gateway=st.sampled_from(("hub-1", "hub-2")),
    heard_at=st.just("2026-01-01T00:00:00.000Z"),
    position=st.none()
    | st.builds(Position, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180)),
    battery=st.none() | st.integers(0, 100),
    covert=st.booleans(),
    drill=st.booleans(),
    stale=st.booleans(),
    rssi=st.none() | st.integers(-200, 100),
    place=st.none() | st.text(max_size=200),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@settings(deadline=None)
@given(report=reports, missed=st.booleans())
def test_an_alert_comes_back_as_it_was(folder: Path, report: Report, missed: bool) -> None:
    path = folder / "one.db"
    path.unlink(missing_ok=True)
    alert = sight(report, 5, 7)
    store = Store(path)
    store.commit([SaveAlert(alert), SaveReport(report, 5), SaveBadge(report, 5, missed)])
    store.close()
    again = Store(path)
    last = Last(5, missed, report.kind is Kind.GOING_OFF)
    assert again.load() == Remembered(
        (alert,), {}, {report.badge: report.counter}, heard={report.badge: last}
    )
    assert again.recent(5) == (alert,)
    again.close()


def test_an_archived_alert_leaves_its_end_and_no_position(
    tmp_path: Path, report: MakeReport
) -> None:
    store = Store(tmp_path / "desk.db")
    alert = sight(report(), 5, 7)
    resolved = {Phase.RESOLVED: Mark(9, "Ben")}
    ended = replace(alert, stages=resolved)
    store.commit([SaveAlert(ended), SaveReport(report(), 5), Archive(Key(1, 2))])
    assert store.load() == Remembered((), {Key(1, 2): Ended(Phase.RESOLVED, Kind.SOS)}, {})
    assert store.recent(1)[0].fix is None
    store.close()


def test_a_stage_that_was_taken_back_does_not_return(tmp_path: Path, report: MakeReport) -> None:
    store = Store(tmp_path / "desk.db")
    open_again = sight(report(), 5, 7)
    resolved = replace(open_again, stages={Phase.RESOLVED: Mark(9, "Ben")})
    store.commit([SaveAlert(resolved), SaveAlert(open_again)])
    assert store.load().alerts == (open_again,)
    store.close()


def test_a_commit_is_all_or_nothing(tmp_path: Path, report: MakeReport) -> None:
    store = Store(tmp_path / "desk.db")
    broken = SaveAudit(1, None, "look", "1-2", "shown")  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"desk\.db: IntegrityError"):
        store.commit([SaveAlert(sight(report(), 5, 7)), broken])
    assert store.load().alerts == ()
    store.close()


def test_the_audit_trail_keeps_who_and_when(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    entries = (
        SaveAudit(1, "Ben", "acknowledge", "1-2", "done"),
        SaveAudit(2, "Clara", "resolve", "1-2", "done"),
    )
    store.commit(entries)
    assert store.audit() == entries
    store.close()


def test_nobody_else_may_read_the_database(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    store.close()


def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    store.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match=r"desk\.db: DatabaseError: file is not a database; "):
        Store(path)


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(
        StoreError, match=rf"desk\.db: schema 99, but this desk knows {SCHEMA_VERSION}"
    ):
        Store(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/desk\.db: FileNotFoundError"):
        Store(tmp_path / "nowhere" / "desk.db")


times = st.integers(-(2**53), 2**53)
names = st.text(max_size=64)
visits = st.builds(
    Visit,
    key=st.builds(Key, st.integers(1, 0xFFFF), st.integers(0, 0xFFFF)),
    kind=st.sampled_from((Kind.CHECK_IN, Kind.CHECK_OUT)),
    counter=st.integers(0, 0xFFFFFFFF),
    state=st.sampled_from(("running", "ended", "missed")),
    heard_ms=times,
    since_ms=times,
    due_ms=times,
    over_ms=st.none() | times,
    by=names,
    told=st.booleans(),
)
climbs = st.builds(
    Climb,
    key=st.builds(Key, st.integers(1, 0xFFFF), st.integers(0, 0xFFFF)),
    kind=st.sampled_from(KINDS),
    drill=st.booleans(),
    began_ms=times,
    due_ms=st.none() | times,
    round=st.integers(0, 10**6),
    step=st.integers(0, 100),
    called_ms=st.none() | times,
    latest=st.lists(names, max_size=3).map(tuple),
    awaited=st.frozensets(names, max_size=3),
    called=st.frozensets(names, max_size=3),
)


@settings(deadline=None, max_examples=50)
@given(visit=visits, climb=climbs, clock=st.builds(SaveClock, times, times))
def test_timers_come_back_as_they_were(
    folder: Path, visit: Visit, climb: Climb, clock: SaveClock
) -> None:
    path = folder / "timers.db"
    path.unlink(missing_ok=True)
    store = Store(path)
    store.commit([SaveVisit(replace(visit, told=not visit.told)), SaveClock(1, 1)])
    store.commit([SaveVisit(visit), SaveClimb(climb), SaveClock(*clock)])
    store.close()
    again = Store(path)
    kept = again.load()
    assert (kept.visits, kept.climbs, kept.clock) == ((visit,), (climb,), clock)
    again.commit([DropClimb(climb.key)])
    assert again.load().climbs == ()
    again.close()
