"""From the air to the desk: what is stored, published, and sent again. Pure."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

from gateway.backlog import Backlog, Contents
from gateway.contract.messages import Opcode, Sighting, encode, rfc3339
from gateway.contract.topics import Topics
from gateway.flow import WINDOW
from gateway.intake import Accepted
from gateway.reports import clamp_rssi, is_event, shows_receipt, to_message
from gateway.steps import (
    Acknowledged,
    Await,
    Change,
    ClockMoved,
    Commit,
    Committed,
    Count,
    Drop,
    Effect,
    Gone,
    Heard,
    Input,
    LinkChanged,
    Ordered,
    Publish,
    Put,
    Refused,
    Restored,
    Row,
    Send,
    Settle,
    Tick,
    Tidy,
    Unsaved,
    Urgency,
    Waiting,
)

LIMIT_BYTES = 256 << 20
SIGHTING_EVERY_MS = 1000
_RECEIPTS = (Opcode.DELIVERED, Opcode.ACKNOWLEDGED, Opcode.RESOLVED)


class Outgoing:
    """Accepted frames become rows; rows are published once durable, dropped once acknowledged.

    An event's latest report is sent again every resend_ms until the desk's
    receipt shows: a broker's PUBACK says nothing of the desk. A row that the disk
    would not take is published all the same.
    """

    def __init__(
        self,
        gateway: str,
        topics: Topics,
        row_ids: Iterator[int],
        restored: Restored,
        resend_ms: int,
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        self._gateway = gateway
        self._topics = topics
        self._row_ids = row_ids
        self._resend_ms = resend_ms
        self._up = False
        self._backlog = Backlog(limit_bytes)
        self._heartbeats: dict[int, int] = {}  # badge: its latest heartbeat's row
        self._awaited = {(entry.badge, entry.event): entry for entry in restored.awaiting}
        self._reported: dict[tuple[int, int], int] = {}  # awaited event: its latest row
        self._resend_at_ms = OrderedDict.fromkeys(self._awaited, 0)  # the next one due first
        self._settled: dict[int, int] = {}  # badge: its latest event with a receipt
        self._sighted_ms: dict[int, int] = {}
        for row in restored.rows:
            self._backlog.add(row)
            if row.urgency is Urgency.STATUS:
                self._heartbeats[row.badge] = row.id

    @property
    def depth(self) -> int:
        """How many rows await their PUBACK."""
        return len(self._backlog)

    @property
    def awaits(self) -> bool:
        """Whether the desk's receipt of any event is awaited."""
        return bool(self._awaited)

    @property
    def contents(self) -> Contents:
        """What awaits its PUBACK."""
        return self._backlog.contents

    @property
    def dropped(self) -> dict[str, int]:
        """How many rows were dropped for want of space, by reason."""
        return dict(self._backlog.dropped)

    def step(self, now_ms: int, happened: Input) -> tuple[Effect, ...]:
        """What to do about one input."""
        effects: tuple[Effect, ...] = ()
        match happened:
            case Heard():
                effects = self._heard(now_ms, happened)
            case Committed() | Unsaved():
                effects = self._kept(happened.changes)
            case Gone():
                self._backlog.remove(happened.row_id)
                effects = self._fill()
            case ClockMoved():
                self._clock_moved(happened.by_ms)
            case Acknowledged():
                effects = self._acknowledged(happened.row_id)
            case Refused():
                self._backlog.refused(now_ms, happened.row_id)
                effects = self._fill()
            case Ordered():
                effects = self._receipt(happened)
            case LinkChanged():
                effects = self._link_changed(now_ms, happened.up)
            case Tick():
                self._backlog.retry(now_ms)
                effects = (*self._fill(), *self._overdue(now_ms))
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
        subject = f"{event} {accepted.report.kind} {accepted.report.phase}"
        row = Row(next(self._row_ids), Urgency.EVENT, badge, topic, payload, subject)
        put = Put(row)
        if shows_receipt(accepted.report.phase):
            return (put, *self._settle(badge, event))
        # Of a button every press is new, whatever its number.
        if accepted.place is None and self._settled.get(badge) == event:
            return (put,)
        awaited = Await(badge, event, topic, payload)
        self._awaited[badge, event] = awaited
        self._reported[badge, event] = row.id
        self._send_again_at(now_ms + self._resend_ms, (badge, event))
        return (put, awaited)

    def _heartbeat(self, _: int, accepted: Accepted, payload: bytes) -> tuple[Change, ...]:
        badge, row_id = accepted.badge, next(self._row_ids)
        put = Put(Row(row_id, Urgency.STATUS, badge, self._topics.status(badge), payload))
        older = self._heartbeats.get(badge)
        self._heartbeats[badge] = row_id
        if older is None:
            return (put,)
        self._backlog.remove(older)
        return (Drop(older), put)

    def _sighting(self, now_ms: int, badge: int, rssi: int) -> tuple[Effect, ...]:
        if not self._up or 0 <= now_ms - self._sighted_ms.get(badge, -1 << 40) < SIGHTING_EVERY_MS:
            return ()
        self._sighted_ms[badge] = now_ms
        sighting = Sighting(
            badge=badge, gateway=self._gateway, rssi=clamp_rssi(rssi), at=rfc3339(now_ms)
        )
        return (Send(self._topics.sighting(badge, self._gateway), encode(sighting), 0),)

    def _kept(self, changes: tuple[Change, ...]) -> tuple[Effect, ...]:
        for change in changes:
            if isinstance(change, Put):
                self._add(change.row)
            elif isinstance(change, Drop):
                self._backlog.remove(change.row_id)
        given_up = tuple(map(Drop, self._backlog.trim()))
        return (*((Tidy(given_up),) if given_up else ()), *self._fill())

    def _add(self, row: Row) -> None:
        if row.urgency is Urgency.STATUS and self._heartbeats.get(row.badge, row.id) > row.id:
            return  # a newer one came while the disk refused this one
        size = len(row.topic.encode()) + len(row.payload)
        self._backlog.add(Waiting(row.id, row.urgency, row.badge, size, row.subject))

    def _fill(self) -> tuple[Effect, ...]:
        return tuple(map(Publish, self._backlog.take())) if self._up else ()

    def _acknowledged(self, row_id: int) -> tuple[Effect, ...]:
        row = self._backlog.acknowledged(row_id)
        if row is None:
            return ()
        if self._heartbeats.get(row.badge) == row_id:
            del self._heartbeats[row.badge]
        return (Tidy((Drop(row_id),)), *self._fill())

    def _link_changed(self, now_ms: int, up: bool) -> tuple[Effect, ...]:
        # What became due meanwhile goes at once: a link that comes and goes must not put it off.
        self._up = up
        self._backlog.land(now_ms)
        if up:
            self._backlog.connected()
        return self._fill()

    def _clock_moved(self, by_ms: int) -> None:
        self._sighted_ms.clear()
        self._backlog.clock_moved(by_ms)
        for pair in self._resend_at_ms:
            self._resend_at_ms[pair] += by_ms

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
        self._reported.pop((badge, event), None)
        return (Settle(badge, event),)

    def _send_again_at(self, due_ms: int, pair: tuple[int, int]) -> None:
        self._resend_at_ms[pair] = due_ms
        self._resend_at_ms.move_to_end(pair)

    def _overdue(self, now_ms: int) -> tuple[Effect, ...]:
        effects: list[Effect] = []
        for pair in self._due(now_ms) if self._up else ():
            self._send_again_at(now_ms + self._resend_ms, pair)
            awaited = self._awaited[pair]
            # What the broker was not even sent, or did not acknowledge yet, is no repetition.
            if self._reported.get(pair, 0) not in self._backlog:
                effects.append(Send(awaited.topic, awaited.payload, 1))
        return tuple(effects)

    def _due(self, now_ms: int) -> list[tuple[int, int]]:
        due = []
        for pair, due_ms in islice(self._resend_at_ms.items(), WINDOW):
            # A host's clock that is set back must not put the next one off.
            if now_ms < due_ms <= now_ms + self._resend_ms:
                break
            due.append(pair)
        return due
