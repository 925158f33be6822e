"""A missed check in rings by itself, with badge and gateway dead; no report is misread."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.alert import Key
from desk.clearing import CLEAR_AFTER_MS
from desk.core import Core
from desk.turns import (
    Acknowledge,
    Cleared,
    ClockMoved,
    Confirmed,
    EndVisit,
    ExtendVisit,
    Reported,
    Resolve,
    SetVisit,
    Tick,
)
from desk.urgency import Urgency, urgency
from gateway.contract.messages import (
    CommandMessage,
    CommandResult,
    Kind,
    Phase,
    Report,
    rfc3339,
    unix_ms,
)

from .conftest import NOW_MS
from .office import SAM, SETTING, Office, timers

MakeReport = Callable[..., Report]
MINUTES, GRACE_S = SETTING.visits.minutes, SETTING.visits.grace_s
RINGS_S = MINUTES * 60 + GRACE_S


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "desk.db")
    yield office
    office.close()


def check(event: int, counter: int, kind: Kind, heard_ms: int, badge: int = 1) -> Report:
    return Report(
        badge=badge,
        event=event,
        kind=kind,
        phase=Phase.RAISED,
        counter=counter,
        gateway="hub-1",
        heard_at=rfc3339(heard_ms),
    )


def check_in(event: int = 2, counter: int = 10, heard_ms: int = NOW_MS) -> Report:
    return check(event, counter, Kind.CHECK_IN, heard_ms)


def check_out(event: int = 3, counter: int = 20, heard_ms: int = NOW_MS) -> Report:
    return check(event, counter, Kind.CHECK_OUT, heard_ms)


def took(command: CommandMessage) -> Confirmed:
    return Confirmed(
        CommandResult(
            id=command.id,
            badge=command.badge,
            event=command.event,
            opcode=command.opcode,
            gateway="hub-1",
            taken=True,
            at=rfc3339(NOW_MS),
        )
    )


def rings(office: Office, alert: str = "1-2") -> bool:
    return urgency(office.records[alert]) is Urgency.RINGING


def test_a_check_in_without_a_check_out_rings_after_its_time_and_grace(office: Office) -> None:
    office.report(check_in())
    record = office.records["1-2"]
    assert record.visit_due_at is not None
    assert unix_ms(record.visit_due_at) == NOW_MS + MINUTES * 60_000
    office.wait(RINGS_S - 1, tick_s=60)
    assert not rings(office)
    assert office.called == []
    office.wait(1)
    assert rings(office)
    assert office.called == [SAM]
    record = office.world.records["1-2"]
    assert record.overdue_at == rfc3339(office.now_ms)
    assert (record.kind, record.phase, record.visit_due_at) == ("check_in", "delivered", None)


def test_a_person_takes_and_resolves_a_missed_check_in_and_the_badge_is_told_nothing_odd(
    office: Office,
) -> None:
    office.report(check_in())
    office.wait(RINGS_S, tick_s=60)
    office.world.commands.clear()
    assert office.step(Acknowledge("1-2", "Ben", 5)) == ()
    assert office.called[-1] == "-"
    assert not rings(office)
    assert [command.opcode for command in office.world.commands] == ["delivered"]
    office.wait(CLEAR_AFTER_MS / 1000 + 60, tick_s=3600)
    assert office.world.cleared == []
    assert office.step(Resolve("1-2", "Ben")) == ()
    office.wait(CLEAR_AFTER_MS / 1000 + 60, tick_s=3600)
    assert [str(key) for key in office.world.cleared][:1] == ["1-2"]


def test_a_check_out_ends_it(office: Office) -> None:
    office.report(check_in())
    office.wait(60)
    office.report(check_out())
    assert office.records["1-2"].visit_due_at is None
    office.wait(2 * RINGS_S, tick_s=60)
    assert not rings(office)
    assert office.called == []


def test_a_check_out_after_it_rang_is_shown_and_silences_nothing(office: Office) -> None:
    office.report(check_in())
    office.wait(RINGS_S, tick_s=60)
    office.report(check_out(heard_ms=office.now_ms))
    assert "checked out at 08:31 UTC, too late: a person must still answer" in (
        office.records["1-2"].warnings
    )
    assert rings(office)
    office.wait(300, tick_s=10)
    assert len(office.called) > 2


def test_a_new_check_in_begins_a_new_visit_and_the_missed_one_still_rings(
    office: Office,
) -> None:
    office.report(check_in())
    office.wait(RINGS_S, tick_s=60)
    office.report(check_in(event=3, counter=20, heard_ms=office.now_ms))
    assert rings(office)
    assert office.records["1-3"].visit_due_at is not None
    office.wait(RINGS_S, tick_s=60)
    assert rings(office, "1-3")


def test_an_sos_during_a_visit_is_an_alert_of_its_own(office: Office, report: MakeReport) -> None:
    office.report(check_in())
    office.report(report(event=3, counter=20))
    assert office.records["1-3"].overdue_at is None
    office.step(Resolve("1-3", "Ben"))
    office.wait(RINGS_S, tick_s=60)
    assert rings(office)


def test_a_check_in_that_arrives_late_is_due_from_when_it_was_heard(office: Office) -> None:
    office.report(check_in(heard_ms=NOW_MS - (MINUTES - 1) * 60_000))
    office.wait(59 + GRACE_S, tick_s=1)
    assert not rings(office)
    office.wait(1)
    assert rings(office)


def test_of_two_gateways_the_one_that_heard_it_first_counts(office: Office) -> None:
    office.report(check_in())
    office.report(check_in(heard_ms=NOW_MS - 120_000))
    office.report(check_in(counter=11))
    office.wait(RINGS_S - 121, tick_s=60)
    assert not rings(office)
    office.wait(1)
    assert rings(office)


def test_a_stale_check_in_is_due_from_when_it_came(office: Office) -> None:
    stale = check_in(heard_ms=NOW_MS - 3_600_000)
    office.report(
        Report(**{name: getattr(stale, name) for name in stale.__struct_fields__} | {"stale": True})
    )
    office.wait(RINGS_S - 1, tick_s=60)
    assert not rings(office)


def test_after_a_time_away_the_check_outs_that_wait_are_heard_first_but_not_for_long(
    office: Office,
) -> None:
    office.report(check_in())
    office.report(check(1, 1, Kind.CHECK_IN, NOW_MS, badge=2))
    office.now_ms += 2 * RINGS_S * 1000
    for _ in range(3):
        office.restart()  # however often it starts
        office.wait(6)
        assert office.called == []
    office.report(check_out())
    office.wait(3)
    assert not rings(office)
    assert rings(office, "2-1")


def test_a_visit_that_got_more_time_is_not_missed_at_the_start_after_a_time_away(
    office: Office,
) -> None:
    office.report(check_in())
    office.wait(MINUTES * 60 + 1, tick_s=60)
    office.step(ExtendVisit(1, "Ben", 5))
    office.now_ms += 2 * RINGS_S * 1000
    office.restart()
    office.wait(19)
    office.report(check_out())
    office.wait(60)
    assert not rings(office)


@pytest.mark.parametrize(
    ("ask", "rings_s"),
    [
        (SetVisit(1, "Ben", 5), 5 * 60 + GRACE_S),
        (SetVisit(1, "Ben", 90), 90 * 60 + GRACE_S),
        (ExtendVisit(1, "Ben", 15), (MINUTES + 15) * 60 + GRACE_S),
    ],
)
def test_a_supervisor_sets_and_extends_a_visit(
    office: Office, ask: SetVisit | ExtendVisit, rings_s: int
) -> None:
    office.report(check_in())
    assert office.step(ask) == ()
    assert office.timers[-1] == (rings_s - GRACE_S) // 60
    office.restart()
    office.report(check_in(counter=11, heard_ms=NOW_MS - 60_000))
    office.wait(rings_s - 1, tick_s=60)
    assert not rings(office)
    office.wait(1)
    assert rings(office)
    entry = next(one for one in office.store.audit() if one.who == "Ben")
    assert (entry.alert, entry.outcome) == ("1-2", f"{ask.minutes} min")


def test_a_supervisor_gives_time_after_it_was_due_and_before_it_rings(office: Office) -> None:
    office.report(check_in())
    office.wait(RINGS_S - 10, tick_s=10)
    assert office.step(ExtendVisit(1, "Ben", 10)) == ()
    office.wait(10 * 60 + GRACE_S - 1, tick_s=1)
    assert not rings(office)
    office.wait(1)
    assert rings(office)


def test_a_supervisor_ends_a_visit_and_no_frame_of_its_check_in_begins_it_again(
    office: Office,
) -> None:
    office.report(check_in())
    assert office.step(EndVisit(1, "Ben")) == ()
    assert office.timers == [MINUTES, 0]
    office.report(check_in(counter=11))
    office.restart()
    office.report(check_in(counter=12))
    office.wait(2 * RINGS_S, tick_s=60)
    assert not rings(office)
    assert ("end visit", "done") in [(one.action, one.outcome) for one in office.store.audit()]


@pytest.mark.parametrize(
    "ask", [SetVisit(1, "Ben", 5), ExtendVisit(1, "Ben", 5), EndVisit(1, "Ben")]
)
def test_what_cannot_be_set_is_refused_with_the_reason(
    office: Office, ask: SetVisit | ExtendVisit | EndVisit
) -> None:
    (text,) = office.step(ask)
    assert text == "badge 1: no visit is running; one begins when the wearer checks in"
    office.report(check_in())
    (text,) = office.step(ExtendVisit(1, "Ben", 1440))
    assert text == "badge 1: no visit is longer than a day; check in again instead"
    office.wait(RINGS_S, tick_s=60)
    (text,) = office.step(ask)
    assert text == "badge 1: its visit was missed; take and resolve alert 1-2"
    refused = [one for one in office.store.audit() if one.who == "Ben"]
    assert [one.alert for one in refused] == ["1", "1-2", "1-2"]
    assert rings(office)


def test_a_badge_with_minutes_of_its_own_has_these(office: Office) -> None:
    office.setting = SETTING._replace(visit_minutes={1: 5})
    office.restart()
    office.report(check_in())
    office.wait(5 * 60 + GRACE_S, tick_s=10)
    assert rings(office)


def test_the_badge_is_told_its_timer_until_it_confirms_it(office: Office) -> None:
    office.report(check_in())
    assert office.timers == [MINUTES]
    office.wait(60)
    office.restart()
    office.wait(61)
    assert office.timers == [MINUTES, MINUTES - 1, MINUTES - 1, MINUTES - 2]
    old = timers(office.world.commands)[-1]
    office.step(ExtendVisit(1, "Ben", 10))
    office.step(took(old))  # of the timer as it was
    office.wait(60)
    assert office.timers[-2:] == [MINUTES + 8, MINUTES + 7]
    office.step(took(timers(office.world.commands)[-1]))
    office.restart()
    office.forget()
    office.wait(300, tick_s=10)
    assert office.timers == []


def test_a_timer_on_its_way_is_turned_off_when_the_wearer_checks_out(office: Office) -> None:
    office.report(check_in())
    office.report(check_out())
    assert office.timers == [MINUTES, 0]
    office.step(took(timers(office.world.commands)[-1]))
    office.forget()
    office.report(check_in(event=4, counter=30))
    office.step(took(timers(office.world.commands)[-1]))
    office.report(check_out(event=5, counter=40))
    assert office.timers == [MINUTES]


def test_a_visit_of_more_than_a_day_is_neither_archived_nor_forgotten(office: Office) -> None:
    office.setting = SETTING._replace(visit_minutes={1: 1440})
    office.restart()
    office.report(check_in())
    office.wait(23 * 3600, tick_s=600)
    office.step(SetVisit(1, "Ben", 1440))
    office.wait(24 * 3600 - 1, tick_s=600)
    assert office.world.cleared == []
    office.step(Cleared(Key(1, 2)))  # a broker that lost it
    office.restart()
    office.wait(GRACE_S + 1)
    assert rings(office)


def test_a_check_in_of_an_archived_event_begins_no_visit(office: Office) -> None:
    office.report(check_in())
    office.report(check_out())
    office.wait(CLEAR_AFTER_MS / 1000 + 1, tick_s=3600)
    office.step(*(Cleared(key) for key in office.world.cleared))
    assert office.records == {}
    office.report(check_in(counter=11, heard_ms=office.now_ms))
    office.report(check_in(counter=50, heard_ms=office.now_ms))
    office.wait(RINGS_S, tick_s=60)
    assert office.records == {}
    assert office.called == []


def test_a_visit_that_ran_before_there_were_timers_runs_from_its_check_in(
    office: Office,
) -> None:
    office.report(check_in())
    with office.store._engine.begin() as connection:
        for table in ("visits", "climbs", "clock"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    office.restart()
    office.wait(RINGS_S, tick_s=60)
    assert rings(office)


def test_a_desk_killed_at_every_step_rings_for_a_missed_check_in(tmp_path: Path) -> None:
    for step in count():
        office = Office(tmp_path / f"{step}.db", steps=step)
        office.report(check_in())
        office.step(SetVisit(1, "Ben", MINUTES))
        office.wait(RINGS_S, tick_s=600)
        office.wait(60, tick_s=20)
        assert rings(office), step
        assert SAM in office.called, step
        office.close()
        if not office.deaths:
            assert step > 20, "the story became shorter than it was"
            return


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Report], list[Report], bool]:
    """What an honest badge said, in order, and as it arrived; whether it is checked in at last."""
    said: list[Report] = []
    counter = 0
    ins = draw(st.integers(1, 6))
    for event in range(1, ins + 1):
        kind = Kind.CHECK_IN if event % 2 else Kind.CHECK_OUT
        for _ in range(draw(st.integers(1, 3))):
            counter += 1
            said.append(check(event, counter, kind, NOW_MS + event * 1000))
    repeated = draw(st.lists(st.sampled_from(said), max_size=6))
    return said, draw(st.permutations(said + repeated)), ins % 2 == 1


@settings(deadline=None)
@given(histories())
def test_whatever_order_and_repetition_a_badge_is_heard_in_the_same_visit_runs(
    history: tuple[list[Report], list[Report], bool],
) -> None:
    said, heard, checked_in = history
    now_ms = NOW_MS + 60_000
    running = []
    for told in (said, heard):
        core = Core(SETTING)
        for report in told:
            core.step(now_ms, Reported(report))
        running.append(core.visits)
        core.step(now_ms + RINGS_S * 1000, Tick())
        core.step(now_ms + RINGS_S * 1000 + 20_000, Tick())
        missed = {record.event for record in core.records if record.overdue_at is not None}
        assert missed == ({said[-1].event} if checked_in else set())
    assert running[0] == running[1]
    assert [visit.alert for visit in running[0]] == [f"1-{said[-1].event}"] * checked_in


jumps = st.integers(-(10**12), 10**12) | st.integers(-3_600_000, 3_600_000)
disturbances = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 1800)),
    st.tuples(st.just("jump"), jumps),
    st.tuples(st.just("told jump"), jumps),
    st.tuples(st.just("away"), jumps),
    st.tuples(st.just("kill"), st.just(0)),
    st.tuples(st.just("die after"), st.integers(0, 9)),
    st.tuples(st.just("again"), st.integers(1, 12)),
    st.tuples(st.just("extend"), st.integers(1, 5)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("visits")


@settings(deadline=None, max_examples=60)
@given(told=st.lists(disturbances, max_size=10))
def test_whatever_happens_a_check_in_without_a_check_out_rings(
    folder: Path, told: list[tuple[str, int]]
) -> None:
    for file in folder.iterdir():
        file.unlink()
    office = Office(folder / "desk.db")
    office.report(check_in())
    minutes = MINUTES
    for what, number in told:
        match what:
            case "wait":
                office.wait(number, tick_s=60)
            case "jump" | "told jump":
                before_ms, office.now_ms = office.now_ms, max(10**12, office.now_ms + number)
                if what == "told jump":
                    office.step(ClockMoved(office.now_ms - before_ms))
                office.step(Tick())
            case "away":
                office.now_ms = max(10**12, office.now_ms + number)
                office.restart()
            case "kill":
                office.restart()
            case "die after":
                office.world.fuse.left = office.world.fuse.steps + number
            case "again":
                office.report(check_in(counter=number))
            case "extend":
                office.step(ExtendVisit(1, "Ben", number))
                minutes += number
    office.world.fuse.left = None
    # What is lost at worst: each time that the clock is set back while no desk looks, a minute.
    lost_s = 60 * len(told)
    office.wait(minutes * 60 + GRACE_S + lost_s + 60, tick_s=60)
    assert rings(office)
    assert SAM in office.called
    office.close()
