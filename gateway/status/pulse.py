"""Whether the process does its work: its turns go on, and none of its tasks has ended. Pure.

A commit that hangs holds the event loop, and with it whoever would ask here: then
the service manager hears nothing, which says the same.
"""

from typing import Protocol

LATE_MS = 10_000


class Task(Protocol):
    """What is asked of a task of asyncio."""

    def done(self) -> bool: ...
    def get_name(self) -> str: ...


class Pulse:
    """Felt by the supervisor. Times are ms of a steady clock."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []
        self._turned_ms: int | None = None

    def watch(self, task: Task) -> None:
        """A task that is to run as long as the process does."""
        self._tasks.append(task)

    def turned(self, now_ms: int) -> None:
        """A turn was carried out: inputs, commit, effects."""
        self._turned_ms = now_ms

    def ailing(self, now_ms: int) -> str:
        """Why the process should be started anew; "" while it does its work."""
        if self._turned_ms is None:
            return "not started yet"
        if ended := [task.get_name() for task in self._tasks if task.done()]:
            return f"ended: {', '.join(ended)}"
        late_ms = now_ms - self._turned_ms
        return f"no turn for {late_ms // 1000} s" if late_ms > LATE_MS else ""
