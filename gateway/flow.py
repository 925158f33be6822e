"""How many rows may be under way, and which must wait after the broker did not take them. Pure.

A broker may refuse a row (MQTT 5), pass over it, or hang up on it. None of that may hold the
other rows up, and none of it loses the row: it waits, longer each time, and is tried again.
"""

import heapq
from collections.abc import Collection

WINDOW = 100
RETRY_FIRST_MS = 5_000
RETRY_MAX_MS = 300_000


class Flow:
    """The rows that wait after a refusal, and how fast the others go.

    A connection that ends under way may have been ended by one of the rows: the next one
    begins with a single row and takes one more for each PUBACK. So a row that brings the
    connection down is soon alone on its way. When that happens twice running, it waits too.
    """

    def __init__(self) -> None:
        self._window = WINDOW
        self._held: dict[int, int] = {}  # row: when it is due
        self._due: list[tuple[int, int]] = []
        self._refusals: dict[int, int] = {}  # row: how often
        self._suspect = 0
        self._fatal: set[int] = set()  # rows that wait because they brought the connection down

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._held

    @property
    def window(self) -> int:
        """How many rows may be under way."""
        return self._window

    def gone(self, row_id: int) -> None:
        """The row is no more."""
        self._held.pop(row_id, None)
        self._refusals.pop(row_id, None)
        self._fatal.discard(row_id)

    def acknowledged(self) -> None:
        """The broker took a row."""
        self._window = min(WINDOW, self._window + 1)

    def refused(self, now_ms: int, row_id: int) -> None:
        """The broker answered that it does not take the row, or did not answer for this one."""
        times = self._refusals.get(row_id, 0)
        self._refusals[row_id] = times + 1
        self._hold(row_id, now_ms + min(RETRY_MAX_MS, RETRY_FIRST_MS << min(times, 16)))

    def lost(self, now_ms: int, under_way: Collection[int]) -> None:
        """The connection ended while these rows were under way."""
        if not under_way:
            return
        known = self._fatal.intersection(under_way)
        if len(known) == 1:
            self.refused(now_ms, *known)
            return
        self._window = 1
        alone = next(iter(under_way)) if len(under_way) == 1 else 0
        if alone and alone == self._suspect:
            self._fatal.add(alone)
            self.refused(now_ms, alone)
        self._suspect = alone

    def due(self, now_ms: int) -> tuple[int, ...]:
        """The rows to try again now; they wait no more."""
        rows = []
        while self._due and self._due[0][0] <= now_ms:
            due_ms, row_id = heapq.heappop(self._due)
            if self._held.get(row_id) == due_ms:
                del self._held[row_id]
                rows.append(row_id)
        return tuple(rows)

    def reconnected(self) -> tuple[int, ...]:
        """The rows to try again on a new connection: all but those that ended earlier ones."""
        rows = tuple(row_id for row_id in self._held if row_id not in self._fatal)
        for row_id in rows:
            del self._held[row_id]
        return rows

    def clock_moved(self, by_ms: int) -> None:
        """The host's clock was set: what is due, is due as much later."""
        self._held = {row_id: due_ms + by_ms for row_id, due_ms in self._held.items()}
        self._due = [(due_ms, row_id) for row_id, due_ms in self._held.items()]
        heapq.heapify(self._due)

    def _hold(self, row_id: int, due_ms: int) -> None:
        self._held[row_id] = due_ms
        heapq.heappush(self._due, (due_ms, row_id))
