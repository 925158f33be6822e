"""Alerts, reports and audit entries as rows of the database, and back."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from desk.alert import STRENGTH, Alert, Charge, Fix, Key, Mark, Marks
from desk.climb import Climb
from desk.turns import SaveAudit, SaveBadge, SaveClock, SaveNotice, SaveReport
from desk.visit import Visit
from gateway.contract.messages import Kind, Notice, Phase

Row = dict[str, object]
_SOURCES = ("reported", "stages", "felt")


def alert_row(alert: Alert) -> Row:
    """The row of an alert, without its timeline."""
    return {
        "badge": alert.key.badge,
        "event": alert.key.event,
        "kinds": _json(sorted(alert.kinds)),
        "phase": str(alert.phase),
        "received_ms": alert.received_ms,
        "heard_ms": alert.heard_ms,
        "updated_ms": alert.updated_ms,
        "lowest": alert.lowest,
        "highest": alert.highest,
        "fix": None if alert.fix is None else _json(alert.fix),
        "charge": None if alert.charge is None else _json(alert.charge),
        "minutes": alert.minutes,
        "gateways": _json(sorted(alert.gateways)),
        "warnings": _json(sorted(alert.warnings)),
        "covert": alert.covert,
        "drill": alert.drill,
        "place": alert.place,
        "presses": _json(sorted(alert.presses)),
        "overdue_ms": alert.overdue_ms,
        "archived": False,
    }


def timeline_rows(alert: Alert) -> Iterator[Row]:
    """One row for each phase that was reported, made true, or felt."""
    for source, marks in zip(_SOURCES, (alert.reported, alert.stages, alert.felt), strict=True):
        for phase, mark in marks.items():
            yield {
                "badge": alert.key.badge,
                "event": alert.key.event,
                "source": source,
                "phase": str(phase),
                "at_ms": mark.at_ms,
                "by": mark.by,
            }


def report_row(saved: SaveReport) -> Row:
    """The row of one report of an event."""
    report = saved.report
    return {
        "badge": report.badge,
        "counter": report.counter,
        "gateway": report.gateway,
        "event": report.event,
        "kind": str(report.kind),
        "phase": str(report.phase),
        "heard_ms": saved.heard_ms,
        "rssi": report.rssi,
    }


def badge_row(saved: SaveBadge) -> Row:
    """The row of the newest that a badge said about itself; never where it was."""
    report = saved.report
    return {
        "badge": report.badge,
        "counter": report.counter,
        "heard_ms": saved.heard_ms,
        "gateway": report.gateway,
        "kind": str(report.kind),
        "phase": str(report.phase),
        "battery": report.battery,
        "charging": report.charging,
        "fault": report.fault,
        "missed": saved.missed,
    }


def notice_row(saved: SaveNotice) -> Row:
    """The row of a gateway's notice."""
    told = saved.notice
    return {
        "badge": told.badge,
        "event": told.event,
        "gateway": told.gateway,
        "notice": _json(told),
    }


def notice_of(column: str) -> Notice:
    """The notice of a row. Raises msgspec.ValidationError."""
    return msgspec.json.decode(column, type=Notice)


def visit_row(visit: Visit) -> Row:
    """The row of a badge's visit."""
    row = msgspec.structs.asdict(visit)
    return {**row.pop("key")._asdict(), **row, "kind": str(visit.kind)}


def visit_of(row: Mapping[str, object]) -> Visit:
    """The visit of a row. Raises msgspec.ValidationError."""
    return msgspec.convert(_keyed(row), Visit, strict=False)


def climb_row(climb: Climb) -> Row:
    """The row of an alert's climb."""
    row = msgspec.structs.asdict(climb)
    return {
        **row.pop("key")._asdict(),
        **row,
        "kind": str(climb.kind),
        "latest": _json(climb.latest),
        "awaited": _json(sorted(climb.awaited)),
        "called": _json(sorted(climb.called)),
    }


def climb_of(row: Mapping[str, object]) -> Climb:
    """The climb of a row. Raises msgspec.ValidationError."""
    names = {
        name: msgspec.json.decode(str(row[name]), type=tuple[str, ...])
        for name in ("latest", "awaited", "called")
    }
    return msgspec.convert({**_keyed(row), **names}, Climb)


def clock_row(saved: SaveClock) -> Row:
    """The one row of the clock."""
    return {"id": 1, **saved._asdict()}


def audit_row(saved: SaveAudit) -> Row:
    """The row of an audit entry."""
    return dict(saved._asdict())


def marks_by_alert(rows: Iterable[Mapping[str, object]]) -> dict[tuple[Key, str], Marks]:
    """Timeline rows, gathered by alert and source. Raises msgspec.ValidationError."""
    gathered: dict[tuple[Key, str], Marks] = {}
    for row in rows:
        told = msgspec.convert(_plain(row), _Told)
        marks = gathered.setdefault((Key(told.badge, told.event), told.source), {})
        marks[told.phase] = Mark(told.at_ms, told.by)
    return gathered


def alert_of(row: Mapping[str, object], marks: Mapping[tuple[Key, str], Marks]) -> Alert:
    """The alert of a row. Raises msgspec.ValidationError when it is none."""
    kept = msgspec.convert(_plain(row), _Kept)
    key = Key(kept.badge, kept.event)
    reported, stages, felt = (marks.get((key, source), {}) for source in _SOURCES)
    return Alert(
        key=key,
        kinds=msgspec.json.decode(kept.kinds, type=frozenset[Kind]),
        received_ms=kept.received_ms,
        heard_ms=kept.heard_ms,
        updated_ms=kept.updated_ms,
        lowest=kept.lowest,
        highest=kept.highest,
        reported=reported,
        stages=stages,
        felt=felt,
        fix=None if kept.fix is None else msgspec.json.decode(kept.fix, type=Fix),
        charge=None if kept.charge is None else msgspec.json.decode(kept.charge, type=Charge),
        minutes=kept.minutes,
        gateways=msgspec.json.decode(kept.gateways, type=frozenset[str]),
        warnings=msgspec.json.decode(kept.warnings, type=frozenset[str]),
        covert=kept.covert,
        drill=kept.drill,
        place=kept.place,
        presses=presses_of(kept.presses),
        overdue_ms=kept.overdue_ms,
    )


def kind_of(column: str) -> Kind:
    """The strongest of the kinds that were reported. Raises msgspec.ValidationError."""
    return max(msgspec.json.decode(column, type=frozenset[Kind]), key=STRENGTH.index)


def presses_of(column: str) -> frozenset[int]:
    """The event numbers that are one alert. Raises msgspec.ValidationError."""
    return msgspec.json.decode(column, type=frozenset[int])


class _Told(msgspec.Struct):
    badge: int
    event: int
    source: str
    phase: Phase
    at_ms: int
    by: str


class _Kept(msgspec.Struct):
    badge: int
    event: int
    kinds: str
    received_ms: int
    heard_ms: int
    updated_ms: int
    lowest: int
    highest: int
    fix: str | None
    charge: str | None
    minutes: int | None
    gateways: str
    warnings: str
    covert: bool
    drill: bool
    place: str | None
    presses: str
    overdue_ms: int | None


def _plain(row: Mapping[str, object]) -> Row:
    # SQLAlchemy's column names are a kind of str that msgspec does not take for one.
    return {str(name): value for name, value in row.items()}


def _keyed(row: Mapping[str, object]) -> Row:
    plain = _plain(row)
    return {**plain, "key": (plain.pop("badge"), plain.pop("event"))}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
