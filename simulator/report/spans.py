"""What lasts from one moment to another, and who it happens to; in bounded memory."""

from typing import NamedTuple

MOST = 600
"""So many finished spans are kept of each sort; the rest are counted."""


class Span(NamedTuple):
    """what happened to who, from_ms until until_ms. more: what else there is to say."""

    from_ms: int
    until_ms: int
    who: str
    what: str
    more: str = ""


class Spans:
    """Spans that begin and end, at most one at a time for each who and what."""

    def __init__(self, most: int = MOST) -> None:
        self.left_out = 0
        self._most = most
        self._open: dict[tuple[str, str], Span] = {}
        self._done: list[Span] = []

    def begin(self, at_ms: int, who: str, what: str, more: str = "") -> None:
        """It begins, unless it is going on already."""
        self._open.setdefault((who, what), Span(at_ms, at_ms, who, what, more))

    def end(self, at_ms: int, who: str, what: str) -> None:
        """It is over, if it went on."""
        span = self._open.pop((who, what), None)
        if span is not None:
            self._keep(span._replace(until_ms=at_ms))

    def add(self, span: Span) -> None:
        """One whose end is known."""
        self._keep(span)

    def now(self) -> frozenset[tuple[str, str]]:
        """Who and what of all that goes on."""
        return frozenset(self._open)

    def until(self, now_ms: int) -> tuple[Span, ...]:
        """All by their beginning; what still goes on ends now."""
        still = (span._replace(until_ms=max(now_ms, span.from_ms)) for span in self._open.values())
        return tuple(sorted((*self._done, *still)))

    def _keep(self, span: Span) -> None:
        if len(self._done) < self._most:
            self._done.append(span)
        else:
            self.left_out += 1
