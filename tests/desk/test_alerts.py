"""The core: what rings, who is told, who may answer, and how the chain heals."""

import pickle
from collections.abc import Callable

import pytest

from desk.alert import Key
from desk.alerts import PENDING_MS, Alerts
from desk.clearing import CLEAR_AFTER_MS
from desk.stages import REISSUE_MS
from desk.turns import (
    Acknowledge,
    Announce,
    Archive,
    Clear,
    Cleared,
    Confirmed,
    Connected,
    Count,
    Effect,
    Look,
    Refuse,
    Reported,
    Resolve,
    SaveAudit,
    Send,
    Tick,
)
from gateway.contract.messages import (
    AlertRecord,
    CommandResult,
    Kind,
    Opcode,
    Phase,
    Position,
    Report,
    rfc3339,
)

MakeReport = Callable[..., Report]


@pytest.fixture
def core() -> Alerts:
    return Alerts({1: "Asha N."})


def only(core: Alerts) -> AlertRecord:
    (record,) = core.records
    return record


def commands(effects: tuple[Effect, ...]) -> list[Opcode]:
    return [effect.command.opcode for effect in effects if isinstance(effect, Send)]


def refusals(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.text for effect in effects if isinstance(effect, Refuse)]


def test_a_raised_report_becomes_a_delivered_alert(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    effects = core.step(now_ms, Reported(report()))
    record = only(core)
    assert (record.alert, record.wearer, record.phase) == ("1-2", "Asha N.", Phase.DELIVERED)
    assert [stage.phase for stage in record.timeline] == ["raised", "heard", "delivered"]
    assert record.raised_at == rfc3339(now_ms - 1000)
    assert commands(effects) == [Opcode.DELIVERED]


def test_the_same_press_through_another_gateway_rings_once(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    effects = core.step(now_ms, Reported(report(gateway="hub-2")))
    assert only(core).gateways == ("hub-1", "hub-2")
    assert commands(effects) == []
    assert Count("repeated") in effects


def test_the_position_is_that_of_the_highest_counter_and_never_a_stale_one(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    new, old = Position(latitude=1, longitude=1), Position(latitude=2, longitude=2)
    core.step(now_ms, Reported(report(counter=12, position=new)))
    core.step(now_ms, Reported(report(counter=11, position=old)))
    core.step(now_ms, Reported(report(counter=13, position=old, stale=True)))
    core.step(now_ms, Reported(report(counter=14, position=None)))
    assert only(core).position == new
    assert "a report was stale: its position is not shown" in only(core).warnings


@pytest.mark.parametrize("kind", [Kind.MAN_DOWN, Kind.ASSIST])
def test_an_sos_upgrades_and_a_later_report_of_less_does_not_undo_it(
    core: Alerts, report: MakeReport, now_ms: int, kind: Kind
) -> None:
    core.step(now_ms, Reported(report(kind=kind)))
    core.step(now_ms, Reported(report(counter=11)))
    core.step(now_ms, Reported(report(counter=12, kind=kind)))
    assert only(core).kind is Kind.SOS
    assert only(core).warnings == ()


def test_an_upgrade_after_the_acknowledgement_is_flagged(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(kind=Kind.ASSIST)))
    core.step(now_ms, Acknowledge("1-2", "Ben", None))
    core.step(now_ms, Reported(report(counter=11)))
    assert "became worse after it was acknowledged" in only(core).warnings


def test_an_sos_during_an_assist_that_was_just_resolved_rings_anew(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(kind=Kind.ASSIST)))
    core.step(now_ms, Acknowledge("1-2", "Ben", 5))
    core.step(now_ms, Resolve("1-2", "Ben"))
    effects = core.step(now_ms + REISSUE_MS, Reported(report(counter=11)))
    record = only(core)
    assert (record.kind, record.phase, record.holder) == (Kind.SOS, Phase.DELIVERED, None)
    assert "became worse after it was resolved: open again" in record.warnings
    assert commands(effects) == [Opcode.DELIVERED]
    assert commands(core.step(now_ms, Acknowledge("1-2", "Clara", 1))) == [Opcode.ACKNOWLEDGED]


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.CHECK_IN, Kind.CHECK_OUT])
def test_a_test_proves_the_chain_and_closes_itself(
    core: Alerts, report: MakeReport, now_ms: int, kind: Kind
) -> None:
    effects = core.step(now_ms, Reported(report(kind=kind)))
    assert commands(effects) == [Opcode.DELIVERED]
    assert only(core).phase is Phase.DELIVERED
    assert refusals(core.step(now_ms, Resolve("1-2", "Ben")))
    core.step(now_ms + CLEAR_AFTER_MS, Tick())
    assert core.step(now_ms, Cleared(Key(1, 2))) == (Archive(Key(1, 2)),)


