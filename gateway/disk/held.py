"""Changes that the disk would not take yet, in memory: the latest word on each matter. Pure."""

from gateway.steps import (
    Await,
    Change,
    Count,
    Done,
    Drop,
    Forget,
    Keep,
    Put,
    Row,
    Settle,
    Unwatch,
    Urgency,
    Watch,
)

_Key = tuple[str, int | str, int]
_CAN_WAIT = (Urgency.STATUS, Urgency.RESULT)


class Held:
    """Holds changes until they can be committed; what contradicts itself is held once."""

    def __init__(self) -> None:
        self._changes: dict[_Key, Change] = {}

    def __len__(self) -> int:
        return len(self._changes)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them, to be committed together."""
        return tuple(self._changes.values())

    def hold(self, changes: tuple[Change, ...]) -> None:
        """Keep changes in mind; a row that is dropped before it was stored is forgotten."""
        for change in changes:
            key = _key(change)
            held = self._changes.pop(key, None)
            if isinstance(change, Drop) and isinstance(held, Put):
                continue
            older = isinstance(change, Count) and isinstance(held, Count) and change < held
            self._changes[key] = held if held and older else change

    def forget(self, changes: tuple[Change, ...]) -> None:
        """These are on the disk."""
        for change in changes:
            self._changes.pop(_key(change), None)

    def row(self, row_id: int) -> Row | None:
        """A row that is held; None when it is not."""
        held = self._changes.get(("row", row_id, 0))
        return held.row if isinstance(held, Put) else None


def can_wait(change: Change) -> bool:
    """Whether a change leaves what space is left to the alerts."""
    return isinstance(change, Put) and change.row.urgency in _CAN_WAIT


def _key(change: Change) -> _Key:
    match change:
        case Count():
            key: _Key = ("count", change.badge, 0)
        case Forget():
            key = ("forget", change.badge, 0)
        case Put():
            key = ("row", change.row.id, 0)
        case Drop():
            key = ("row", change.row_id, 0)
        case Await() | Settle():
            key = ("event", change.badge, change.event)
        case Watch() | Unwatch():
            key = ("watched", change.badge, change.event)
        case Keep() | Done():
            key = ("command", change.id, 0)
    return key
