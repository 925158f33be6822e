"""What a desk keeps: its real store on SQLite, or the same in memory; and where the power fails."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from desk.alert import Alert, Ended, Key
from desk.climb import Climb
from desk.remembered import Last, Remembered
from desk.store import Store
from desk.turns import (
    Archive,
    DropClimb,
    Kept,
    SaveAlert,
    SaveBadge,
    SaveClimb,
    SaveClock,
    SaveNotice,
    SaveVisit,
)
from desk.visit import Visit
from gateway.contract.messages import Kind, Notice
from simulator.lockstep.fuse import Fuse


class MemoryLedger:
    """desk.store.Store without a database: what is kept, and what a new start finds of it.

    In the same order too, which decides what a desk does first after a start.
    """

    def __init__(self) -> None:
        self._alerts: dict[Key, Alert] = {}  # archived ones too, as they came
        self._archived: set[Key] = set()
        self._badges: dict[int, SaveBadge] = {}
        self._notices: dict[tuple[int, int, str], Notice] = {}
        self._visits: dict[int, Visit] = {}
        self._climbs: dict[Key, Climb] = {}
        self._clock: SaveClock | None = None

    def commit(self, kept: Sequence[Kept]) -> None:
        """Keep all of it."""
        for change in kept:
            self._apply(change)

    def load(self) -> Remembered:
        """All that a desk needs to go on where another stopped."""
        archived = self._archived
        return Remembered(
            tuple(alert for key, alert in self._alerts.items() if key not in archived),
            dict(self._ended()),
            {badge: saved.report.counter for badge, saved in self._badges.items()},
            tuple(told for of, told in self._notices.items() if Key(*of[:2]) not in archived),
            tuple(self._visits[badge] for badge in sorted(self._visits)),
            tuple(self._climbs[key] for key in sorted(self._climbs)),
            self._clock,
            {
                badge: Last(saved.heard_ms, saved.missed, saved.report.kind is Kind.GOING_OFF)
                for badge, saved in self._badges.items()
            },
        )

    def close(self) -> None:
        """Nothing to let go of."""

    def _apply(self, change: Kept) -> None:
        match change:
            case SaveAlert(alert):
                self._alerts[alert.key] = alert
                self._archived.discard(alert.key)
            case SaveBadge(report):
                self._badges[report.badge] = change
            case SaveNotice(notice):
                self._notices[notice.badge, notice.event, notice.gateway] = notice
            case SaveVisit(visit):
                self._visits[visit.key.badge] = visit
            case SaveClimb(climb):
                self._climbs[climb.key] = climb
            case DropClimb(key):
                self._climbs.pop(key, None)
            case SaveClock():
                self._clock = change
            case Archive(key) if key in self._alerts:
                self._archived.add(key)
            case _:
                pass  # reports and the audit trail: a desk starts without them

    def _ended(self) -> Iterator[tuple[Key, Ended]]:
        for key, alert in self._alerts.items():
            if key in self._archived:
                for event in {key.event} | alert.presses:
                    yield Key(key.badge, event), Ended(alert.phase, alert.kind)


class DeskDisk:
    """The disk of a desk, through all its starts. folder: for SQLite; None: in memory.

    fuse: burns before and after each commit. on_commit: told what is on the disk now.
    """

    def __init__(
        self, folder: Path | None, fuse: Fuse, on_commit: Callable[[Sequence[Kept]], None]
    ) -> None:
        self._folder = folder
        self._fuse = fuse
        self._on_commit = on_commit
        self._memory = MemoryLedger()
        self._store: MemoryLedger | Store | None = None

    def open(self) -> Remembered:
        """A process starts on it."""
        self._store = self._memory if self._folder is None else Store(self._folder / "desk.db")
        return self._store.load()

    def close(self) -> None:
        """The process is gone."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def commit(self, kept: Sequence[Kept]) -> None:
        """Keep all or nothing. Raises KilledError where the power fails."""
        if not kept or self._store is None:
            return
        self._fuse.burn()
        self._store.commit(kept)
        self._on_commit(kept)
        self._fuse.burn()
