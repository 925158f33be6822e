"""What a snapshot needs and no other part remembers: who was heard, and since when the link is so.

Pure. Ages are told by a steady clock in ms, which nobody sets.
"""

from collections.abc import Iterable

from gateway.intake import Accepted
from gateway.status.roll import Roll
from gateway.status.snapshot import BadgeStatus, LinkStatus
from gateway.steps import Heard, Input, LinkChanged

_MS_PER_S = 1000


class Census:
    """Counts from the start of the process on. accepted: frames taken, without repetitions."""

    def __init__(self, now_ms: int) -> None:
        self.accepted = 0
        self._started_ms = now_ms
        self._roll = Roll()
        self._up = False
        self._changed_ms: int | None = None
        self._changes = 0

    def note(self, now_ms: int, inputs: Iterable[Input]) -> None:
        """Take note of what goes into the relay."""
        for happened in inputs:
            if isinstance(happened, Heard):
                self.accepted += isinstance(happened.hearing, Accepted)
                self._roll.heard(now_ms, happened.hearing, happened.rssi)
            elif isinstance(happened, LinkChanged):
                self._linked(now_ms, happened.up)

    def up_s(self, now_ms: int) -> float:
        """How long the process has run."""
        return (now_ms - self._started_ms) / _MS_PER_S

    def badges(self, now_ms: int) -> tuple[BadgeStatus, ...]:
        """Every badge heard since the start."""
        return self._roll.badges(now_ms)

    def link(self, now_ms: int, url: str, said: str) -> LinkStatus:
        """The link, with what was last said of it."""
        since_ms = self._changed_ms
        return LinkStatus(
            url=url,
            up=self._up,
            for_s=None if since_ms is None else (now_ms - since_ms) / _MS_PER_S,
            reason=said,
            changes=self._changes,
        )

    def _linked(self, now_ms: int, up: bool) -> None:
        # Another failed attempt is no change.
        if up != self._up or self._changed_ms is None:
            self._up, self._changed_ms = up, now_ms
            self._changes += 1
