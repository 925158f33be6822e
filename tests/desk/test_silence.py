"""A badge that is not heard though it should be is seen, and one that may be silent is not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.silence import MARGIN_MS, MISSED, MOVED_MS
from desk.turns import ClockTold, EndVisit
from gateway.contract.messages import Kind, Phase, Report

from .office import SETTING, Office

MakeReport = Callable[..., Report]
BEAT_S, OFF_S = SETTING.silence.heartbeat_s, SETTING.silence.heartbeat_off_s
PATIENCE_S = MISSED * BEAT_S + MARGIN_MS // 1000


class Badge:
    """Badge 1 in front of an office: its counters rise, and it speaks when it is told to."""

    def __init__(self, office: Office, report: MakeReport) -> None:
        self._office = office
        self._report = report
        self._counter = 100

    def say(self, kind: Kind = Kind.STATUS, **changes: object) -> None:
        self._counter += 1
        fields: dict[str, object] = {"kind": kind, "counter": self._counter}
        if kind is Kind.STATUS:
            fields |= {"phase": Phase.IDLE}
        heard_ms = self._office.now_ms
        self._office.report(self._report(**({"heard_ms": heard_ms} | fields | changes)))

    def beat(self, times: int, every_s: float = BEAT_S, **changes: object) -> None:
        for _ in range(times):
            self.say(**changes)  # type: ignore[arg-type]
            self._office.wait(every_s, tick_s=every_s)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "desk.db")
    yield office
    office.close()


@pytest.fixture
def badge(office: Office, report: MakeReport) -> Badge:
    return Badge(office, report)


def silent(office: Office) -> list[tuple[str, int]]:
    view = office.engine.view(broker=True, reason="", supervisors=0)
    return [(one.wearer, office.now_ms - one.heard_ms) for one in view.silent]


def test_a_badge_on_duty_is_silent_after_three_missed_heartbeats_and_a_margin(
    office: Office, badge: Badge
) -> None:
    badge.beat(3, moving=True)
    badge.say(moving=True)
    office.wait(PATIENCE_S)
    assert silent(office) == []
    office.wait(1)
    assert silent(office) == [("Asha N.", (PATIENCE_S + 1) * 1000)]
    badge.say()
    office.wait(1)
    assert silent(office) == []


def test_a_badge_without_a_sensor_of_movement_is_known_by_its_rhythm(
    office: Office, badge: Badge
) -> None:
    badge.beat(3)
    office.wait(PATIENCE_S)
    assert silent(office)


def test_a_badge_off_duty_beats_more_seldom_and_is_not_missed(office: Office, badge: Badge) -> None:
    badge.beat(4, every_s=OFF_S)
    office.wait(OFF_S * 5, tick_s=60)
    assert silent(office) == []


def test_a_badge_on_its_charger_is_not_missed(office: Office, badge: Badge) -> None:
    badge.beat(3, moving=True)
    badge.say(charging=True)
    office.wait(OFF_S * 5, tick_s=60)
    assert silent(office) == []


def test_a_badge_that_lies_still_for_an_hour_goes_off_duty_and_is_not_missed(
    office: Office, badge: Badge
) -> None:
    badge.say(moving=True)
    badge.beat(MOVED_MS // 1000 // BEAT_S)
    badge.beat(3, every_s=OFF_S)
    assert silent(office) == []


def test_silence_that_began_on_duty_stays_seen(office: Office, badge: Badge) -> None:
    badge.beat(3, moving=True)
    office.wait(2 * MOVED_MS / 1000, tick_s=60)
    assert silent(office)


@pytest.mark.parametrize("kind", [Kind.CHECK_IN, Kind.SOS])
def test_during_a_visit_or_an_open_alert_silence_is_a_warning_on_it(
    office: Office, badge: Badge, kind: Kind
) -> None:
    badge.say(kind, charging=True)
    office.wait(PATIENCE_S + 1)
    text = "the badge is not heard since 08:00:00 UTC"
    assert text in office.world.records["1-2"].warnings
    assert silent(office)
    badge.say(charging=True)
    office.wait(1)
    assert text not in office.world.records["1-2"].warnings


def test_when_the_visit_is_over_nobody_misses_a_badge_off_duty(
    office: Office, badge: Badge
) -> None:
    badge.say(Kind.CHECK_IN, charging=True)
    office.wait(PATIENCE_S + 1)
    office.step(EndVisit(1, "Ben"))
    office.wait(1)
    assert silent(office) == []
    assert not [text for text in office.world.records["1-2"].warnings if "not heard" in text]


def test_a_badge_that_goes_off_is_not_missed_until_it_is_heard_again(
    office: Office, badge: Badge
) -> None:
    badge.beat(3, moving=True)
    badge.say(Kind.GOING_OFF, event=9)
    office.wait(OFF_S * 5, tick_s=60)
    assert silent(office) == []
    badge.beat(3, moving=True)
    office.wait(PATIENCE_S)
    assert silent(office)


def test_after_a_restart_silence_counts_from_the_start(office: Office, badge: Badge) -> None:
    badge.say(Kind.CHECK_IN)
    office.now_ms += 600_000
    office.restart()
    office.wait(PATIENCE_S)
    assert silent(office) == []
    office.wait(2)
    assert silent(office) == [("Asha N.", (600 + PATIENCE_S + 2) * 1000)]


def test_a_desk_that_is_started_anew_misses_whom_the_earlier_one_knew_as_on_duty(
    office: Office, badge: Badge
) -> None:
    badge.beat(3)
    office.restart()
    office.wait(PATIENCE_S + 2)
    assert silent(office)
    badge.say()
    office.wait(1)
    assert silent(office) == []
    office.restart()
    office.wait(PATIENCE_S + 2)
    assert silent(office)


@pytest.mark.parametrize("last", [{"charging": True}, {"kind": Kind.GOING_OFF, "event": 9}])
def test_a_desk_that_is_started_anew_misses_nobody_who_was_off_duty(
    office: Office, badge: Badge, last: dict[str, object]
) -> None:
    badge.beat(3)
    badge.say(**last)  # type: ignore[arg-type]
    office.restart()
    office.wait(OFF_S, tick_s=30)
    assert silent(office) == []


@pytest.mark.parametrize("wrong_s", [-7_200, 7_200])
def test_a_gateway_whose_clock_is_wrong_makes_no_badge_silent_and_hides_none(
    office: Office, badge: Badge, wrong_s: int
) -> None:
    office.step(ClockTold("hub-1", -wrong_s * 1000))
    for _ in range(8):
        badge.say(heard_ms=office.now_ms + wrong_s * 1000)
        office.wait(BEAT_S)
        assert silent(office) == []
    office.wait(PATIENCE_S + 1 - BEAT_S)
    assert silent(office) == [("Asha N.", (PATIENCE_S + 1) * 1000)]


@pytest.mark.parametrize("behind_ms", [-(10**15), 10**15])
def test_a_gateway_whose_clock_is_wrong_by_ages_stops_no_desk(
    office: Office, badge: Badge, behind_ms: int
) -> None:
    office.step(ClockTold("hub-1", behind_ms))
    badge.say(Kind.CHECK_IN)
    office.wait(PATIENCE_S + 1)
    assert silent(office) == [("Asha N.", (PATIENCE_S + 1) * 1000)]
    assert "not heard since 08:00:00" in office.world.records["1-2"].warnings[-1]


def test_a_visit_that_is_missed_hides_no_silence(office: Office, badge: Badge) -> None:
    badge.say(Kind.CHECK_IN, charging=True)
    office.wait(PATIENCE_S + 1)
    for _ in range(60 * 60):
        office.wait(1)
        assert silent(office)


def test_a_button_on_a_wall_is_not_missed(office: Office, badge: Badge) -> None:
    badge.beat(3, place="Room 2")
    badge.say(Kind.SOS, place="Room 2")
    office.wait(OFF_S, tick_s=30)
    assert silent(office) == []


def test_a_clock_that_is_set_back_hides_no_silence(office: Office, badge: Badge) -> None:
    badge.beat(3, moving=True)
    office.now_ms -= 3_600_000
    office.wait(PATIENCE_S + BEAT_S)
    assert silent(office)
