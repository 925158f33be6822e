"""A row that the broker does not take waits, is never lost, and holds nobody up."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.backlog import Backlog
from gateway.flow import RETRY_FIRST_MS, RETRY_MAX_MS, WINDOW
from gateway.steps import Urgency, Waiting

NOW_MS = 1_790_000_000_000
PLENTY = 1 << 30


def backlog(rows: int) -> Backlog:
    full = Backlog(PLENTY)
    for row_id in range(1, rows + 1):
        full.add(Waiting(row_id, Urgency.EVENT, 1, 100, str(row_id)))
    return full


def test_a_refused_row_makes_room_and_is_tried_again_ever_more_slowly():
    rows = backlog(WINDOW + 1)
    assert rows.take() == tuple(range(1, WINDOW + 1))
    now_ms, pause_ms = NOW_MS, RETRY_FIRST_MS
    rows.refused(now_ms, 1)
    assert rows.take() == (WINDOW + 1,)
    for row_id in range(2, WINDOW + 2):
        rows.acknowledged(row_id)
    for _ in range(10):
        rows.retry(now_ms + pause_ms - 1)
        assert rows.take() == ()
        now_ms += pause_ms
        rows.retry(now_ms)
        assert rows.take() == (1,)
        rows.refused(now_ms, 1)
        pause_ms = min(2 * pause_ms, RETRY_MAX_MS)
    assert len(rows) == 1
    assert pause_ms == RETRY_MAX_MS


def test_what_was_refused_is_tried_again_on_a_new_connection():
    rows = backlog(2)
    rows.take()
    rows.refused(NOW_MS, 1)
    rows.land(NOW_MS)
    rows.connected()
    assert 1 in sent_one_by_one(rows)


def sent_one_by_one(rows: Backlog) -> list[int]:
    """What a broker gets that acknowledges at once."""
    sent = []
    while taken := rows.take():
        sent += taken
        for row_id in taken:
            rows.acknowledged(row_id)
    return sent


@given(st.integers(1, 300), st.data())
def test_a_row_at_which_the_broker_hangs_up_holds_no_other_up(count, data):
    """Many such rows: all the others arrive within a few connections for each."""
    fatal = data.draw(st.sets(st.integers(1, count), max_size=5))
    rows, arrived, now_ms = backlog(count), set(), NOW_MS
    for _ in range(4 + 12 * len(fatal)):
        rows.retry(now_ms)
        rows.connected()
        while taken := rows.take():
            dead = next((row_id for row_id in taken if row_id in fatal), None)
            before = [row_id for row_id in taken if dead is None or row_id < dead]
            for row_id in before:
                rows.acknowledged(row_id)
            arrived.update(before)
            if dead is not None:
                break
        rows.land(now_ms)
        now_ms += 100
    assert arrived == set(range(1, count + 1)) - fatal
    assert len(rows) == len(fatal)


def test_an_honest_loss_delays_nothing():
    rows = backlog(3)
    rows.take()
    rows.land(NOW_MS)
    rows.connected()
    assert rows.take() == (1,)
    rows.land(NOW_MS)
    rows.connected()
    assert sent_one_by_one(rows) == [1, 2, 3]


@given(st.lists(st.tuples(st.sampled_from("trAlc"), st.integers(1, 30)), max_size=200))
def test_no_row_is_forgotten_whatever_the_broker_answers(answers):
    rows, gone, flying, now_ms = backlog(30), set(), set(), NOW_MS
    for answer, number in answers:
        match answer:
            case "t":
                flying |= set(rows.take())
            case "r" if number in flying:
                rows.refused(now_ms, number)
                flying.discard(number)
            case "A" if number in flying:
                rows.acknowledged(number)
                flying.discard(number)
                gone.add(number)
            case "l":
                rows.land(now_ms)
                rows.connected()
                flying.clear()
            case "c":
                now_ms += number * 1000
                rows.retry(now_ms)
    now_ms += 2 * RETRY_MAX_MS
    rows.land(now_ms)
    for _ in range(40):
        rows.retry(now_ms)
        gone |= set(sent_one_by_one(rows))
        now_ms += RETRY_MAX_MS
    assert gone == set(range(1, 31))


def test_a_clock_that_is_set_moves_the_retries():
    rows = backlog(1)
    rows.take()
    rows.refused(NOW_MS, 1)
    rows.clock_moved(-1_000_000)
    rows.retry(NOW_MS - 1_000_000 + RETRY_FIRST_MS)
    assert rows.take() == (1,)
