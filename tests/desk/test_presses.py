"""Buttons at the desk: a place instead of a position, and which presses are one alert."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import cells
from desk.alert import Key
from desk.clearing import CLEAR_AFTER_MS
from desk.core import Core, Setting
from desk.presses import TAKEN_MS
from desk.stages import REISSUE_MS
from desk.store import Store
from desk.turns import (
    Acknowledge,
    Cleared,
    Effect,
    Kept,
    Reported,
    Resolve,
    SaveBadge,
    SaveReport,
    Send,
    Tick,
)
from desk.urgency import Urgency, urgency
from gateway.contract.messages import AlertRecord, Kind, Opcode, Phase, Report, rfc3339

Press = Callable[..., Report]
NUMBER = 12
PLACE = "Interview room 2"


def make_press(now_ms: int, counter: int, **changes: object) -> Report:
    fields: dict[str, object] = {
        "badge": NUMBER,
        "event": counter % 0xFFFF + 1,
        "kind": Kind.SOS,
        "phase": Phase.RAISED,
        "counter": counter,
        "gateway": "hub-1",
        "heard_at": rfc3339(now_ms),
        "place": PLACE,
        "battery": 90,
    }
    return Report(**(fields | changes))  # type: ignore[arg-type]


class Desk:
    """A core with a clock that is set by hand, and a disk."""

    def __init__(self, now_ms: int, path: Path | None = None) -> None:
        self.now_ms = now_ms
        self._store = None if path is None else Store(path)
        self.core = Core(Setting()) if self._store is None else Core(Setting(), self._store.load())

    def press(self, counter: int, **changes: object) -> tuple[Effect, ...]:
        return self.step(Reported(make_press(self.now_ms, counter, **changes)))

    def step(self, given: object) -> tuple[Effect, ...]:
        effects = self.core.step(self.now_ms, given)  # type: ignore[arg-type]
        if self._store is not None:
            self._store.commit([effect for effect in effects if isinstance(effect, Kept)])
        return effects

    def restart(self) -> None:
        assert self._store is not None
        self.core = Core(Setting(), self._store.load())

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    @property
    def records(self) -> dict[str, AlertRecord]:
        return {record.alert: record for record in self.core.records}

    @property
    def ringing(self) -> set[str]:
        records = self.records.values()
        return {record.alert for record in records if urgency(record) is Urgency.RINGING}


@pytest.fixture
def desk(now_ms: int) -> Desk:
    return Desk(now_ms)


@pytest.fixture
def kept(now_ms: int, tmp_path: Path):
    desk = Desk(now_ms, tmp_path / "desk.db")
    yield desk
    desk.close()


def told(effects: tuple[Effect, ...]) -> list[tuple[Opcode, int]]:
    return [(one.command.opcode, one.command.event) for one in effects if isinstance(one, Send)]


def test_a_press_rings_with_its_place_where_a_position_would_stand(desk: Desk) -> None:
    effects = desk.press(41)
    record = desk.records["12-42"]
    assert (record.kind, record.phase, record.place) == (Kind.SOS, Phase.DELIVERED, PLACE)
    assert (record.wearer, record.warnings) == (PLACE, ())
    assert cells.position(record, desk.now_ms, 4) == PLACE
    assert f"place     {PLACE}" in cells.details(record, desk.now_ms)
    assert desk.ringing == {"12-42"}
    assert told(effects) == [(Opcode.DELIVERED, 42)]


def test_a_name_in_the_configuration_goes_before_the_place(now_ms: int) -> None:
    core = Core(Setting({NUMBER: "Ground floor, left"}))
    core.step(now_ms, Reported(make_press(now_ms, 41)))
    assert core.records[0].wearer == "Ground floor, left"


def test_presses_are_one_alert_while_nobody_has_it_and_each_gets_its_receipt(desk: Desk) -> None:
    desk.press(41)
    for counter in (42, 45, 46):
        desk.now_ms += 30_000
        assert told(desk.press(counter)) == [(Opcode.DELIVERED, counter + 1)]
    assert list(desk.records) == ["12-42"]
    assert desk.records["12-42"].warnings == ("pressed 4 times",)


def test_a_press_through_two_gateways_is_one_press(desk: Desk) -> None:
    desk.press(41)
    desk.press(41, gateway="hub-2")
    record = desk.records["12-42"]
    assert (record.gateways, record.warnings) == (("hub-1", "hub-2"), ())


def test_gateways_that_began_with_different_frames_of_a_burst_make_one_alert(desk: Desk) -> None:
    desk.press(42, gateway="hub-2")
    desk.press(41)
    assert list(desk.records) == ["12-43"]


def test_a_receipt_that_was_lost_is_given_again_for_each_press(desk: Desk) -> None:
    desk.press(41)
    desk.press(42)
    desk.now_ms += REISSUE_MS
    assert told(desk.press(41)) == [(Opcode.DELIVERED, 42)]
    assert told(desk.press(42)) == [(Opcode.DELIVERED, 43)]


def test_a_press_just_after_somebody_took_it_rings_no_second_time_and_later_it_does(
    desk: Desk,
) -> None:
    desk.press(41)
    desk.step(Acknowledge("12-42", "Sam", 5))
    desk.now_ms += TAKEN_MS - 1
    desk.press(42)
    assert desk.ringing == set()
    assert desk.records["12-42"].warnings == ("pressed 2 times",)
    desk.now_ms += 1
    desk.press(43)
    assert desk.ringing == {"12-44"}


def test_a_press_after_the_alert_was_resolved_is_a_new_alert(desk: Desk) -> None:
    desk.press(41)
    desk.step(Resolve("12-42", "Sam"))
    desk.press(42)
    assert desk.ringing == {"12-43"}
    assert desk.records["12-42"].phase is Phase.RESOLVED


def test_what_was_resolved_stays_so_when_its_presses_are_heard_again(desk: Desk) -> None:
    desk.press(41)
    desk.press(42)
    desk.step(Resolve("12-42", "Sam"))
    desk.now_ms += REISSUE_MS
    for counter in (41, 42):
        assert told(desk.press(counter, gateway="hub-2")) == [(Opcode.RESOLVED, counter + 1)]
    assert desk.ringing == set()
    assert list(desk.records) == ["12-42"]


def test_an_assist_that_is_pressed_again_as_an_sos_is_an_sos(desk: Desk) -> None:
    desk.press(41, kind=Kind.ASSIST)
    desk.press(42)
    assert desk.records["12-42"].kind is Kind.SOS


def test_a_test_is_recorded_by_itself_and_takes_no_call_away(desk: Desk) -> None:
    desk.press(41, kind=Kind.TEST)
    desk.press(42)
    desk.press(43, kind=Kind.TEST)
    desk.press(44)
    assert {alert: (one.kind, one.warnings) for alert, one in desk.records.items()} == {
        "12-42": (Kind.TEST, ()),
        "12-43": (Kind.SOS, ("pressed 2 times",)),
        "12-44": (Kind.TEST, ()),
    }
    assert desk.ringing == {"12-43"}


def test_another_button_rings_by_itself(desk: Desk) -> None:
    desk.press(41)
    desk.press(41, badge=13, place="Reception")
    assert desk.ringing == {"12-42", "13-42"}


def test_a_sign_of_life_is_kept_and_makes_no_alert(desk: Desk) -> None:
    alive = {"event": 0, "kind": Kind.STATUS, "phase": Phase.IDLE}
    effects = desk.press(41, **alive)
    assert [type(effect) for effect in effects] == [SaveBadge]
    assert desk.records == {}


def test_a_restart_knows_which_presses_were_heard(kept: Desk) -> None:
    kept.press(41)
    kept.press(42)
    kept.step(Resolve("12-42", "Sam"))
    kept.restart()
    for counter in (41, 42):
        kept.press(counter)
    assert list(kept.records) == ["12-42"]
    assert kept.ringing == set()


def test_presses_of_an_archived_alert_make_no_new_one(kept: Desk) -> None:
    kept.press(41)
    kept.press(42)
    kept.step(Resolve("12-42", "Sam"))
    kept.now_ms += CLEAR_AFTER_MS
    kept.step(Tick())
    kept.step(Cleared(Key(NUMBER, 42)))
    assert kept.records == {}
    for _ in range(2):
        for counter in (41, 42):
            kept.press(counter)
        assert kept.records == {}
        kept.restart()


def test_a_number_that_comes_again_after_65535_frames_rings(kept: Desk) -> None:
    kept.press(41)
    kept.press(42)
    kept.step(Resolve("12-42", "Sam"))
    kept.now_ms += CLEAR_AFTER_MS
    kept.step(Cleared(Key(NUMBER, 42)))
    for later, alert in ((0xFFFF, "12-42"), (2 * 0xFFFF + 1, "12-43")):
        kept.press(41 + later)
        assert kept.ringing == {alert}
        kept.restart()
        kept.press(41 + later, gateway="hub-2")
        assert kept.ringing == {alert}
        kept.step(Resolve(alert, "Sam"))


def test_a_number_that_comes_again_while_the_old_alert_is_still_shown_rings(desk: Desk) -> None:
    desk.press(41)
    desk.step(Resolve("12-42", "Sam"))
    desk.press(41 + 0xFFFF)
    assert desk.ringing == {"12-42"}


def test_a_number_that_comes_again_is_not_taken_for_the_press_of_an_alert_left_open(
    desk: Desk,
) -> None:
    desk.press(41)
    desk.press(42)
    desk.step(Acknowledge("12-42", "Sam", 5))
    desk.now_ms += TAKEN_MS
    desk.press(42 + 0xFFFF)
    assert desk.ringing == {"12-43"}


def test_the_reports_of_joined_presses_go_with_their_alert(desk: Desk) -> None:
    desk.press(41)
    (saved,) = [one for one in desk.press(42) if isinstance(one, SaveReport)]
    assert (saved.report.event, saved.report.counter) == (42, 42)


@settings(deadline=None)
@given(st.permutations([*range(41, 46)] * 2), st.integers(0, 10))
def test_whatever_order_presses_come_in_they_are_one_alert_and_all_are_answered(
    now_ms_order: list[int], answered: int
) -> None:
    desk = Desk(1_800_000_000_000)
    receipts: set[int] = set()
    for at, counter in enumerate(now_ms_order):
        if at == answered and desk.records:
            desk.step(Acknowledge(next(iter(desk.records)), "Sam", 5))
        receipts |= {event for _, event in told(desk.press(counter))}
    (record,) = desk.records.values()
    assert record.warnings == ("pressed 5 times",)
    assert receipts == set(range(42, 47))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from(("press", "take", "resolve", "wait"))),
        max_size=30,
    )
)
def test_a_press_that_was_never_heard_is_in_an_alert_that_is_open(
    happened: list[tuple[int, str]],
) -> None:
    desk, heard = Desk(1_800_000_000_000), set[int]()
    for counter, what in happened:
        if what == "press":
            desk.press(counter)
            if counter not in heard:
                assert any(record.phase is not Phase.RESOLVED for record in desk.records.values())
            heard.add(counter)
        for alert in tuple(desk.records):
            if what == "take":
                desk.step(Acknowledge(alert, "Sam", 5))
            if what == "resolve":
                desk.step(Resolve(alert, "Sam"))
        desk.now_ms += 30_000 if what == "wait" else 0
