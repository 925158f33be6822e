"""Who is called when the desk is away, when that begins, and what alone ends it."""

import pytest

from gateway.alarm.alarm import PENDING_MS
from gateway.alarm.case import RULES
from gateway.alarm.options import LampOptions, SirenOptions
from gateway.contract.messages import Kind, Opcode
from gateway.steps import (
    LinkChanged,
    Silenced,
)
from tests.gateway.alarm_hub import AFTER_MS, HELP, REPEAT_MS, TICK_MS, Hub
from wire.frame import (
    KIND_CHECK_IN,
    KIND_GOING_OFF,
    KIND_MAN_DOWN,
    KIND_STATUS,
    KIND_TEST,
    PHASE_ACKNOWLEDGED,
    PHASE_CANCELLED,
    PHASE_HEARD,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
    PHASE_RESOLVED,
    Fix,
)


@pytest.fixture
def hub() -> Hub:
    return Hub.in_the_dark()


@pytest.mark.parametrize("kind", HELP)
def test_a_call_for_help_without_a_receipt_is_called_out_in_time_and_again(hub: Hub, kind: int):
    hub.hear(kind)
    hub.wait(AFTER_MS - TICK_MS)
    assert not hub.calls
    assert not hub.sounding
    hub.wait(TICK_MS)
    assert [call.call for _, call in hub.calls] == [1]
    assert hub.sounding
    hub.answer()
    hub.wait(REPEAT_MS - TICK_MS)
    assert not hub.sounding
    hub.wait(TICK_MS)
    assert [call.call for _, call in hub.calls] == [1, 2]
    assert hub.sounding


@pytest.mark.parametrize("up", [True, False])
def test_the_broker_being_there_is_no_receipt(hub: Hub, up: bool):
    hub.step(LinkChanged(up))
    hub.hear()
    hub.wait(AFTER_MS)
    _, call = hub.calls[0]
    assert ("does not answer" in call.words.body) is up
    assert ("cannot reach the broker" in call.words.body) is not up
    hub.answer()
    assert hub.notices[0].reason == ("no_receipt" if up else "no_broker")


@pytest.mark.parametrize("opcode", [Opcode.DELIVERED, Opcode.ACKNOWLEDGED, Opcode.RESOLVED])
def test_a_receipt_in_time_leaves_everybody_in_peace(hub: Hub, opcode: Opcode):
    hub.step(LinkChanged(True))
    hub.hear()
    hub.wait(AFTER_MS - TICK_MS)
    hub.order(opcode)
    hub.hear(phase=PHASE_HEARD)
    hub.wait(2 * REPEAT_MS)
    assert hub.calls == []
    assert hub.notices == []


@pytest.mark.parametrize("opcode", [Opcode.HEARD, Opcode.TIME, Opcode.BUZZ, Opcode.VISIT_TIMER])
def test_other_commands_are_no_receipt(hub: Hub, opcode: Opcode):
    hub.hear()
    hub.order(opcode)
    hub.wait(AFTER_MS)
    assert hub.calls


@pytest.mark.parametrize("phase", [PHASE_ACKNOWLEDGED, PHASE_RESOLVED])
def test_a_badge_that_shows_that_somebody_took_it_ends_the_calls(hub: Hub, phase: int):
    hub.hear()
    hub.wait(AFTER_MS)
    hub.answer()
    hub.hear(phase=phase)
    assert not hub.sounding
    assert "has been taken or is over" in hub.called_off[0].words.body
    assert hub.watched == {}
    hub.wait(2 * REPEAT_MS)
    assert len(hub.calls) == 1


def test_an_idle_badge_was_answered_though_nobody_heard_how(hub: Hub):
    hub.hear()
    hub.hear(KIND_STATUS, PHASE_IDLE)
    hub.wait(AFTER_MS)
    assert not hub.calls


@pytest.mark.parametrize("event", [0, 2])
def test_a_badge_that_forgot_its_event_ends_nothing_that_the_desk_does_not_have(
    hub: Hub, event: int
):
    hub.hear()
    hub.hear(KIND_STATUS, PHASE_IDLE, event=event)
    hub.wait(AFTER_MS)
    assert hub.calls


def test_a_cancellation_counts_only_before_the_raise(hub: Hub):
    hub.hear(KIND_MAN_DOWN, PHASE_PENDING)
    hub.hear(KIND_MAN_DOWN, PHASE_CANCELLED)
    hub.wait(AFTER_MS + PENDING_MS)
    assert not hub.calls
    hub.hear(event=2)
    hub.hear(phase=PHASE_CANCELLED, event=2)
    hub.wait(AFTER_MS)
    assert hub.calls


