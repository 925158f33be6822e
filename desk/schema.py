"""The desk's database: one schema. Times are unix ms."""

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table

#: `user_version` of a database with this schema.
SCHEMA_VERSION = 4


class Schema:
    """The tables.

    alerts: one row an alert, as it now is. timeline: when a phase was first
    reported by the badge, made true by the desk, or felt by the badge.
    reports: which gateway heard which frame how loudly. badges: the newest of
    each badge, with the highest frame counter. notices: the latest of each
    gateway about an event that it called people for. visits: the latest check in or
    out of each badge. climbs: where the chain of people stands who are called for an
    alert. clock: one row. audit: who did what, and who was called.

    Times of visits and climbs are of the time that only runs (desk/steady.py): the
    host's unix ms, and `ahead_ms` of the clock's row on top.
    """

    def __init__(self) -> None:
        self.metadata = MetaData()
        self.alerts = Table("alerts", self.metadata, *_key(), *_alert())
        self.timeline = Table(
            "timeline",
            self.metadata,
            *_key(),
            Column("source", String(8), primary_key=True),
            Column("phase", String(16), primary_key=True),
            Column("at_ms", Integer, nullable=False),
            Column("by", String(200), nullable=False),
        )
        self.reports = Table(
            "reports",
            self.metadata,
            Column("badge", Integer, primary_key=True),
            Column("counter", Integer, primary_key=True),
            Column("gateway", String(32), primary_key=True),
            Column("event", Integer, nullable=False),
            Column("kind", String(16), nullable=False),
            Column("phase", String(16), nullable=False),
            Column("heard_ms", Integer, nullable=False),
            Column("rssi", Integer),
        )
        self.badges = Table(
            "badges",
            self.metadata,
            Column("badge", Integer, primary_key=True, autoincrement=False),
            Column("counter", Integer, nullable=False),
            Column("heard_ms", Integer, nullable=False),
            Column("gateway", String(32), nullable=False),
            Column("kind", String(16), nullable=False),
            Column("phase", String(16), nullable=False),
            Column("battery", Integer),
            Column("charging", Boolean, nullable=False),
            Column("fault", Boolean, nullable=False),
            Column("missed", Boolean, nullable=False, server_default="0"),
        )
        self.notices = Table(
            "notices",
            self.metadata,
            *_key(),
            Column("gateway", String(200), primary_key=True),
            Column("notice", String(2000), nullable=False),
        )
        self.visits = Table(
            "visits",
            self.metadata,
            Column("badge", Integer, primary_key=True, autoincrement=False),
            Column("event", Integer, nullable=False),
            Column("kind", String(16), nullable=False),
            Column("counter", Integer, nullable=False),
            Column("state", String(16), nullable=False),
            Column("heard_ms", Integer, nullable=False),
            Column("since_ms", Integer, nullable=False),
            Column("due_ms", Integer, nullable=False),
            Column("over_ms", Integer),
            Column("by", String(200), nullable=False),
            Column("told", Boolean, nullable=False),
        )
        self.climbs = Table(
            "climbs",
            self.metadata,
            *_key(),
            Column("kind", String(16), nullable=False),
            Column("drill", Boolean, nullable=False),
            Column("began_ms", Integer, nullable=False),
            Column("due_ms", Integer),
            Column("round", Integer, nullable=False),
            Column("step", Integer, nullable=False),
            Column("called_ms", Integer),
            Column("latest", String(4000), nullable=False),
            Column("awaited", String(4000), nullable=False),
            Column("called", String(4000), nullable=False),
        )
        self.clock = Table(
            "clock",
            self.metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("ahead_ms", Integer, nullable=False),
            Column("seen_ms", Integer, nullable=False),
        )
        self.audit = Table(
            "audit",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("at_ms", Integer, nullable=False, index=True),
            Column("who", String(200), nullable=False),
            Column("action", String(32), nullable=False),
            Column("alert", String(32), nullable=False),
            Column("outcome", String(300), nullable=False),
        )


def _key() -> tuple[Column[int], Column[int]]:
    return (
        Column("badge", Integer, primary_key=True, autoincrement=False),
        Column("event", Integer, primary_key=True, autoincrement=False),
    )


def _alert() -> tuple[Column[int] | Column[str] | Column[bool], ...]:
    return (
        Column("kinds", String(200), nullable=False),
        Column("phase", String(16), nullable=False),
        Column("received_ms", Integer, nullable=False),
        Column("heard_ms", Integer, nullable=False, index=True),
        Column("updated_ms", Integer, nullable=False),
        Column("lowest", Integer, nullable=False),
        Column("highest", Integer, nullable=False),
        Column("fix", String(300)),
        Column("charge", String(32)),
        Column("minutes", Integer),
        Column("gateways", String(4000), nullable=False),
        Column("warnings", String(4000), nullable=False),
        Column("covert", Boolean, nullable=False),
        Column("drill", Boolean, nullable=False),
        Column("place", String(200)),
        Column("presses", String(4000), nullable=False),
        Column("overdue_ms", Integer),
        Column("archived", Boolean, nullable=False, index=True),
    )
