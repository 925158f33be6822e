"""The one clock of a run: what is due, in order, and nothing between."""

import heapq
from collections.abc import Callable
from itertools import count


class Due:
    """Something on the agenda, that may be called off."""

    __slots__ = ("arguments", "at_ms", "call")

    def __init__(self, at_ms: int, call: Callable[..., object], arguments: tuple[object, ...]):
        self.at_ms = at_ms
        self.call: Callable[..., object] | None = call
        self.arguments = arguments

    def call_off(self) -> None:
        """It will not happen."""
        self.call = None


class Agenda:
    """Virtual time in whole milliseconds. What is due at the same time happens by rank, and of the
    same rank in the order in which it was asked for: a run is the same on every machine."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._due: list[tuple[int, int, int, Due]] = []
        self._order = count()

    def at(self, at_ms: int, call: Callable[..., object], *arguments: object, rank: int = 0) -> Due:
        """Calls it then; what should have been before now, is now."""
        due = Due(max(at_ms, self.now_ms), call, arguments)
        heapq.heappush(self._due, (due.at_ms, rank, next(self._order), due))
        return due

    def after(self, ms: int, call: Callable[..., object], *arguments: object) -> Due:
        """Calls it in so many milliseconds."""
        return self.at(self.now_ms + ms, call, *arguments)

    def run(self, until_ms: int) -> None:
        """Lets time pass, up to and with until_ms."""
        queue = self._due
        while queue and queue[0][0] <= until_ms:
            at_ms, _, _, due = heapq.heappop(queue)
            if due.call is not None:
                self.now_ms = at_ms
                call, due.call = due.call, None
                call(*due.arguments)
        self.now_ms = max(self.now_ms, until_ms)
