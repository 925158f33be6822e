"""The calls of each event: which is under way, whom they reached, what the desk is told. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from gateway.alarm.case import Case, Key, notice
from gateway.contract.messages import encode
from gateway.contract.topics import Topics
from gateway.steps import Called, Change, Put, Row, Urgency


class _Calling(NamedTuple):
    """A call that the targets are taking; at_ms: unix ms."""

    call: int
    at_ms: int


class Calls:
    """Counts a call once its outcome is known, and tells the desk with each thing that is new.

    The caller commits the changes together with the case that comes with them, so
    that a call is told once, and made again when nobody knows what became of it.
    """

    def __init__(self, gateway: str, topics: Topics, row_ids: Iterator[int], targets: int) -> None:
        self._gateway = gateway
        self._topics = topics
        self._row_ids = row_ids
        self._targets = targets
        self._calling: dict[Key, _Calling] = {}
        self._parting: dict[Key, Case] = {}  # called off while a call was being taken

    def begin(self, case: Case, now_ms: int) -> int:
        """The number of a new call, which replaces the one that is under way."""
        before = self._calling.get(case.key)
        call = max(case.calls, before.call if before else 0) + 1
        self._calling[case.key] = _Calling(call, now_ms)
        return call

    def stands(self, case: Case) -> bool:
        """Whether people were called and that was not called off."""
        return case.standing or case.key in self._calling

    def took(self, case: Case, called: Called) -> tuple[Case, tuple[Change, ...]]:
        """The case with the outcome of its call, and what the desk is told."""
        calling = self._calling.get(case.key)
        if calling is None or calling.call != called.call:
            return case, ()
        if called.last:
            del self._calling[case.key]
        new = _counted(case, calling, max(case.reached, called.reached))
        tell = not case.standing or new.reached > case.reached
        return new, (self._notice(new),) if tell else ()

    def took_late(self, called: Called) -> tuple[Change, ...]:
        """What the desk is told of a call that was called off before its outcome was known."""
        key = (called.badge, called.event)
        old = self._parting.get(key)
        if old is None or old.calls != called.call:
            return ()
        new = self._parting[key] = replace(old, reached=max(old.reached, called.reached))
        if called.last:
            del self._parting[key]
        return () if new == old else (self._notice(new),)

    def part(self, case: Case) -> tuple[Case, tuple[Change, ...]]:
        """The case with its calls ended, and what the desk is told of them."""
        calling = self._calling.pop(case.key, None)
        if calling is not None:
            case = self._parting[case.key] = _counted(case, calling, case.reached)
        return replace(case, standing=False), (self._notice(case),)

    def _notice(self, case: Case) -> Put:
        told = notice(case, self._gateway, self._targets)
        topic = self._topics.notice(case.badge, case.event, self._gateway)
        return Put(
            Row(
                next(self._row_ids),
                Urgency.EVENT,
                case.badge,
                topic,
                encode(told),
                f"notice {case.event}",
            )
        )


def _counted(case: Case, calling: _Calling, reached: int) -> Case:
    return replace(
        case,
        calls=calling.call,
        first_ms=case.first_ms or calling.at_ms,
        called_ms=calling.at_ms,
        reached=reached,
        standing=True,
    )
