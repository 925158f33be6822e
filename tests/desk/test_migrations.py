"""A database that an earlier desk left goes on in this one: wholly, or as it was."""

import sqlite3
from pathlib import Path

import pytest

from desk import store as stores
from desk.core import Core
from desk.errors import StoreError
from desk.migrations import MIGRATIONS
from desk.schema import SCHEMA_VERSION
from desk.store import Store
from desk.turns import Tick
from gateway.contract.messages import Phase

from .conftest import NOW_MS
from .office import SETTING

DATA = Path(__file__).parents[1] / "data"
VERSIONS = sorted(int(path.stem.split("-")[1]) for path in DATA.glob("desk-*.sql"))


@pytest.fixture(params=VERSIONS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "desk.db"
    connection = sqlite3.connect(path)
    connection.executescript((DATA / f"desk-{request.param}.sql").read_text())
    connection.close()
    return path


def shape(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Each table's columns: name, type, whether it may be null, place in the key."""
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    columns = {
        name: {
            (one[1], one[2], one[3], one[5])
            for one in connection.execute(f"PRAGMA table_info({name})")
        }
        for (name,) in tables
    }
    columns["version"] = set(connection.execute("PRAGMA user_version"))
    connection.close()
    return columns


def test_there_is_a_database_of_every_version_that_can_be_brought_forward() -> None:
    assert sorted(MIGRATIONS) == VERSIONS == list(range(2, SCHEMA_VERSION))


def test_alerts_answers_and_audit_are_still_there_and_the_schema_is_the_new_one(
    database: Path, tmp_path: Path
) -> None:
    store = Store(database)
    kept = store.load()
    assert {str(alert.key): alert.phase for alert in kept.alerts} == {
        "1-2": Phase.ACKNOWLEDGED,
        "1-3": Phase.DELIVERED,
    }
    assert kept.alerts[0].stages[Phase.ACKNOWLEDGED].by == "Ben"
    assert [str(key) for key in kept.ended] == ["2-1"]
    assert kept.counters == {1: 11, 2: 5}
    assert [entry.who for entry in store.audit()] == ["Ben"]
    store.close()
    Store(tmp_path / "new.db").close()
    assert shape(database) == shape(tmp_path / "new.db")


def test_a_visit_that_ran_under_the_earlier_desk_rings_under_this_one(database: Path) -> None:
    store = Store(database)
    core = Core(SETTING, store.load())
    core.step(NOW_MS, Tick())
    assert [visit.alert for visit in core.visits] == ["1-3"]
    core.step(NOW_MS + 24 * 3_600_000, Tick())
    core.step(NOW_MS + 24 * 3_600_000 + 20_000, Tick())
    assert {record.alert for record in core.records if record.overdue_at} == {"1-3"}
    store.close()


def test_a_migration_that_is_cut_off_leaves_the_database_as_it_was(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shape(database)
    broken = {version: (*told, "no SQL at all") for version, told in MIGRATIONS.items()}
    monkeypatch.setattr(stores, "MIGRATIONS", broken)
    with pytest.raises(StoreError, match=r"desk\.db: OperationalError"):
        Store(database)
    assert shape(database) == before
    monkeypatch.undo()
    Store(database).close()
    assert shape(database)["version"] == {(SCHEMA_VERSION,)}