def test_a_heartbeat_makes_no_alert_unless_it_tells_of_an_open_event_never_seen(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(kind=Kind.STATUS, phase=Phase.IDLE)))
    core.step(now_ms, Reported(report(kind=Kind.STATUS, phase=Phase.RESOLVED, counter=11)))
    assert core.records == ()
    effects = core.step(now_ms, Reported(report(kind=Kind.STATUS, counter=12)))
    assert commands(effects) == [Opcode.DELIVERED]
    assert "known only from heartbeats of the badge" in only(core).warnings


def test_a_pending_alert_is_recorded_and_a_cancellation_ends_it(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    effects = core.step(now_ms, Reported(report(kind=Kind.MAN_DOWN, phase=Phase.PENDING)))
    assert only(core).phase is Phase.PENDING
    assert commands(effects) == []
    assert refusals(core.step(now_ms, Resolve("1-2", "Ben")))
    core.step(now_ms, Reported(report(kind=Kind.MAN_DOWN, phase=Phase.CANCELLED, counter=11)))
    assert only(core).phase is Phase.CANCELLED


def test_a_cancellation_after_the_raise_is_not_believed(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(phase=Phase.CANCELLED, counter=11)))
    core.step(now_ms, Reported(report()))
    assert only(core).phase is Phase.DELIVERED
    assert "the badge cancelled after it had raised: not believed" in only(core).warnings


def test_a_badge_that_falls_silent_while_pending_is_raised_by_the_desk(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(kind=Kind.MAN_DOWN, phase=Phase.PENDING)))
    assert core.step(now_ms + PENDING_MS - 1, Tick()) == ()
    effects = core.step(now_ms + PENDING_MS, Tick())
    assert only(core).phase is Phase.DELIVERED
    assert commands(effects) == []  # the wearer must still be able to cancel
    effects = core.step(now_ms + PENDING_MS, Reported(report(kind=Kind.MAN_DOWN, counter=11)))
    assert commands(effects) == [Opcode.DELIVERED]


def test_what_a_badge_claims_silences_nothing(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(phase=Phase.RESOLVED)))
    assert only(core).phase is Phase.DELIVERED
    assert "the badge shows resolved, but this desk never said so" in only(core).warnings


