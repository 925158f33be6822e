"""Times to come and times that passed, as a supervisor reads them. Pure."""

from datetime import datetime

from gateway.contract.messages import Escalation, unix_ms


def climbing(told: Escalation, now_ms: int) -> str:
    """Where a chain of people stands: "called Sam 0:40 ago, next Kim in 0:20"."""
    called = "nobody called yet"
    if told.called_at is not None:
        called = f"called {', '.join(told.called)} {span(now_ms - unix_ms(told.called_at))} ago"
    if told.next_at is None:
        return called
    again = f" (round {told.round})" if told.round > 1 else ""
    due = span(unix_ms(told.next_at) - now_ms)
    return f"{called}, next {', '.join(told.next) or 'nobody'} in {due}{again}"


def span(elapsed_ms: int) -> str:
    """A time span as a clock shows it: 0:40, 12:05, 3:20:00."""
    seconds = max(0, elapsed_ms // 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    shown = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{shown}:{seconds % 60:02d}"


def due(due_ms: int, now_ms: int) -> str:
    """When a visit must be over, and what happens when it is not."""
    at = f"{datetime.fromtimestamp(due_ms / 1000).astimezone():%H:%M}"
    if due_ms >= now_ms:
        return f"due in {span(due_ms - now_ms)} ({at})"
    return f"DUE {span(now_ms - due_ms)} ago ({at}), will ring"
