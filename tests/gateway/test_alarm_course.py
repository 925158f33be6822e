"""How calls go on: what the desk has, silence at the hub, what is counted and told, and kills."""

import pytest

from gateway.alarm.alarm import NEAR_MS, Means
from gateway.contract.messages import Opcode
from gateway.steps import (
    LinkChanged,
    Silenced,
    Watch,
)
from tests.gateway.alarm_hub import AFTER_MS, REPEAT_MS, SOUND_MS, TICK_MS, Hub
from wire.frame import (
    KIND_MAN_DOWN,
    KIND_SOS,
    KIND_STATUS,
    PHASE_DELIVERED,
    PHASE_HEARD,
    PHASE_IDLE,
)


@pytest.fixture
def hub() -> Hub:
    return Hub.in_the_dark()


def test_what_the_desk_has_is_called_out_when_the_broker_goes_before_somebody_takes_it(hub: Hub):
    hub.step(LinkChanged(True))
    hub.hear()
    hub.order(Opcode.DELIVERED)
    hub.wait(2 * REPEAT_MS)
    assert not hub.calls
    hub.step(LinkChanged(False))
    hub.wait(AFTER_MS)
    assert "nobody took it" in hub.calls[0][1].words.body
    assert not hub.sounding
    hub.answer()
    hub.step(LinkChanged(True))
    assert "has reached the desk" in hub.called_off[0].words.body
    hub.wait(2 * REPEAT_MS)
    assert len(hub.calls) == 1


@pytest.mark.parametrize("place", [None, "Room 4"])
def test_what_the_desk_has_is_not_called_out_by_a_hub_that_cannot_know_how_it_went_on(
    hub: Hub, place: str | None
):
    hub.step(LinkChanged(True))
    hub.hear(place=place)
    hub.order(Opcode.DELIVERED)
    hub.wait(NEAR_MS if place is None else TICK_MS)
    hub.step(LinkChanged(False))
    hub.wait(AFTER_MS)
    assert not hub.calls
    assert not hub.watched


def test_what_somebody_took_is_not_called_out_when_the_broker_goes(hub: Hub):
    hub.step(LinkChanged(True))
    hub.hear()
    hub.order(Opcode.ACKNOWLEDGED)
    hub.hear(phase=PHASE_HEARD)
    hub.step(LinkChanged(False))
    hub.wait(AFTER_MS)
    assert not hub.calls


def test_a_badge_in_another_event_ends_what_the_desk_has(hub: Hub):
    hub.hear(phase=PHASE_DELIVERED)
    hub.hear(KIND_STATUS, PHASE_IDLE, event=2)
    hub.wait(AFTER_MS)
    assert not hub.calls


def test_the_button_silences_what_was_called_out_and_nothing_that_comes_later(hub: Hub):
    hub.step(Silenced())
    hub.hear()
    hub.wait(AFTER_MS)
    hub.answer()
    hub.step(Silenced())
    assert not hub.sounding
    assert hub.alarm.lamp(deaf=False) == "offline"
    hub.start()
    hub.wait(2 * REPEAT_MS)
    assert len(hub.calls) == 1
    hub.hear(event=1, badge=2)
    hub.wait(AFTER_MS)
    assert [call.badge for _, call in hub.calls] == [1, 2]


def test_the_button_silences_nothing_that_was_not_called_out_yet(hub: Hub):
    hub.hear()
    hub.step(Silenced())
    hub.wait(AFTER_MS)
    assert hub.calls
    assert hub.sounding


def test_a_receipt_that_comes_late_does_not_undo_that_somebody_took_it(hub: Hub):
    hub.step(LinkChanged(True))
    hub.hear()
    hub.order(Opcode.ACKNOWLEDGED)
    hub.order(Opcode.DELIVERED)
    hub.hear(phase=PHASE_DELIVERED)
    hub.step(LinkChanged(False))
    hub.wait(AFTER_MS)
    assert not hub.calls


