"""The rows that await the broker's PUBACK: in which order they go, and what a limit costs. Pure.

Statuses go first, then results, then repeated reports of one phase of an event:
its first and its latest stay. The rest is never dropped, whatever the limit.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.flow import Flow
from gateway.steps import Urgency, Waiting

ROW_BYTES = 48  # what a row takes on the disk beside its message
REASONS = ("status", "result", "repeat")
_MAY_GO = (Urgency.STATUS, Urgency.RESULT)


class Contents(NamedTuple):
    """What waits: rows by urgency, the oldest row's id (None: none), bytes, and their limit."""

    rows: dict[str, int]
    oldest: int | None
    size: int
    limit: int


class Backlog:
    """Rows waiting and in flight. limit: bytes on the disk; dropped: rows dropped, by reason."""

    def __init__(self, limit: int) -> None:
        self.dropped: Counter[str] = Counter(dict.fromkeys(REASONS, 0))
        self._limit = limit
        self._bytes = 0
        self._rows: dict[int, Waiting] = {}
        # Taken from the front a hundred thousand times: a dict would search its way each time.
        self._waiting: dict[Urgency, OrderedDict[int, None]] = {
            urgency: OrderedDict() for urgency in Urgency
        }
        self._in_flight: dict[int, None] = {}
        self._flow = Flow()
        self._latest: dict[tuple[int, str], tuple[int, int]] = {}  # subject: first, latest row
        self._repeats: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._rows

    @property
    def contents(self) -> Contents:
        """What waits or is under way."""
        rows = dict.fromkeys((urgency.name.lower() for urgency in Urgency), 0)
        for row in self._rows.values():
            rows[row.urgency.name.lower()] += 1
        return Contents(rows, min(self._rows, default=None), self._bytes, self._limit)

    def add(self, row: Waiting) -> None:
        """A row that may be published from now on; one that is known is not added twice."""
        if row.id in self._rows:
            return
        self._rows[row.id] = row
        self._bytes += row.size + ROW_BYTES
        self._waiting[row.urgency][row.id] = None
        if row.subject:
            self._compare(row)

    def remove(self, row_id: int) -> Waiting | None:
        """The row has gone; None: it had before."""
        row = self._rows.pop(row_id, None)
        if row is None:
            return None
        self._bytes -= row.size + ROW_BYTES
        self._waiting[row.urgency].pop(row_id, None)
        self._in_flight.pop(row_id, None)
        self._repeats.pop(row_id, None)
        self._flow.gone(row_id)
        key = (row.badge, row.subject)
        if self._latest.get(key, (0, 0))[1] == row_id:
            del self._latest[key]
        return row

    def acknowledged(self, row_id: int) -> Waiting | None:
        """The broker took the row; None: it had gone before."""
        self._flow.acknowledged()
        return self.remove(row_id)

    def refused(self, now_ms: int, row_id: int) -> None:
        """The broker did not take the row: it is set aside until `retry` or a new connection."""
        if row_id in self._in_flight:
            del self._in_flight[row_id]
            self._flow.refused(now_ms, row_id)

    def retry(self, now_ms: int) -> None:
        """Rows that were set aside long enough may go again."""
        self._put_back(self._flow.due(now_ms))

    def clock_moved(self, by_ms: int) -> None:
        """The host's clock was set."""
        self._flow.clock_moved(by_ms)

    def take(self) -> tuple[int, ...]:
        """The rows to publish now: the most urgent first, then the oldest."""
        taken = []
        for rows in self._waiting.values():
            while rows and len(self._in_flight) < self._flow.window:
                row_id, _ = rows.popitem(last=False)
                self._in_flight[row_id] = None
                taken.append(row_id)
        return tuple(taken)

    def land(self, now_ms: int) -> None:
        """What flew on a connection that ended waits again, before all that was not sent yet."""
        self._flow.lost(now_ms, self._in_flight)
        landed = [row_id for row_id in self._in_flight if row_id not in self._flow]
        self._in_flight.clear()
        self._put_back(landed)

    def connected(self) -> None:
        """On a new connection what was refused may go again."""
        self._put_back(self._flow.reconnected())

    def trim(self) -> tuple[int, ...]:
        """Keep to the limit, as far as may be: the rows that were given up for it."""
        given_up: list[int] = []
        if self._bytes > self._limit:
            for reason, row_id in self._least():
                self.remove(row_id)
                self.dropped[reason] += 1
                given_up.append(row_id)
                if self._bytes <= self._limit:
                    break
        return tuple(given_up)

    def _put_back(self, row_ids: Iterable[int]) -> None:
        for row_id in sorted(row_ids, reverse=True):
            rows = self._waiting[self._rows[row_id].urgency]
            rows[row_id] = None
            rows.move_to_end(row_id, last=False)

    def _least(self) -> Iterator[tuple[str, int]]:
        """Rows that may go, the least first. Each must be removed before the next is asked for."""
        for urgency in _MAY_GO:
            rows = self._waiting[urgency]
            while rows:
                yield urgency.name.lower(), next(iter(rows))
        while (row_id := self._repeat()) is not None:
            yield "repeat", row_id

    def _repeat(self) -> int | None:
        return next((row for row in self._repeats if row not in self._in_flight), None)

    def _compare(self, row: Waiting) -> None:
        key = (row.badge, row.subject)
        first, latest = self._latest.get(key, (row.id, row.id))
        if latest != first:
            self._repeats[latest] = None
        self._latest[key] = (first, row.id)
