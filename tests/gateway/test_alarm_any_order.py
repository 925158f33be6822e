"""Whatever happens to a hub and in whichever order: people are called until somebody answers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.alarm.elapsed import LONGEST_MS, Elapsed
from gateway.contract.messages import Opcode
from gateway.steps import (
    LinkChanged,
)
from tests.gateway.alarm_hub import AFTER_MS, NOW_MS, REPEAT_MS, TICK_MS, Hub
from wire.frame import (
    KIND_STATUS,
    PHASE_HEARD,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 400_000)),
        st.tuples(st.just("clock"), st.integers(-(10**12), 10**12)),
        st.tuples(st.just("kill"), st.integers(0, 10**6)),
        st.tuples(st.just("link"), st.booleans()),
        st.tuples(st.just("answer"), st.integers(0, 3)),
        st.tuples(st.just("hear"), st.sampled_from((PHASE_RAISED, PHASE_HEARD, PHASE_PENDING))),
        st.tuples(st.just("forget"), st.sampled_from((0, 2, 65_535))),
        st.tuples(st.just("other"), st.sampled_from(Opcode)),
    ),
    max_size=12,
)


class Patience:
    """How long an unanswered event may stay without a call, whatever happens to the hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.due_ms = hub.true_ms + AFTER_MS
        self.slack_ms = 2 * TICK_MS
        self.set_back = False

    def check(self) -> None:
        if self.hub.calls:
            self.due_ms = max(self.due_ms, self.hub.calls[-1][0] + REPEAT_MS)
        assert self.hub.true_ms <= self.due_ms + self.slack_ms

    def killed(self) -> None:
        # While it was off only the host's clock counts, and that was set back.
        if self.set_back:
            self.due_ms = max(self.due_ms, self.hub.true_ms + REPEAT_MS)
        # While it was off nobody could call.
        self.due_ms = max(self.due_ms, self.hub.true_ms)


@settings(deadline=None, max_examples=150)
@given(steps)
def test_nothing_but_an_answer_keeps_a_call_for_help_silent(told):
    hub = Hub()
    hub.hear()
    patience = Patience(hub)
    for what, how in told:
        match what:
            case "wait":
                for _ in range(0, how, TICK_MS):
                    hub.wait(TICK_MS)
                    patience.check()
            case "clock":
                hub.set_ms += how
                patience.slack_ms += TICK_MS
                patience.set_back = patience.set_back or how < 0
            case "kill":
                hub.true_ms += how
                hub.start()
                patience.killed()
            case "link":
                hub.step(LinkChanged(how))
            case "answer" if hub.calls:
                hub.answer(how)
            case "hear":
                hub.hear(phase=how)
            case "forget":
                hub.hear(KIND_STATUS, PHASE_IDLE, event=how)
            case "other":
                hub.order(how, event=9)
    for _ in range(0, AFTER_MS + REPEAT_MS, TICK_MS):
        hub.wait(TICK_MS)
        patience.check()
    assert hub.calls


@settings(deadline=None, max_examples=150)
@given(steps, st.sampled_from((Opcode.ACKNOWLEDGED, Opcode.RESOLVED)))
def test_an_answer_ends_all_calls_for_good(told, opcode):
    hub = Hub()
    hub.hear()
    for what, how in told:
        match what:
            case "wait":
                hub.wait(how)
            case "kill":
                hub.start()
            case "link":
                hub.step(LinkChanged(how))
            case "answer" if hub.calls:
                hub.answer(how)
    hub.order(opcode)
    calls, off = len(hub.calls), len(hub.called_off)
    hub.hear(phase=PHASE_HEARD)
    hub.wait(AFTER_MS + 2 * REPEAT_MS)
    assert len(hub.calls) == calls
    assert len(hub.called_off) == off
    assert not hub.sounding
    assert not hub.watched


@settings(deadline=None)
@given(steps)
def test_each_call_is_counted_once_across_any_kills(told):
    hub = Hub()
    hub.hear()
    outcomes = 0
    for what, how in told:
        match what:
            case "wait":
                for _ in range(0, how, TICK_MS):
                    before = len(hub.calls)
                    hub.wait(TICK_MS)
                    if len(hub.calls) > before and how % 2:
                        hub.answer(3)
                        outcomes += 1
                    elif len(hub.calls) > before:
                        hub.start()
            case "kill":
                hub.start()
    hub.order(Opcode.RESOLVED)
    assert bool(hub.notices) == bool(outcomes)
    if outcomes:
        assert hub.notices[-1].calls in (outcomes, outcomes + 1)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-(10**13), 10**13))))
def test_a_clock_that_is_set_moves_the_time_that_passed_by_seconds_at_most(told):
    elapsed, now_ms, true_ms = Elapsed(), NOW_MS, 0
    before = elapsed.at(now_ms)
    for passed_ms, set_ms in told:
        true_ms += passed_ms
        now_ms += passed_ms + set_ms
        after = elapsed.at(now_ms)
        assert before <= after <= before + LONGEST_MS
        before = after
    assert abs(before - true_ms) <= LONGEST_MS * len(told)
