"""From the air to the desk: what is stored, published, and sent again. Pure."""

from collections.abc import Iterator

from gateway.contract.messages import Opcode, Sighting, encode, rfc3339
from gateway.contract.topics import Topics
from gateway.intake import Accepted
from gateway.reports import clamp_rssi, is_event, shows_receipt, to_message
from gateway.steps import (
    Acknowledged,
    Await,
    Change,
    Commit,
    Committed,
    Count,
    Drop,
    Effect,
    Heard,
    Input,
    LinkChanged,
    Ordered,
    Publish,
    Put,
    Restored,
    Row,
    Send,
    Settle,
    Tick,
    Tidy,
    Urgency,
)

WINDOW = 100
SIGHTING_EVERY_MS = 1000
_RECEIPTS = (Opcode.DELIVERED, Opcode.ACKNOWLEDGED, Opcode.RESOLVED)


class Outgoing:
    """Accepted frames become rows; rows are published once durable, dropped once acknowledged.

    An event's latest report is sent again every resend_ms until the desk's
    receipt shows: a broker's PUBACK says nothing of the desk.
    """

    def __init__(
        self,
        gateway: str,
        topics: Topics,
        row_ids: Iterator[int],
        restored: Restored,
        resend_ms: int,
    ) -> None:
        self._gateway = gateway
        self._topics = topics
        self._row_ids = row_ids
        self._resend_ms = resend_ms
        self._up = False
        self._waiting: dict[Urgency, dict[int, None]] = {urgency: {} for urgency in Urgency}
        self._in_flight: dict[int, Urgency] = {}
        self._heartbeats: dict[int, int] = {}  # badge: its latest heartbeat's row
        self._awaited = {(entry.badge, entry.event): entry for entry in restored.awaiting}
        self._resend_at_ms = dict.fromkeys(self._awaited, 0)
        self._settled: dict[int, int] = {}  # badge: its latest event with a receipt
        self._sighted_ms: dict[int, int] = {}
        for row in restored.rows:
            self._waiting[row.urgency][row.id] = None
            if row.urgency is Urgency.STATUS:
                self._heartbeats[row.badge] = row.id

    @property
    def depth(self) -> int:
        """How many rows await their PUBACK."""
        return len(self._in_flight) + sum(len(rows) for rows in self._waiting.values())

    def step(self, now_ms: int, happened: Input) -> tuple[Effect, ...]:
        """What to do about one input."""
        effects: tuple[Effect, ...] = ()
        match happened:
            case Heard():
                effects = self._heard(now_ms, happened)
            case Committed():
                effects = self._committed(happened)
            case Acknowledged():
                effects = self._acknowledged(happened.row_id)
            case Ordered():
                effects = self._receipt(happened)
            case LinkChanged():
                effects = self._link_changed(now_ms, happened.up)
            case Tick():
                effects = self._overdue(now_ms)
            case _:
                pass
        return effects

    def _heard(self, now_ms: int, heard: Heard) -> tuple[Effect, ...]:
        hearing = heard.hearing
        sighting = self._sighting(now_ms, hearing.badge, heard.rssi)
        if not isinstance(hearing, Accepted):
            return sighting
        message = to_message(hearing, self._gateway, now_ms, heard.rssi)
        count = Count(hearing.badge, hearing.counter, hearing.frame)
        store = self._event if is_event(hearing.report) else self._heartbeat
        return (Commit((count, *store(now_ms, hearing, encode(message)))), *sighting)

    def _event(self, now_ms: int, accepted: Accepted, payload: bytes) -> tuple[Change, ...]:
        badge, event = accepted.badge, accepted.report.event
        topic = self._topics.event(badge, event, self._gateway)
        put = Put(Row(next(self._row_ids), Urgency.EVENT, badge, topic, payload))
        if shows_receipt(accepted.report.phase):
            return (put, *self._settle(badge, event))
        if self._settled.get(badge) == event:
            return (put,)
        awaited = Await(badge, event, topic, payload)
        self._awaited[badge, event] = awaited
        self._resend_at_ms[badge, event] = now_ms + self._resend_ms
        return (put, awaited)

    def _heartbeat(self, _: int, accepted: Accepted, payload: bytes) -> tuple[Change, ...]:
        badge, row_id = accepted.badge, next(self._row_ids)
        put = Put(Row(row_id, Urgency.STATUS, badge, self._topics.status(badge), payload))
        older = self._heartbeats.get(badge)
        self._heartbeats[badge] = row_id
        if older is None:
            return (put,)
        self._waiting[Urgency.STATUS].pop(older, None)
        return (Drop(older), put)

    def _sighting(self, now_ms: int, badge: int, rssi: int) -> tuple[Effect, ...]:
        if not self._up or 0 <= now_ms - self._sighted_ms.get(badge, -1 << 40) < SIGHTING_EVERY_MS:
            return ()
        self._sighted_ms[badge] = now_ms
        sighting = Sighting(
            badge=badge, gateway=self._gateway, rssi=clamp_rssi(rssi), at=rfc3339(now_ms)
        )
        return (Send(self._topics.sighting(badge, self._gateway), encode(sighting), 0),)

    def _committed(self, committed: Committed) -> tuple[Effect, ...]:
        for change in committed.changes:
            if isinstance(change, Put):
                self._waiting[change.row.urgency][change.row.id] = None
            elif isinstance(change, Drop):
                self._waiting[Urgency.STATUS].pop(change.row_id, None)
        return self._fill()

    def _fill(self) -> tuple[Effect, ...]:
        effects: list[Effect] = []
        for urgency, rows in self._waiting.items():
            while self._up and rows and len(self._in_flight) < WINDOW:
                row_id = next(iter(rows))
                del rows[row_id]
                self._in_flight[row_id] = urgency
                effects.append(Publish(row_id))
        return tuple(effects)

    def _acknowledged(self, row_id: int) -> tuple[Effect, ...]:
        if self._in_flight.pop(row_id, None) is None:
            return ()
        return (Tidy((Drop(row_id),)), *self._fill())

    def _link_changed(self, now_ms: int, up: bool) -> tuple[Effect, ...]:
        self._up = up
        self._land()
        for pair in self._resend_at_ms:
            self._resend_at_ms[pair] = now_ms + self._resend_ms
        return self._fill()

    def _land(self) -> None:
        """Put what flew on the old connection back, oldest first; not what was replaced since."""
        latest = set(self._heartbeats.values())
        for urgency, rows in self._waiting.items():
            flown = [row for row, lane in self._in_flight.items() if lane is urgency]
            if urgency is Urgency.STATUS:
                flown = [row for row in flown if row in latest]
            self._waiting[urgency] = dict.fromkeys(sorted([*flown, *rows]))
        self._in_flight.clear()

    def _receipt(self, ordered: Ordered) -> tuple[Effect, ...]:
        message = ordered.message
        if message.opcode not in _RECEIPTS:
            return ()
        settled = self._settle(message.badge, message.event)
        return (Commit(settled),) if settled else ()

    def _settle(self, badge: int, event: int) -> tuple[Change, ...]:
        self._settled[badge] = event
        if self._awaited.pop((badge, event), None) is None:
            return ()
        del self._resend_at_ms[badge, event]
        return (Settle(badge, event),)

    def _overdue(self, now_ms: int) -> tuple[Effect, ...]:
        effects: list[Effect] = []
        for pair, due_ms in self._resend_at_ms.items() if self._up else ():
            # A host's clock that is set back must not put the next one off.
            if due_ms <= now_ms or due_ms > now_ms + self._resend_ms:
                self._resend_at_ms[pair] = now_ms + self._resend_ms
                awaited = self._awaited[pair]
                effects.append(Send(awaited.topic, awaited.payload, 1))
        return tuple(effects)