def test_what_becomes_worse_is_called_out_though_it_was_silenced(hub: Hub):
    hub.hear(KIND_MAN_DOWN)
    hub.wait(AFTER_MS)
    hub.answer()
    hub.step(Silenced())
    hub.hear(KIND_SOS)
    hub.wait(AFTER_MS)
    assert hub.calls[1][1].words.title.startswith("SOS")
    assert hub.sounding


def test_the_desk_is_told_once_with_each_thing_that_is_new(hub: Hub):
    hub.hear()
    hub.wait(AFTER_MS)
    hub.answer(1, last=False)
    hub.answer(1, last=False)
    hub.answer(3)
    hub.wait(2 * REPEAT_MS)
    hub.answer(3)
    hub.step(LinkChanged(True))
    hub.order(Opcode.DELIVERED)
    told = [(notice.calls, notice.reached, notice.targets) for notice in hub.notices]
    assert told == [(1, 1, 3), (1, 3, 3), (3, 3, 3)]
    assert all(notice.siren for notice in hub.notices)
    assert len({notice.first_at for notice in hub.notices}) == 1


def test_a_call_whose_outcome_comes_after_its_end_is_told_too(hub: Hub):
    hub.step(LinkChanged(True))
    hub.hear()
    hub.wait(AFTER_MS)
    hub.order(Opcode.RESOLVED)
    hub.answer(2)
    assert [(notice.calls, notice.reached) for notice in hub.notices] == [(1, 0), (1, 2)]
    hub.answer(2)
    assert len(hub.notices) == 2


def test_a_kill_before_the_outcome_is_known_costs_a_repetition_and_is_counted_once(hub: Hub):
    hub.hear()
    hub.wait(AFTER_MS)
    hub.start()
    hub.wait(TICK_MS)
    assert [call.call for _, call in hub.calls] == [1, 1]
    hub.answer()
    hub.start()
    hub.wait(REPEAT_MS - TICK_MS)
    assert len(hub.calls) == 2
    assert [notice.calls for notice in hub.notices] == [1]


def test_a_hub_with_nothing_but_a_siren_sounds_it_and_says_so():
    hub = Hub(targets=0)
    hub.hear()
    hub.wait(AFTER_MS)
    assert hub.sounding
    assert not hub.calls
    assert [(one.calls, one.siren, one.targets) for one in hub.notices] == [(1, True, 0)]


def test_a_siren_that_is_not_there_is_not_said_to_have_sounded(hub: Hub):
    hub.means = Means(3, siren=False)
    hub.start()
    hub.hear()
    hub.wait(AFTER_MS)
    hub.answer()
    assert not hub.sounding
    assert not hub.notices[0].siren


def test_two_sirens_end_with_the_later(hub: Hub):
    hub.hear()
    hub.wait(SOUND_MS // 2)
    hub.hear(badge=2)
    hub.wait(SOUND_MS)
    assert hub.sounding
    hub.wait(SOUND_MS)
    assert not hub.sounding


def test_a_button_on_a_wall_ends_nothing_by_being_idle(hub: Hub):
    hub.hear(place="Room 4")
    hub.hear(KIND_STATUS, PHASE_IDLE, place="Room 4")
    hub.wait(AFTER_MS)
    words = hub.calls[0][1].words
    assert words.title == "SOS: Room 4 (badge 1)"
    assert "Position" not in words.body


def test_what_awaits_a_receipt_is_called_out_though_the_alarm_never_saw_it(hub: Hub):
    hub.hear()
    hub.watched.clear()
    hub.start()
    hub.wait(AFTER_MS)
    assert hub.calls


def test_what_nobody_awaits_any_more_is_what_the_desk_has(hub: Hub):
    hub.hear()
    hub.awaiting.clear()
    hub.start()
    hub.step(LinkChanged(True))
    hub.wait(AFTER_MS)
    assert not hub.calls


def test_a_case_of_another_version_is_made_anew(hub: Hub):
    hub.hear()
    hub.watched[1, 1] = Watch(1, 1, b'{"badge": 1}')
    hub.start()
    hub.wait(AFTER_MS)
    assert hub.calls
