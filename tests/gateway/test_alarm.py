"""Who is called when the desk is away, when that begins, and what alone ends it."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.alarm.alarm import NEAR_MS, PENDING_MS, Alarm, Means, Setting
from gateway.alarm.case import RULES
from gateway.alarm.elapsed import LONGEST_MS, Elapsed
from gateway.alarm.options import AlarmOptions, LampOptions, SirenOptions
from gateway.contract.messages import CommandMessage, Kind, Notice, Opcode, decode, encode
from gateway.contract.topics import Topics
from gateway.intake import Accepted
from gateway.reports import to_message
from gateway.steps import (
    Await,
    Call,
    Called,
    CallOff,
    Commit,
    Heard,
    LinkChanged,
    Ordered,
    Put,
    Restored,
    Silenced,
    Sound,
    Tick,
    Unwatch,
    Watch,
)
from wire import frame
from wire.frame import (
    KIND_ASSIST,
    KIND_CHECK_IN,
    KIND_GOING_OFF,
    KIND_MAN_DOWN,
    KIND_SOS,
    KIND_STATUS,
    KIND_TEST,
    PHASE_ACKNOWLEDGED,
    PHASE_CANCELLED,
    PHASE_DELIVERED,
    PHASE_HEARD,
    PHASE_IDLE,
    PHASE_PENDING,
    PHASE_RAISED,
    PHASE_RESOLVED,
    Fix,
)

NOW_MS = 1_790_000_000_000
TICK_MS = 500
AFTER_MS, REPEAT_MS, SOUND_MS = 30_000, 180_000, 60_000
TOPICS = Topics("demo")
SIREN = SirenOptions(gpio=17)
HELP = (KIND_SOS, KIND_MAN_DOWN, KIND_ASSIST)


class Hub:
    """The alarm with a disk, and a clock that can be set; time passes by ticks alone."""

    def __init__(self, targets: int = 3, **options: object) -> None:
        self.means = Means(targets, siren=True)
        self.options = AlarmOptions(**{"siren": SIREN, **options})  # type: ignore[arg-type]
        self.true_ms = self.set_ms = 0
        self.watched: dict[tuple[int, int], Watch] = {}
        self.awaiting: dict[tuple[int, int], Await] = {}
        self.notices: list[Notice] = []
        self.calls: list[tuple[int, Call]] = []
        self.called_off: list[CallOff] = []
        self.sounding = False
        self.row_ids, self.counters = count(1), count(1)
        self.start()

    def start(self) -> None:
        """As after a kill: what was not committed is gone."""
        restored = Restored(
            watched=tuple(self.watched.values()), awaiting=tuple(self.awaiting.values())
        )
        self.sounding = False
        setting = Setting(self.options, self.means)
        self.alarm = Alarm("hub-1", TOPICS, self.row_ids, restored, setting)

    def step(self, happened) -> None:
        for effect in self.alarm.step(NOW_MS + self.true_ms + self.set_ms, happened):
            match effect:
                case Commit(changes):
                    self.commit(changes)
                case Call():
                    self.calls.append((self.true_ms, effect))
                case CallOff():
                    self.called_off.append(effect)
                case Sound(on):
                    assert on != self.sounding
                    self.sounding = on

    def commit(self, changes) -> None:
        for change in changes:
            match change:
                case Watch(badge, event, _):
                    self.watched[badge, event] = change
                case Unwatch(badge, event):
                    del self.watched[badge, event]
                case Put(row):
                    self.notices.append(decode(Notice, row.topic, row.payload))
                    assert TOPICS.parse(row.topic) == ("notice", row.badge, 1, "hub-1")

    def hear(
        self, kind=KIND_SOS, phase=PHASE_RAISED, event=1, badge=1, place=None, **fields
    ) -> None:
        said = frame.Report(kind, phase, event, **fields)
        accepted = Accepted(badge, next(self.counters), said, False, b"frame", place)
        report = to_message(accepted, "hub-1", NOW_MS + self.true_ms + self.set_ms, -70)
        if PHASE_DELIVERED <= phase <= PHASE_CANCELLED:
            self.awaiting.pop((badge, event), None)
        elif kind != KIND_STATUS:
            topic = TOPICS.event(badge, event, "hub-1")
            self.awaiting[badge, event] = Await(badge, event, topic, encode(report))
        self.step(Heard(accepted, "address", -70))

    def order(self, opcode: Opcode, event: int = 1) -> None:
        self.awaiting.pop((1, event), None)
        message = CommandMessage(
            id="c", badge=1, event=event, opcode=opcode, expires_at="2026-01-01T00:00:00.000Z"
        )
        self.step(Ordered(message))

    def answer(self, reached: int = 3, last: bool = True) -> None:
        """The latest call reached so many targets."""
        _, call = self.calls[-1]
        self.step(Called(call.badge, call.event, call.call, reached, last))

    def wait(self, wait_ms: int) -> None:
        for _ in range(0, wait_ms, TICK_MS):
            self.true_ms += TICK_MS
            self.step(Tick())


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    hub.step(LinkChanged(False))
    return hub


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


def test_what_is_concerned_is_every_kind_that_a_person_must_answer():
    assert set(RULES) == set(Kind) - {Kind.CHECK_IN, Kind.CHECK_OUT}
