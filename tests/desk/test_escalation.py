"""Escalation never ends in silence: only a person stops it, whatever breaks meanwhile."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.core import Setting
from desk.escalation import (
    EMPTY_CHAIN,
    EMPTY_STEP,
    EXHAUSTED,
    NO_CHAIN,
    NOT_REACHED,
    PARTLY_REACHED,
    ROUND_MS,
    UNATTENDED_MS,
)
from desk.options import EscalationOptions, Step
from desk.turns import (
    Acknowledge,
    ClockMoved,
    Connected,
    Notified,
    Notify,
    Reported,
    Resolve,
    StopNotify,
    Tick,
)
from gateway.contract.messages import Kind, Phase, Report, unix_ms

from .conftest import NOW_MS
from .office import CHAIN, KIM, LEE, SAM, SETTING, WAIT_S, Office

MakeReport = Callable[..., Report]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "desk.db")
    yield office
    office.close()


def with_chain(office: Office, *steps: tuple[str, ...]) -> None:
    """The same desk, started anew with another chain."""
    chain = EscalationOptions(steps=tuple(Step(contacts=one, wait_s=WAIT_S) for one in steps))
    office.setting = SETTING._replace(escalation=chain)
    office.restart()


def test_the_first_step_is_called_at_once_the_next_after_its_wait_and_all_again(
    office: Office, report: MakeReport
) -> None:
    office.report(report())
    assert office.called == [SAM]
    office.wait(WAIT_S - 1)
    assert office.called == [SAM]
    office.wait(1)
    assert office.called == [SAM, KIM, LEE]
    office.wait(WAIT_S)
    assert office.called == [SAM, KIM, LEE, SAM]
    assert EXHAUSTED in office.records["1-2"].warnings
    office.wait(100 * WAIT_S)
    assert len(office.called) > 100


@pytest.mark.parametrize("answer", [Acknowledge("1-2", "Ben", 4), Resolve("1-2", "Ben")])
def test_an_answer_stops_it_at_once_and_those_who_were_called_are_told(
    office: Office, report: MakeReport, answer: Acknowledge | Resolve
) -> None:
    office.report(report())
    office.wait(WAIT_S)
    office.step(answer)
    stop = office.world.notified[-1]
    assert isinstance(stop, StopNotify)
    assert stop.contacts == (KIM, LEE, SAM)
    assert ("Ben" in stop.words.body) is isinstance(answer, Acknowledge)
    office.forget()
    office.restart()
    office.wait(10 * WAIT_S)
    assert office.called == []
    assert office.records["1-2"].escalation is None


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.CHECK_IN, Kind.CHECK_OUT])
def test_nobody_is_called_for_what_calls_for_nobody(
    office: Office, report: MakeReport, kind: Kind
) -> None:
    office.report(report(kind=kind))
    office.wait(3 * WAIT_S, tick_s=5)
    assert office.called == []


def test_nobody_is_called_while_the_wearer_may_still_cancel(
    office: Office, report: MakeReport
) -> None:
    office.report(report(kind=Kind.MAN_DOWN, phase=Phase.PENDING))
    office.wait(59)
    assert office.called == []
    office.wait(1)
    assert office.called == [SAM]
    office.report(report(kind=Kind.MAN_DOWN, phase=Phase.CANCELLED, counter=11))
    assert office.called == [SAM, "-"]


def test_a_drill_calls_people_and_says_so_and_is_called_anew_when_it_is_none(
    office: Office, report: MakeReport
) -> None:
    office.report(report(drill=True))
    (call,) = office.world.notified
    assert isinstance(call, Notify)
    assert call.words.title == "DRILL SOS: Asha N. (badge 1)"
    office.wait(WAIT_S)
    office.forget()
    office.report(report(counter=11))
    (call,) = office.world.notified
    assert isinstance(call, Notify)
    assert (call.contact, call.words.title) == (SAM, "SOS: Asha N. (badge 1)")


def test_what_becomes_worse_begins_with_the_first_step_again(
    office: Office, report: MakeReport
) -> None:
    office.report(report(kind=Kind.ASSIST))
    office.wait(WAIT_S)
    office.forget()
    office.report(report(counter=11))
    office.report(report(counter=12))
    assert office.called == [SAM]


@pytest.mark.parametrize("answer", [Acknowledge("1-2", "Ben", 4), Resolve("1-2", "Ben")])
def test_what_becomes_worse_after_it_was_answered_calls_until_it_is_taken_anew(
    office: Office, report: MakeReport, answer: Acknowledge | Resolve
) -> None:
    office.report(report(kind=Kind.ASSIST))
    office.step(answer)
    office.forget()
    office.report(report(counter=11, phase=Phase.ACKNOWLEDGED))
    assert office.called == [SAM]
    warnings = office.records["1-2"].warnings
    assert not [text for text in warnings if "never said so" in text]
    assert office.step(Acknowledge("1-2", "Ben", 2)) == ()
    assert office.called == [SAM, "-"]


def test_a_contact_who_is_not_reached_is_a_warning_and_the_next_step_at_once(
    office: Office, report: MakeReport
) -> None:
    office.answer = lambda contact: contact != SAM
    office.report(report())
    office.step(Tick())
    assert office.called == [SAM, KIM, LEE]
    text = NOT_REACHED.format(SAM, "not taken by line 1 (json)")
    assert text in office.records["1-2"].warnings
    assert text in office.world.records["1-2"].warnings


def test_one_of_two_who_is_not_reached_brings_the_next_step_at_once(
    office: Office, report: MakeReport
) -> None:
    with_chain(office, (SAM, KIM), (LEE,))
    office.answer = lambda contact: contact != KIM
    office.report(report())
    office.step(Tick())
    assert office.called == [KIM, SAM, LEE]


def test_an_address_that_fails_beside_one_that_works_is_a_warning_and_costs_no_time(
    office: Office, report: MakeReport
) -> None:
    office.answer = lambda _: None
    office.report(report())
    office.step(Notified(office.world.notified[0].alert, SAM, True, "not taken by line 2 (sms)"))
    office.wait(WAIT_S - 1)
    assert office.called == [SAM]
    text = PARTLY_REACHED.format(SAM, "not taken by line 2 (sms)")
    assert text in office.records["1-2"].warnings


def test_an_empty_step_is_a_warning_and_is_passed_over_at_once(
    office: Office, report: MakeReport
) -> None:
    with_chain(office, (), (KIM,), ())
    office.report(report())
    assert office.called == [KIM]
    assert "step 1 of the escalation chain is empty" in office.records["1-2"].warnings
    office.wait(WAIT_S)
    assert office.called == [KIM, KIM]
    assert "step 3 of the escalation chain is empty" in office.records["1-2"].warnings


def test_a_chain_that_reaches_nobody_goes_round_again_and_again_but_not_in_no_time(
    office: Office, report: MakeReport
) -> None:
    office.answer = lambda _: False
    office.report(report())
    office.wait(ROUND_MS / 1000 - 1)
    assert office.called == [SAM, KIM, LEE]
    office.wait(10 * ROUND_MS / 1000)
    assert len(office.called) == 3 * 11
    assert EXHAUSTED in office.records["1-2"].warnings


@pytest.mark.parametrize(
    ("steps", "warnings"),
    [
        ((), {EMPTY_CHAIN}),
        (((), ()), {EMPTY_STEP.format(1), EMPTY_STEP.format(2)}),
    ],
)
def test_a_chain_without_people_is_a_warning_at_once(
    office: Office, report: MakeReport, steps: tuple[tuple[str, ...], ...], warnings: set[str]
) -> None:
    with_chain(office, *steps)
    office.report(report())
    assert warnings <= set(office.records["1-2"].warnings)
    office.wait(200, tick_s=10)
    assert office.called == []


def test_without_an_escalation_the_alert_says_after_a_while_that_nobody_is_called(
    office: Office, report: MakeReport
) -> None:
    office.setting = Setting({1: "Asha N."})
    office.restart()
    office.report(report())
    office.wait(UNATTENDED_MS / 1000 - 1)
    assert NO_CHAIN not in office.records["1-2"].warnings
    office.wait(1)
    assert NO_CHAIN in office.records["1-2"].warnings
    assert office.called == []


def test_a_chain_that_is_configured_later_is_climbed_for_what_still_waits(
    office: Office, report: MakeReport
) -> None:
    office.setting = Setting({1: "Asha N."})
    office.restart()
    office.report(report())
    office.wait(UNATTENDED_MS / 1000)
    office.setting = SETTING
    office.restart()
    office.step(Connected())
    assert office.called == [SAM]


def test_a_restart_repeats_calls_of_which_nothing_is_known_and_no_others(
    office: Office, report: MakeReport
) -> None:
    office.answer = lambda contact: True if contact == KIM else None
    office.report(report())
    office.restart()
    office.step(Tick())
    assert office.called == [SAM, SAM]
    office.wait(WAIT_S)
    office.forget()
    office.restart()
    office.step(Tick())
    assert office.called == [LEE]


def test_a_restart_after_a_long_time_goes_on_with_the_step_that_is_due(
    office: Office, report: MakeReport
) -> None:
    office.report(report())
    office.forget()
    office.now_ms += 3_600_000
    office.restart()
    office.step(Tick())
    assert office.called == [KIM, LEE]


def test_words_tell_who_since_when_and_where_unless_they_must_not(
    office: Office, report: MakeReport
) -> None:
    office.report(report(covert=True))
    call = office.world.notified[0]
    assert isinstance(call, Notify)
    assert call.words.title == "SOS: Asha N. (badge 1)"
    assert "53.50000, -2.25000 within 8 m" in call.words.body
    assert "do not call the wearer" in call.words.body
    assert "53.5" not in repr(call)
    chain = EscalationOptions(steps=CHAIN.steps, position=False)
    office.setting = SETTING._replace(escalation=chain)
    office.restart()
    office.report(report(event=3, counter=11))
    call = office.world.notified[-1]
    assert isinstance(call, Notify)
    assert "53.5" not in call.words.body


def test_every_call_and_its_outcome_is_in_the_audit_trail(
    office: Office, report: MakeReport
) -> None:
    office.answer = lambda contact: contact != SAM
    office.report(report())
    told = [(one.action, one.outcome) for one in office.store.audit() if one.who == "desk"]
    assert told[:2] == [
        ("call", "Sam: step 1, round 1"),
        ("called", "Sam: not reached, not taken by line 1 (json)"),
    ]


def test_the_record_says_who_was_called_and_who_is_next(office: Office, report: MakeReport) -> None:
    office.report(report())
    office.wait(10)
    told = office.world.records["1-2"].escalation
    assert told is not None
    assert (told.round, told.called, told.next) == (1, (SAM,), (KIM, LEE))
    assert told.called_at is not None
    assert told.next_at is not None
    assert unix_ms(told.called_at) == NOW_MS
    assert unix_ms(told.next_at) == NOW_MS + WAIT_S * 1000
    office.wait(WAIT_S)
    told = office.world.records["1-2"].escalation
    assert told is not None
    assert (told.called, told.next) == ((KIM, LEE), (SAM,))


def test_nothing_is_called_before_the_commit(office: Office, report: MakeReport) -> None:
    office.report(report())
    assert office.world.log[:3] == ["commit", "announce 1-2 delivered", "send 1-2 delivered"]
    assert office.world.log[3] == "notify 1-2 Sam"


def test_a_desk_killed_at_every_step_skips_nobody_and_stops_when_it_is_told(
    tmp_path: Path, report: MakeReport
) -> None:
    for step in count():
        office = Office(tmp_path / f"{step}.db", steps=step)
        office.answer = lambda contact: contact != SAM
        office.report(report())
        office.wait(2 * WAIT_S, tick_s=WAIT_S / 4)
        assert {SAM, KIM, LEE} <= set(office.called), step
        first_round = list(dict.fromkeys(office.called))
        assert first_round == [SAM, KIM, LEE], step
        office.step(Acknowledge("1-2", "Ben", 3))
        office.forget()
        office.wait(10 * WAIT_S, tick_s=WAIT_S)
        assert office.called == [], step
        office.close()
        if not office.deaths:
            assert step > 30, "the story became shorter than it was"
            return


jumps = st.integers(-(10**12), 10**12) | st.integers(-100_000, 100_000)
events = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 90)),
    st.tuples(st.just("jump"), jumps),
    st.tuples(st.just("told jump"), jumps),
    st.tuples(st.just("kill"), st.just(0)),
    st.tuples(st.just("away"), jumps),
    st.tuples(st.just("die after"), st.integers(0, 9)),
    st.tuples(st.just("report"), st.integers(0, 40)),
    st.tuples(st.just("reach"), st.integers(0, 2)),
)
#: Twice the longest wait of the chain; the pause after a chain that reached nobody is shorter.
PATIENCE_S = 2 * WAIT_S


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escalation")


def live(office: Office, told: list[tuple[str, int]], report: MakeReport) -> None:
    for what, number in told:
        match what:
            case "wait":
                office.wait(number, tick_s=5)
            case "jump":
                office.now_ms = max(10**12, office.now_ms + number)
                office.step(Tick())
            case "told jump":
                before_ms, office.now_ms = office.now_ms, max(10**12, office.now_ms + number)
                office.step(ClockMoved(office.now_ms - before_ms), Tick())
            case "kill":
                office.restart()
            case "away":
                office.now_ms = max(10**12, office.now_ms + number)
                office.restart()
            case "die after":
                office.world.fuse.left = office.world.fuse.steps + number
            case "report":
                office.step(Reported(report(counter=number)))
            case "reach":
                office.answer = lambda _, ok=(True, False, None)[number]: ok


@settings(deadline=None, max_examples=60)
@given(told=st.lists(events, max_size=12))
def test_whatever_happens_an_alert_that_waits_is_called_again_and_an_answer_ends_that(
    folder: Path, told: list[tuple[str, int]]
) -> None:
    def report(counter: int = 41) -> Report:
        return Report(
            badge=1,
            event=2,
            kind=Kind.SOS,
            phase=Phase.RAISED,
            counter=counter,
            gateway="hub-1",
            heard_at="2026-01-01T00:00:00.000Z",
        )

    path = folder / "desk.db"
    for file in folder.iterdir():
        file.unlink()
    office = Office(path)
    office.report(report())
    live(office, told, report)
    office.world.fuse.left = None
    office.forget()
    office.wait(PATIENCE_S, tick_s=5)
    assert office.called
    assert set(office.called) <= {SAM, KIM, LEE}
    (record,) = office.engine.records
    assert record.escalation is not None
    office.step(Acknowledge("1-2", "Ben", 3))
    office.forget()
    live(office, told, report)
    office.world.fuse.left = None
    office.wait(PATIENCE_S, tick_s=5)
    assert set(office.called) <= {"-"}
    office.close()
