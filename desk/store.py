"""The desk's memory: SQLite through SQLAlchemy Core, on disk before anyone is told."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Select,
    Table,
    and_,
    bindparam,
    create_engine,
    delete,
    event,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from desk.alert import Alert, Ended, Key
from desk.errors import StoreError
from desk.migrations import MIGRATIONS
from desk.remembered import Last, Remembered
from desk.rows import (
    alert_of,
    alert_row,
    audit_row,
    badge_row,
    climb_of,
    climb_row,
    clock_row,
    kind_of,
    marks_by_alert,
    notice_of,
    notice_row,
    presses_of,
    report_row,
    timeline_rows,
    visit_of,
    visit_row,
)
from desk.schema import SCHEMA_VERSION, Schema
from desk.turns import (
    Archive,
    DropClimb,
    Kept,
    SaveAlert,
    SaveAudit,
    SaveBadge,
    SaveClimb,
    SaveClock,
    SaveNotice,
    SaveReport,
    SaveVisit,
)
from gateway.contract.messages import Kind, Notice, Phase

T = TypeVar("T")
_BUSY_MS = 5_000
_Query = Select[tuple[object, ...]]


class Store:
    """The database at `path`, made when it is not there, readable by its owner only.

    All methods raise StoreError, which names the file.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._schema = Schema()
        # Made once: a statement takes SQLAlchemy longer to build than to execute.
        self._put_alert = _upsert(self._schema.alerts)
        self._drop_timeline = _delete_event(self._schema.timeline)
        self._put_timeline = insert(self._schema.timeline)
        self._put_badge = _upsert(self._schema.badges)
        self._put_notice = _upsert(self._schema.notices)
        self._drop_reports = _delete_event(self._schema.reports)
        self._put_visit = _upsert(self._schema.visits)
        self._put_climb = _upsert(self._schema.climbs)
        self._drop_climb = _delete_event(self._schema.climbs)
        self._put_clock = _upsert(self._schema.clock)
        self._put_report = insert_or(self._schema.reports).on_conflict_do_nothing()
        self._engine = self._guard(self._open)

    def commit(self, kept: Iterable[Kept]) -> None:
        """Write all of it in one transaction; on return it survives a power cut."""
        self._guard(lambda: self._commit(tuple(kept)))

    def load(self) -> Remembered:
        """All that a desk needs to go on where another stopped."""
        return self._guard(self._load)

    def recent(self, limit: int) -> tuple[Alert, ...]:
        """The latest alerts, archived ones too, newest first."""
        return self._guard(lambda: self._recent(limit))

    def audit(self) -> tuple[SaveAudit, ...]:
        """Every audit entry, oldest first."""
        return self._guard(self._audit)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _open(self) -> Engine:
        # Made by us first: SQLite would let others read it.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        engine = create_engine(f"sqlite:///{self._path}")
        event.listen(engine, "connect", _set_up)
        with engine.begin() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version not in (0, *MIGRATIONS, SCHEMA_VERSION):
                raise StoreError(
                    f"{self._path}: schema {version}, but this desk knows {SCHEMA_VERSION};"
                    " use the version of Tocsin that wrote it, or a newer one"
                )
            self._migrate(connection, version)
        return engine

    def _migrate(self, connection: Connection, version: int) -> None:
        """Bring a new or older database to this schema: wholly, or not at all."""
        # Without this, the driver would commit each change of a table by itself.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        while version in MIGRATIONS:
            for statement in MIGRATIONS[version]:
                connection.exec_driver_sql(statement)
            version += 1
        self._schema.metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _commit(self, kept: tuple[Kept, ...]) -> None:
        if not kept:
            return
        with self._engine.begin() as connection:
            for change in kept:
                self._write(connection, change)

    def _write(self, connection: Connection, change: Kept) -> None:
        match change:
            case SaveAlert(alert):
                connection.execute(self._put_alert, [alert_row(alert)])
                connection.execute(self._drop_timeline, alert.key._asdict())
                connection.execute(self._put_timeline, list(timeline_rows(alert)))
            case SaveReport():
                connection.execute(self._put_report, [report_row(change)])
            case SaveBadge():
                connection.execute(self._put_badge, [badge_row(change)])
            case SaveNotice():
                connection.execute(self._put_notice, [notice_row(change)])
            case SaveVisit(visit):
                connection.execute(self._put_visit, [visit_row(visit)])
            case SaveClimb(climb):
                connection.execute(self._put_climb, [climb_row(climb)])
            case DropClimb(key):
                connection.execute(self._drop_climb, key._asdict())
            case SaveClock():
                connection.execute(self._put_clock, [clock_row(change)])
            case SaveAudit():
                connection.execute(insert(self._schema.audit), [audit_row(change)])
            case Archive(key):
                self._archive(connection, key)

    def _archive(self, connection: Connection, key: Key) -> None:
        alerts = self._schema.alerts
        # Where it was is of no more use: nobody is tracked off duty.
        connection.execute(
            update(alerts)
            .where(alerts.c.badge == key.badge, alerts.c.event == key.event)
            .values(archived=True, fix=None)
        )
        connection.execute(self._drop_reports, key._asdict())

    def _load(self) -> Remembered:
        alerts, badges = self._schema.alerts, self._schema.badges
        live = select(alerts).where(alerts.c.archived.is_(False))
        columns = (alerts.c.badge, alerts.c.event, alerts.c.phase, alerts.c.kinds, alerts.c.presses)
        ended = select(*columns).where(alerts.c.archived)
        of_badges = select(badges)
        with self._engine.connect() as connection:
            known = connection.execute(of_badges).all()
            return Remembered(
                self._alerts(connection, live),
                {
                    Key(row.badge, event): Ended(Phase(row.phase), kind_of(row.kinds))
                    for row in connection.execute(ended)
                    for event in {row.event} | presses_of(row.presses)
                },
                {row.badge: row.counter for row in known},
                self._notices(connection),
                tuple(map(visit_of, self._rows(connection, self._schema.visits))),
                tuple(map(climb_of, self._rows(connection, self._schema.climbs))),
                self._clock(connection),
                {
                    row.badge: Last(row.heard_ms, row.missed, row.kind == Kind.GOING_OFF)
                    for row in known
                },
            )

    def _rows(self, connection: Connection, table: Table) -> tuple[dict[str, object], ...]:
        found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        return tuple(dict(row) for row in found)

    def _clock(self, connection: Connection) -> SaveClock | None:
        row = connection.execute(select(self._schema.clock)).one_or_none()
        return None if row is None else SaveClock(row.ahead_ms, row.seen_ms)

    def _notices(self, connection: Connection) -> tuple[Notice, ...]:
        """Those of events that are not archived: also of such as are not known yet."""
        alerts, notices = self._schema.alerts, self._schema.notices
        same = and_(alerts.c.badge == notices.c.badge, alerts.c.event == notices.c.event)
        archived = exists().where(same, alerts.c.archived)
        found = connection.execute(select(notices.c.notice).where(~archived)).scalars()
        return tuple(map(notice_of, found))

    def _recent(self, limit: int) -> tuple[Alert, ...]:
        alerts = self._schema.alerts
        newest = select(alerts).order_by(alerts.c.heard_ms.desc()).limit(limit)
        with self._engine.connect() as connection:
            return self._alerts(connection, newest)

    def _audit(self) -> tuple[SaveAudit, ...]:
        table = self._schema.audit
        columns = [table.c[name] for name in SaveAudit._fields]
        query = select(*columns).order_by(table.c.id)
        with self._engine.connect() as connection:
            return tuple(SaveAudit(**row) for row in connection.execute(query).mappings())

    def _alerts(self, connection: Connection, query: _Query) -> tuple[Alert, ...]:
        timeline, wanted = self._schema.timeline, query.subquery()
        same = and_(timeline.c.badge == wanted.c.badge, timeline.c.event == wanted.c.event)
        told = connection.execute(select(timeline).join(wanted, same)).mappings()
        marks = marks_by_alert(dict(row) for row in told)
        rows = connection.execute(query).mappings()
        return tuple(alert_of(dict(row), marks) for row in rows)

    def _guard(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (SQLAlchemyError, OSError, ValueError, msgspec.MsgspecError) as error:
            # SQLAlchemy's own text would hold the statement and what it carries.
            cause = getattr(error, "orig", None) or error
            text = str(cause).partition("\n")[0]
            raise StoreError(
                f"{self._path}: {type(cause).__name__}: {text};"
                " check the disk and the file's owner, or restore a backup"
            ) from None


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", f"busy_timeout = {_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _upsert(table: Table) -> Insert:
    """Insert rows, or replace those with the same primary key."""
    statement = insert_or(table)
    new = {column.name: column for column in statement.excluded}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


def _delete_event(table: Table) -> Delete:
    """Delete what belongs to one event."""
    same = and_(table.c.badge == bindparam("badge"), table.c.event == bindparam("event"))
    return delete(table).where(same)
