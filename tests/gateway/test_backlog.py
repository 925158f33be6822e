"""What a limit costs, and what it never costs."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from gateway.backlog import ROW_BYTES, Backlog
from gateway.disk.held import Held
from gateway.steps import Await, Count, Drop, Put, Row, Settle, Urgency, Waiting

SIZE = 100 - ROW_BYTES
rows = st.lists(
    st.tuples(st.sampled_from(list(Urgency)), st.integers(1, 3), st.sampled_from(["1 2", "1 3"])),
    max_size=60,
)


@given(rows=rows, limit=st.integers(0, 40))
def test_of_each_phase_of_an_event_the_first_and_the_latest_stay(rows, limit):
    backlog, kept = Backlog(limit * 100), {}
    for row_id, (urgency, badge, phase) in enumerate(rows, start=1):
        subject = phase if urgency is Urgency.EVENT else ""
        backlog.add(Waiting(row_id, urgency, badge, SIZE, subject))
        kept[row_id] = (urgency, badge, subject)
        for given_up in backlog.trim():
            del kept[given_up]
    phases: dict = {}
    for row_id, (urgency, badge, subject) in enumerate(rows, start=1):
        if urgency is Urgency.EVENT:
            phases.setdefault((badge, subject), []).append(row_id)
        elif urgency not in (Urgency.STATUS, Urgency.RESULT):
            assert row_id in kept
    for ids in phases.values():
        assert {ids[0], ids[-1]} <= set(kept)
    assert len(backlog) == len(kept)
    if len(kept) > limit:
        assert len(kept) == sum(min(2, len(ids)) for ids in phases.values())
    assert backlog.take() == tuple(sorted(kept, key=lambda row_id: (kept[row_id][0], row_id)))
    assert sum(backlog.dropped.values()) == len(rows) - len(kept)


def test_statuses_go_first_then_results_then_repeats():
    backlog = Backlog(700)
    for row_id in (1, 2, 3):
        backlog.add(Waiting(row_id, Urgency.EVENT, 1, SIZE, "1 2"))
    backlog.add(Waiting(4, Urgency.RESULT, 1, SIZE))
    backlog.add(Waiting(5, Urgency.STATUS, 1, SIZE))
    backlog.add(Waiting(6, Urgency.RESULT, 1, SIZE))
    given_up: list[int] = []
    for row_id in range(7, 12):
        backlog.add(Waiting(row_id, Urgency.EVENT, 2, SIZE, f"{row_id}"))
        given_up += backlog.trim()
    assert given_up == [5, 4, 6, 2]
    assert backlog.dropped == {"status": 1, "result": 2, "repeat": 1}


def test_rows_that_have_gone_leave_nothing_behind():
    backlog = Backlog(100_000)
    size = len(pickle.dumps(backlog))
    backlog.add(Waiting(1, Urgency.EVENT, 2, SIZE, "1 2"))
    for row_id in range(2, 1000):
        backlog.add(Waiting(row_id, Urgency.EVENT, 1, SIZE, "1 2"))
    for row_id in backlog.take() + tuple(range(1, 1000)):
        backlog.acknowledged(row_id)
    assert len(pickle.dumps(backlog)) < size + 100


def test_a_repeat_that_was_under_way_when_space_ran_out_may_go_once_it_has_landed():
    backlog = Backlog(300)
    for row_id in (1, 2, 3):
        backlog.add(Waiting(row_id, Urgency.EVENT, 1, SIZE, "1 2"))
    assert backlog.take() == (1, 2, 3)
    backlog.add(Waiting(4, Urgency.EVENT, 2, SIZE, "2 2"))
    assert backlog.trim() == ()
    backlog.land(0)
    assert backlog.trim() == (2,)


def row(row_id: int) -> Put:
    return Put(Row(row_id, Urgency.EVENT, 1, "topic", b"payload"))


def test_what_is_held_is_the_last_word_on_each_matter():
    held = Held()
    held.hold((row(1), row(2), Await(1, 1, "t", b""), Count(1, 9, b""), Drop(7)))
    held.hold((Drop(1), Settle(1, 1), Count(1, 5, b"")))
    assert set(held.changes) == {row(2), Settle(1, 1), Count(1, 9, b""), Drop(7)}
    assert held.row(1) is None
    assert held.row(2) == row(2).row
    held.forget(held.changes)
    assert not held
