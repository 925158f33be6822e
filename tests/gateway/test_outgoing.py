"""From the air to the desk: what is stored, published and sent again."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.messages import CommandMessage, Kind, Opcode, Phase, Report, decode
from gateway.contract.topics import Topics
from gateway.flow import RETRY_MAX_MS, WINDOW
from gateway.intake import Accepted, Repeated
from gateway.outgoing import SIGHTING_EVERY_MS, Outgoing
from gateway.steps import (
    Acknowledged,
    Await,
    Commit,
    Committed,
    Count,
    Drop,
    Heard,
    LinkChanged,
    Ordered,
    Publish,
    Put,
    Restored,
    Row,
    Send,
    Settle,
    Tick,
    Urgency,
    Waiting,
)
from wire import frame
from wire.frame import KIND_SOS, KIND_STATUS, PHASE_IDLE, PHASE_RAISED, Fix

NOW_MS = 1_790_000_000_000
RESEND_MS = 15_000
TOPICS = Topics("demo")
DELIVERED = CommandMessage(
    id="c", badge=1, event=1, opcode=Opcode.DELIVERED, expires_at="2026-01-01T00:00:00.000Z"
)


class Half:
    """The outgoing half, with a disk that is always at once."""

    def __init__(self, restored: Restored | None = None) -> None:
        restored = restored or Restored()
        self.counters = count(1)
        self.half = Outgoing("hub-1", TOPICS, count(restored.next_row), restored, RESEND_MS)

    def hear(self, kind=KIND_SOS, phase=PHASE_RAISED, event=1, badge=1, now_ms=NOW_MS, **fields):
        report = frame.Report(kind, phase, event, **fields)
        accepted = Accepted(badge, next(self.counters), report, False, b"frame")
        return self.step(Heard(accepted, "address", -70), now_ms)

    def step(self, happened, now_ms=NOW_MS):
        effects = self.half.step(now_ms, happened)
        changes = tuple(c for e in effects if isinstance(e, Commit) for c in e.changes)
        if changes:
            effects += self.half.step(now_ms, Committed(changes))
        return effects


def puts(effects) -> list[Row]:
    changes = [
        change for effect in effects if isinstance(effect, Commit) for change in effect.changes
    ]
    return [change.row for change in changes if isinstance(change, Put)]


def published(effects) -> list[int]:
    return [effect.row_id for effect in effects if isinstance(effect, Publish)]


def resent(effects) -> list[str]:
    return [effect.topic for effect in effects if isinstance(effect, Send) and effect.qos == 1]


def test_an_event_is_counted_stored_and_awaited_in_one_commit():
    effects = Half().hear(battery=50, fix=Fix(51_500_000, -120_000, 2, 3), minute=7)
    (commit,) = [effect for effect in effects if isinstance(effect, Commit)]
    assert [type(change) for change in commit.changes] == [Count, Put, Await]
    (row,) = puts(effects)
    assert row.topic == "tocsin/v1/demo/event/1/1/hub-1"
    report = decode(Report, row.topic, row.payload)
    assert (report.kind, report.phase, report.rssi) == (Kind.SOS, Phase.RAISED, -70)
    assert report.position is not None
    assert (report.position.latitude, report.position.age_s) == (51.5, 10)
    assert report.position.accuracy_m == 8


def test_nothing_is_published_before_it_is_on_disk():
    outgoing = Half().half
    outgoing.step(NOW_MS, LinkChanged(True))
    report = frame.Report(KIND_SOS, PHASE_RAISED, 1)
    effects = outgoing.step(NOW_MS, Heard(Accepted(1, 1, report, False, b""), "a", -70))
    assert not published(effects)


def test_a_row_leaves_only_when_the_broker_acknowledged_it():
    half = Half()
    half.step(LinkChanged(True))
    (row_id,) = published(half.hear())
    assert half.half.depth == 1
    (tidy,) = half.step(Acknowledged(row_id))
    assert tidy.changes == (Drop(row_id),)
    assert half.half.depth == 0
    assert half.step(Acknowledged(row_id)) == ()


def test_heartbeats_of_a_badge_are_one_row_and_the_newest_wins():
    half = Half()
    first = puts(half.hear(KIND_STATUS, PHASE_IDLE, 0))[0].id
    effects = half.hear(KIND_STATUS, PHASE_IDLE, 0)
    assert Drop(first) in effects[0].changes
    assert half.half.depth == 1
    assert published(half.step(LinkChanged(True))) == [puts(effects)[0].id]


def test_a_heartbeat_replaced_in_flight_does_not_come_back():
    half = Half()
    half.step(LinkChanged(True))
    half.hear(KIND_STATUS, PHASE_IDLE, 0)
    newest = puts(half.hear(KIND_STATUS, PHASE_IDLE, 0))[0].id
    half.step(LinkChanged(False))
    assert published(half.step(LinkChanged(True))) == [newest]


@given(st.lists(st.tuples(st.sampled_from([KIND_SOS, KIND_STATUS]), st.integers(1, 4))))
def test_events_are_published_before_heartbeats_and_oldest_first(said):
    half, rows = Half(), {}
    for kind, badge in said:
        (row,) = puts(half.hear(kind, PHASE_RAISED if kind else PHASE_IDLE, 1, badge))
        rows[row.id] = row.urgency
    order = published(half.step(LinkChanged(True)))
    assert order == sorted(order, key=lambda row_id: (rows[row_id], row_id))


@given(st.lists(st.sampled_from(["hear", "ack", "ack", "down", "up", "tick"]), max_size=400))
def test_whatever_happens_no_event_is_forgotten_and_the_window_holds(happenings):
    half, unacknowledged, flying = Half(), set(), []
    for happening in [*happenings, "down", "up"]:
        effects = ()
        if happening == "hear":
            effects = half.hear()
            unacknowledged |= {row.id for row in puts(effects)}
        elif happening == "ack" and flying:
            row_id = flying.pop(0)
            unacknowledged.discard(row_id)
            effects = half.step(Acknowledged(row_id))
        elif happening in ("up", "down"):
            flying.clear()
            effects = half.step(LinkChanged(happening == "up"))
        elif happening == "tick":
            effects = half.step(Tick())
        flying += published(effects)
        assert len(flying) <= WINDOW
        assert set(flying) <= unacknowledged
        assert half.half.depth == len(unacknowledged)
    # A row at which connections broke waits a little, and holds nobody up.
    arrived, now_ms = [], NOW_MS
    while flying or half.half.depth:
        arrived += flying
        now_ms += RETRY_MAX_MS
        effects = [half.step(Acknowledged(row_id), now_ms) for row_id in flying]
        flying = [row for effect in effects for row in published(effect)]
        flying += published(half.step(Tick(), now_ms))
    assert sorted(arrived) == sorted(unacknowledged)


def test_an_event_is_sent_again_until_the_desks_receipt_arrives():
    half = Half()
    half.step(LinkChanged(True))
    (row_id,) = published(half.hear())
    half.step(Acknowledged(row_id))
    assert not resent(half.step(Tick(), NOW_MS + RESEND_MS - 1))
    for times in (1, 2, 3):
        sent = resent(half.step(Tick(), NOW_MS + times * RESEND_MS))
        assert sent == ["tocsin/v1/demo/event/1/1/hub-1"]
    (commit,) = half.step(Ordered(DELIVERED))
    assert commit.changes == (Settle(1, 1),)
    assert not resent(half.step(Tick(), NOW_MS + 10 * RESEND_MS))


@pytest.mark.parametrize("phase", range(4, 8))
def test_the_badges_own_phase_is_as_good_as_the_receipt(phase):
    half = Half()
    half.step(LinkChanged(True))
    half.hear()
    assert Settle(1, 1) in half.hear(phase=phase)[0].changes
    assert not resent(half.step(Tick(), NOW_MS + RESEND_MS))


def test_a_clock_that_is_set_back_does_not_put_the_next_sending_off():
    half = Half()
    half.step(LinkChanged(True))
    (row_id,) = published(half.hear())
    half.step(Acknowledged(row_id))
    assert resent(half.step(Tick(), NOW_MS - 3_600_000))


def test_a_press_whose_number_comes_again_is_awaited_anew():
    half = Half()
    report = frame.Report(KIND_SOS, PHASE_RAISED, 1)
    for counter in (65_535, 131_070):
        press = Accepted(1, counter, report, False, b"frame", "Room 2")
        assert any(isinstance(c, Await) for c in half.step(Heard(press, "address", -70))[0].changes)
        half.step(Ordered(DELIVERED))


def test_a_link_that_comes_and_goes_does_not_put_the_next_sending_off():
    half = Half()
    half.step(LinkChanged(True))
    (row_id,) = published(half.hear())
    half.step(Acknowledged(row_id))
    sent = []
    for second in range(0, 60, 5):
        now_ms = NOW_MS + second * 1000
        half.step(LinkChanged(False), now_ms)
        half.step(LinkChanged(True), now_ms)
        sent += resent(half.step(Tick(), now_ms + 4000))
    assert len(sent) >= 60_000 // RESEND_MS - 1


def test_a_restart_takes_up_rows_and_open_events():
    awaited = Await(1, 1, "tocsin/v1/demo/event/1/1/hub-1", b"report")
    rows = (Waiting(1, Urgency.STATUS, 2), Waiting(2, Urgency.EVENT, 1))
    half = Half(Restored(3, rows, (awaited,)))
    assert published(half.step(LinkChanged(True))) == [2, 1]
    effects = half.hear()
    assert puts(effects)[0].id == 3
    assert not resent(half.step(Tick(), NOW_MS + RESEND_MS)), "not even acknowledged yet"
    half.step(Acknowledged(3))
    assert resent(half.step(Tick(), NOW_MS + 2 * RESEND_MS))


def test_sightings_come_once_a_second_at_most_and_are_never_stored():
    half, report = Half(), frame.Report(KIND_STATUS, PHASE_IDLE, 0)
    half.step(LinkChanged(True))
    sent = []
    for now_ms in range(NOW_MS, NOW_MS + 5 * SIGHTING_EVERY_MS, 20):
        sent += half.step(Heard(Repeated(1, 1, report), "address", -70), now_ms)
    assert len(sent) == 5
    assert {(effect.topic, effect.qos) for effect in sent} == {
        ("tocsin/v1/demo/badge/1/sighting/hub-1", 0)
    }