def test_what_stays_pending_is_called_out_as_if_it_were_raised(hub: Hub):
    hub.hear(KIND_MAN_DOWN, PHASE_PENDING)
    hub.wait(AFTER_MS + PENDING_MS - TICK_MS)
    assert not hub.calls
    hub.wait(TICK_MS)
    assert hub.calls


def test_a_raise_does_not_wait_for_the_pending_time(hub: Hub):
    hub.hear(KIND_MAN_DOWN, PHASE_PENDING)
    hub.wait(10_000)
    hub.hear(KIND_MAN_DOWN)
    hub.wait(AFTER_MS)
    assert hub.calls


@pytest.mark.parametrize("kind", [KIND_CHECK_IN, KIND_STATUS])
def test_what_calls_for_nobody_calls_nobody(hub: Hub, kind: int):
    hub.hear(kind, PHASE_IDLE if kind == KIND_STATUS else PHASE_RAISED)
    hub.wait(AFTER_MS + PENDING_MS)
    assert not hub.calls
    assert not hub.watched


@pytest.mark.parametrize("kind", [KIND_TEST, KIND_GOING_OFF])
def test_a_test_and_a_farewell_are_told_once_and_sound_no_siren(hub: Hub, kind: int):
    hub.hear(kind)
    hub.wait(AFTER_MS)
    hub.answer()
    hub.wait(3 * REPEAT_MS)
    assert len(hub.calls) == 1
    assert not hub.sounding
    assert not hub.notices[0].siren
    hub.start()
    hub.wait(REPEAT_MS)
    assert len(hub.calls) == 1
    hub.order(Opcode.DELIVERED)
    assert hub.watched == {}


def test_an_open_event_of_which_only_heartbeats_are_heard_is_called_out(hub: Hub):
    hub.hear(KIND_STATUS, PHASE_RAISED)
    hub.wait(AFTER_MS)
    assert hub.calls
    assert not hub.sounding


def test_a_drill_says_so_and_sounds_no_siren(hub: Hub):
    hub.hear(drill=True)
    hub.wait(AFTER_MS)
    _, call = hub.calls[0]
    assert call.words.title.startswith("DRILL ")
    assert "DRILL" in call.words.body
    assert not hub.sounding


def test_one_report_that_is_no_drill_makes_it_serious(hub: Hub):
    hub.hear(drill=True)
    hub.hear()
    hub.wait(AFTER_MS)
    assert "DRILL" not in hub.calls[0][1].words.title
    assert hub.sounding


def test_a_covert_call_is_silent_where_it_was_made(hub: Hub):
    hub.hear(covert=True)
    hub.hear()
    hub.wait(AFTER_MS)
    assert "do not call the wearer" in hub.calls[0][1].words.body
    assert not hub.sounding
    assert hub.alarm.lamp(deaf=False) == "offline"


def test_the_lamp_shows_the_worst_that_holds(hub: Hub):
    assert hub.alarm.lamp(deaf=False) == "offline"
    hub.step(LinkChanged(True))
    assert hub.alarm.lamp(deaf=False) == "online"
    assert hub.alarm.lamp(deaf=True) == "deaf"
    hub.hear()
    hub.wait(AFTER_MS)
    assert hub.alarm.lamp(deaf=True) == "alarm"
    hub.step(Silenced())
    assert hub.alarm.lamp(deaf=True) == "deaf"


def test_a_covert_call_sounds_where_that_is_configured():
    hub = Hub(siren=SirenOptions(gpio=17, covert=True), lamp=LampOptions(gpio=27, covert=True))
    hub.hear(covert=True)
    hub.wait(AFTER_MS)
    assert hub.sounding
    assert hub.alarm.lamp(deaf=False) == "alarm"


def test_a_position_is_told_unless_that_is_configured_otherwise(hub: Hub):
    discreet = Hub(position=False)
    for one in (hub, discreet):
        one.hear(fix=Fix(53_500_000, -2_250_000, 1, 3))
        one.hear()
        one.wait(AFTER_MS)
    told, untold = hub.calls[0][1].words, discreet.calls[0][1].words
    assert "Position: 53.50000, -2.25000 within 8 m, less than 5 s old" in told.body
    assert "53.5" not in untold.title + untold.body
    assert "53.5" not in repr(hub.calls)


def test_a_name_stands_beside_the_number():
    hub = Hub(names={"1": "Asha N."})
    hub.hear()
    hub.wait(AFTER_MS)
    words = hub.calls[0][1].words
    assert words.title == "SOS: Asha N. (badge 1)"
    assert "hub-1" in words.body


def test_what_is_concerned_is_every_kind_that_a_person_must_answer():
    assert set(RULES) == set(Kind) - {Kind.CHECK_IN, Kind.CHECK_OUT}