def test_the_first_acknowledgement_wins_and_the_second_is_told_who_has_it(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    effects = core.step(now_ms, Acknowledge("1-2", "Ben", 5))
    assert commands(effects) == [Opcode.ACKNOWLEDGED]
    (sent,) = [effect.command for effect in effects if isinstance(effect, Send)]
    assert sent.argument == 5
    effects = core.step(now_ms, Acknowledge("1-2", "Clara", 1))
    assert refusals(effects) == ["alert 1-2: Ben already has it"]
    assert (only(core).holder, only(core).minutes_until_help) == ("Ben", 5)
    assert effects[0] == SaveAudit(
        now_ms, "Clara", "acknowledge", "1-2", "alert 1-2: Ben already has it"
    )


def test_unknown_minutes_are_255_on_the_air(core: Alerts, report: MakeReport, now_ms: int) -> None:
    core.step(now_ms, Reported(report()))
    effects = core.step(now_ms, Acknowledge("1-2", "Ben", None))
    assert [effect.command.argument for effect in effects if isinstance(effect, Send)] == [255]


@pytest.mark.parametrize("alert", ["1-3", "", "01-2", "1-2-3", "x", "1-2 "])
def test_an_answer_to_no_alert_is_refused_by_name(
    core: Alerts, report: MakeReport, now_ms: int, alert: str
) -> None:
    core.step(now_ms, Reported(report()))
    (text,) = refusals(core.step(now_ms, Resolve(alert, "Ben")))
    assert text.startswith(f"alert {alert}: there is no such alert")


def test_resolving_needs_no_acknowledgement_and_happens_once(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    assert commands(core.step(now_ms, Resolve("1-2", "Ben"))) == [Opcode.RESOLVED]
    assert refusals(core.step(now_ms, Resolve("1-2", "Clara"))) == [
        "alert 1-2: Ben already resolved it"
    ]
    assert refusals(core.step(now_ms, Acknowledge("1-2", "Clara", 1))) == [
        "alert 1-2: Ben already resolved it"
    ]


def test_a_badge_that_still_shows_less_gets_the_stage_again_with_a_fresh_id(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    first = core.step(now_ms, Reported(report()))
    soon = core.step(now_ms + REISSUE_MS - 1, Reported(report(counter=11)))
    later = core.step(now_ms + REISSUE_MS, Reported(report(counter=12, phase=Phase.HEARD)))
    assert (commands(first), commands(soon), commands(later)) == (
        [Opcode.DELIVERED],
        [],
        [Opcode.DELIVERED],
    )
    ids = [effect.command.id for effect in (*first, *later) if isinstance(effect, Send)]
    assert len(set(ids)) == 2


def test_a_late_report_of_the_past_is_not_answered(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(counter=12, phase=Phase.DELIVERED)))
    assert commands(core.step(now_ms, Reported(report(counter=11)))) == []


def test_the_timeline_tells_what_the_badge_took(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    result = CommandResult(
        id="x",
        badge=1,
        event=2,
        opcode=Opcode.DELIVERED,
        gateway="hub-1",
        taken=True,
        at=rfc3339(now_ms),
    )
    core.step(now_ms, Confirmed(result))
    (felt,) = only(core).felt
    assert (felt.phase, felt.at, felt.by) == (Phase.DELIVERED, rfc3339(now_ms), "hub-1")


@pytest.mark.parametrize("years", [-50, 50])
def test_a_gateway_whose_clock_is_wrong_is_flagged_and_not_believed(
    core: Alerts, report: MakeReport, now_ms: int, years: int
) -> None:
    core.step(now_ms, Reported(report(heard_ms=now_ms + years * 365 * 86_400_000)))
    assert only(core).raised_at == rfc3339(now_ms)
    assert "clock of gateway hub-1 is wrong" in only(core).warnings


def test_counters_against_the_order_of_events_are_flagged_and_the_event_still_rings(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(event=2, counter=100)))
    effects = core.step(now_ms, Reported(report(event=3, counter=50)))
    assert commands(effects) == [Opcode.DELIVERED]
    assert all("counters contradict" in " ".join(record.warnings) for record in core.records)


def test_a_badge_that_nobody_entered_rings_with_its_number(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(badge=9)))
    assert only(core).wearer == "badge 9"
    assert "badge 9 is not in the desk's configuration" in only(core).warnings


def test_a_reconnect_shows_every_record_again_and_repeats_what_the_badge_did_not_take(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    core.step(now_ms, Reported(report(event=3, counter=11, phase=Phase.DELIVERED)))
    effects = core.step(now_ms, Connected())
    assert {effect.record.alert for effect in effects if isinstance(effect, Announce)} == {
        "1-2",
        "1-3",
    }
    assert commands(effects) == [Opcode.DELIVERED]


def test_a_record_is_cleared_a_day_after_its_end_until_the_broker_says_so(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    assert core.step(now_ms + 2 * CLEAR_AFTER_MS, Tick()) == ()
    core.step(now_ms, Resolve("1-2", "Ben"))
    end_ms = now_ms + CLEAR_AFTER_MS
    assert core.step(end_ms - 1, Tick()) == ()
    assert core.step(end_ms, Tick()) == (Clear(Key(1, 2)),)
    assert core.step(end_ms + 1, Tick()) == ()
    assert core.step(end_ms + 60_000, Tick()) == (Clear(Key(1, 2)),)
    assert core.step(end_ms + 60_001, Cleared(Key(1, 2))) == (Archive(Key(1, 2)),)
    assert core.step(end_ms + 60_002, Reported(report(gateway="hub-9"))) != ()
    assert core.records == ()  # a replay of yesterday's press is no new alert


def test_what_rings_again_while_its_record_is_being_cleared_is_not_archived(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(kind=Kind.ASSIST)))
    core.step(now_ms, Resolve("1-2", "Ben"))
    end_ms = now_ms + CLEAR_AFTER_MS
    assert core.step(end_ms, Tick()) == (Clear(Key(1, 2)),)
    core.step(end_ms, Reported(report(counter=11)))
    (effect,) = core.step(end_ms, Cleared(Key(1, 2)))
    assert isinstance(effect, Announce)
    assert only(core).phase is Phase.DELIVERED


def test_a_raise_of_an_archived_cancellation_rings(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(phase=Phase.CANCELLED)))
    core.step(now_ms, Cleared(Key(1, 2)))
    core.step(now_ms, Reported(report(counter=11)))
    assert only(core).phase is Phase.DELIVERED


def test_an_sos_in_an_archived_assist_rings_and_is_not_resolved_by_a_late_report(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report(kind=Kind.ASSIST)))
    core.step(now_ms, Resolve("1-2", "Ben"))
    core.step(now_ms, Cleared(Key(1, 2)))
    later_ms = now_ms + REISSUE_MS
    assert commands(core.step(later_ms, Reported(report(counter=20)))) == [Opcode.DELIVERED]
    late = core.step(later_ms + REISSUE_MS, Reported(report(counter=19, kind=Kind.ASSIST)))
    assert Opcode.RESOLVED not in commands(late)
    assert (only(core).kind, only(core).phase) == (Kind.SOS, Phase.DELIVERED)


