"""What hubs and desk have on their disks, read from outside while they run or lie dead.

Evidence that needs no word of the programs themselves: what stands there survives them.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from desk.rows import kind_of
from desk.turns import SaveAudit
from gateway.contract.messages import Kind
from gateway.disk.salvage import read
from gateway.steps import Count
from simulator.ear import Ear
from simulator.lockstep.log import Log
from simulator.promises.ledger import ALERTS
from wire import WireError
from wire.frame import KIND_STATUS, to_advertisement

_STEP = re.compile(r"(?P<contact>.*): step (?P<step>\d+), round \d+")
_ANSWERS = ("acknowledge", "resolve")
_ALERTS = "SELECT badge, event, kinds, phase, overdue_ms FROM alerts WHERE NOT archived"
_STAGES = "SELECT badge, event, phase FROM timeline WHERE source = 'stages' ORDER BY phase"
_AUDIT = "SELECT at_ms, who, action, alert, outcome FROM audit WHERE id > ? ORDER BY id"
_LAST = "SELECT coalesce(max(id), 0) FROM audit"


class HubDisk:
    """A gateway's database. It lets no other process in while it runs, so its pages are read as
    gateway.disk.salvage reads those of a damaged one. ears: of all badges, by number."""

    def __init__(self, hub: str, path: Path, ears: Mapping[int, Ear], log: Log) -> None:
        self._hub = hub
        self._path = path
        self._ears = ears
        self._log = log
        self._seen: tuple[object, ...] = ()
        self._counters: dict[int, int] = {}

    def look(self) -> None:
        """Notes what is new on it since the last look."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        seen = tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files
                     if file.exists())  # fmt: skip
        if seen == self._seen:
            return
        self._seen = seen
        for count in read(self._path).counts.values():
            if count.badge in self._ears and count.counter > self._counters.get(count.badge, -1):
                self._counters[count.badge] = count.counter
                event = self._event(count)
                self._log.note(
                    self._hub, "kept", badge=count.badge, counter=count.counter, event=event
                )

    def _event(self, count: Count) -> int | None:
        try:
            report = self._ears[count.badge].hear(to_advertisement(count.frame)).report
        except WireError:
            return None
        return None if report.kind == KIND_STATUS else report.event


class DeskDisk:
    """The desk's database. on_call: told contact and alert of each call; on_answer: told alert and
    what a person did with it."""

    def __init__(self, path: Path, log: Log, *, on_call: Callable[[str, str], None]) -> None:
        self._path = path
        self._log = log
        self._on_call = on_call
        self._database: sqlite3.Connection | None = None
        self._version = -1
        self._kept: dict[str, tuple[object, ...]] = {}
        self._audited = 0

    @property
    def alerts(self) -> list[str]:
        """All that are on it and not filed away."""
        return sorted(self._kept)

    def close(self) -> None:
        """Looks no more."""
        if self._database is not None:
            self._database.close()

    def look(self) -> None:
        """Notes what is new on it since the last look."""
        with suppress(sqlite3.OperationalError):  # locked just now: there is a next look
            self._look()

    def _look(self) -> None:
        database = self._open()
        if database is None:
            return
        (version,) = database.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return
        # One transaction: alerts and audit of the same moment.
        with database:
            database.execute("BEGIN")
            self._read_alerts(database)
            self._read_audit(database)
        self._version = version

    def _open(self) -> sqlite3.Connection | None:
        if self._database is None and self._path.exists():
            database = sqlite3.connect(
                f"file:{self._path}?mode=ro", uri=True, isolation_level=None, timeout=0
            )
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            if not {"alerts", "timeline", "audit"} <= tables:
                database.close()
                return None
            self._database = database
        return self._database

    def _read_alerts(self, database: sqlite3.Connection) -> None:
        stages: dict[tuple[int, int], list[str]] = {}
        there = set[str]()
        for badge, event, phase in database.execute(_STAGES):
            stages.setdefault((badge, event), []).append(phase)
        for badge, event, kinds, phase, overdue_ms in database.execute(_ALERTS):
            alert, kind = f"{badge}-{event}", kind_of(kinds)
            reached = tuple(stages.get((badge, event), ()))
            there.add(alert)
            now = (phase, kind, overdue_ms, reached)
            if self._kept.get(alert) != now:
                self._kept[alert] = now
                calls = kind.value in ALERTS or kind is Kind.GOING_OFF or overdue_ms is not None
                self._log.note(
                    "desk", "kept", alert=alert, phase=phase, kind=kind.value, calls=calls,
                    stages=reached,
                )  # fmt: skip

        self._kept = {alert: now for alert, now in self._kept.items() if alert in there}

    def _read_audit(self, database: sqlite3.Connection) -> None:
        for row in database.execute(_AUDIT, (self._audited,)).fetchall():
            self._audit(SaveAudit(*row))
        (self._audited,) = database.execute(_LAST).fetchone()

    def _audit(self, entry: SaveAudit) -> None:
        self._log.note(
            "desk", "audit", by=entry.who, action=entry.action, alert=entry.alert,
            outcome=entry.outcome,
        )  # fmt: skip
        called = _STEP.fullmatch(entry.outcome) if entry.action == "call" else None
        if called is not None:
            step, contact = int(called["step"]), called["contact"]
            self._log.note("desk", "calls", alert=entry.alert, contact=contact, step=step)
            self._on_call(contact, entry.alert)
        elif entry.action in _ANSWERS and entry.outcome == "done":
            self._log.note(entry.who, entry.action, alert=entry.alert)
