"""What a supervisor reads below the alerts: who is called, what visits run, who is silent. Pure."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from desk.cells import age, kind, urgency_colour
from desk.links import DeskView, RunningVisit, SilentBadge
from desk.spans import climbing, due
from desk.urgency import urgency
from gateway.contract.messages import AlertRecord

MOST_CHAINS = 4
MOST_VISITS = 4
_SOON_MS = 300_000
_WARNING, _SOON, _CALM = "bold #ff5f5f", "#ffd75f", "#87afd7"


def panel(records: Iterable[AlertRecord], view: DeskView | None, now_ms: int) -> Text:
    """The lines, the most urgent first; empty when there is nothing to say. now_ms: unix ms."""
    lines = list(_chains(records, now_ms))
    if view is not None:
        lines += (Text(f"! {warning}", style=_WARNING) for warning in view.warnings)
        lines += _visits(view.visits, now_ms)
        lines += _silent(view.silent, now_ms)
    for line in lines:
        line.no_wrap = True
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)


def _chains(records: Iterable[AlertRecord], now_ms: int) -> Iterator[Text]:
    waiting = [one for one in records if one.escalation is not None]
    waiting.sort(key=lambda one: (urgency(one), one.raised_at))
    for record in waiting[:MOST_CHAINS]:
        if record.escalation is not None:
            told = f"{record.wearer}, {kind(record)}: {climbing(record.escalation, now_ms)}"
            yield Text(told, style=urgency_colour(record))
    if len(waiting) > MOST_CHAINS:
        yield Text(f"people are called for {len(waiting) - MOST_CHAINS} more", style=_WARNING)


def _visits(visits: tuple[RunningVisit, ...], now_ms: int) -> Iterator[Text]:
    for visit in visits[:MOST_VISITS]:
        late = visit.due_ms < now_ms
        soon = visit.due_ms - now_ms < _SOON_MS
        style = _WARNING if late else _SOON if soon else _CALM
        yield Text(f"visit of {visit.wearer}: {due(visit.due_ms, now_ms)}", style=style)
    if len(visits) > MOST_VISITS:
        yield Text(f"and {len(visits) - MOST_VISITS} more visits, due later", style=_CALM)


def _silent(silent: tuple[SilentBadge, ...], now_ms: int) -> Iterator[Text]:
    if silent:
        told = ", ".join(f"{badge.wearer} for {age(now_ms - badge.heard_ms)}" for badge in silent)
        yield Text(f"not heard: {told}", style=_SOON)