def test_a_clock_that_is_set_back_puts_nothing_off(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    back_ms = 3_600_000
    core.step(now_ms, Reported(report(kind=Kind.MAN_DOWN, phase=Phase.PENDING)))
    core.step(now_ms, Reported(report(badge=3)))
    now_ms -= back_ms
    again = core.step(now_ms + REISSUE_MS, Reported(report(badge=3, counter=11)))
    assert commands(again) == [Opcode.DELIVERED]
    core.step(now_ms + back_ms + PENDING_MS, Tick())
    assert {record.phase for record in core.records} == {Phase.DELIVERED}
    behind = Alerts({})
    behind.step(now_ms + back_ms, Reported(report(phase=Phase.PENDING)))
    behind.step(now_ms + PENDING_MS + 1000, Tick())
    assert only(behind).phase is Phase.DELIVERED


def test_what_was_sent_long_ago_is_forgotten(core: Alerts, report: MakeReport, now_ms: int) -> None:
    size = len(pickle.dumps(core))
    for event in range(1, 500):
        core.step(now_ms, Reported(report(event=event, counter=event, kind=Kind.TEST)))
        core.step(now_ms, Cleared(Key(1, event)))
    core.step(now_ms + REISSUE_MS, Tick())
    kept = len(pickle.dumps(core)) - size
    fresh = len(pickle.dumps(Alerts({}, ended=core._ended))) - len(pickle.dumps(Alerts({})))
    assert kept < fresh + 500


def test_every_look_is_kept(core: Alerts, now_ms: int) -> None:
    assert core.step(now_ms, Look("1-2", "Ben")) == (
        SaveAudit(now_ms, "Ben", "look", "1-2", "shown"),
    )
