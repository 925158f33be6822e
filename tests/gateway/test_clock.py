"""Whatever is done to the host's clock, no command and no repetition is lost by it."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.clock import JUMP_MS, Clock
from gateway.contract.messages import Opcode
from gateway.steps import Acknowledged, ClockMoved, LinkChanged, Tick
from tests.gateway.test_orders import Half as Orders
from tests.gateway.test_orders import results, writes
from tests.gateway.test_outgoing import NOW_MS, RESEND_MS, published, resent
from tests.gateway.test_outgoing import Half as Outgoing
from wire.command import OP_DELIVERED
from wire.frame import PHASE_HEARD

YEARS_MS = 30 * 365 * 86_400_000
jumps = st.lists(st.integers(-YEARS_MS, YEARS_MS), max_size=6)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.just(0) | st.integers(-YEARS_MS, YEARS_MS))))
def test_every_jump_is_noticed_and_drift_is_none(passed):
    clock, wall_ms, steady_ms = Clock(), NOW_MS, 0
    clock.moved_by(wall_ms, steady_ms)
    for elapsed_ms, jump_ms in passed:
        wall_ms, steady_ms = wall_ms + elapsed_ms + jump_ms, steady_ms + elapsed_ms
        expected = 0 if abs(jump_ms) < JUMP_MS else jump_ms
        assert clock.moved_by(wall_ms, steady_ms) == expected


@given(jumps)
def test_a_command_that_was_valid_is_carried_out_whatever_the_clock_did_meanwhile(moves):
    half = Orders()
    half.order(lasts_ms=60_000)
    for by_ms in moves:
        half.now_ms += by_ms
        half.step(ClockMoved(by_ms))
        assert not results(half.step(Tick(), 1000))
    assert writes(half.hear(PHASE_HEARD)) == [OP_DELIVERED]


@given(jumps)
def test_a_command_expires_after_its_time_whatever_the_clock_did_meanwhile(moves):
    half = Orders()
    half.order(Opcode.BUZZ, lasts_ms=60_000)
    for by_ms in moves:
        half.now_ms += by_ms
        half.step(ClockMoved(by_ms))
    assert not results(half.step(Tick(), 59_999))
    assert results(half.step(Tick(), 1))


@given(st.integers(-YEARS_MS, YEARS_MS))
def test_a_stage_is_carried_out_though_this_hosts_clock_is_years_off(by_ms):
    half = Orders()
    half.now_ms += by_ms
    half.step(LinkChanged(True))
    half.order(lasts_ms=60_000 - by_ms)
    assert writes(half.hear(PHASE_HEARD, after_ms=30_000)) == [OP_DELIVERED]


@given(jumps)
def test_an_event_is_sent_again_in_time_whatever_the_clock_did_meanwhile(moves):
    half, now_ms = Outgoing(), NOW_MS
    half.step(LinkChanged(True))
    (row_id,) = published(half.hear())
    half.step(Acknowledged(row_id))
    for by_ms in moves:
        now_ms += by_ms
        half.step(ClockMoved(by_ms), now_ms)
        assert not resent(half.step(Tick(), now_ms))
    assert resent(half.step(Tick(), now_ms + RESEND_MS))
