"""Events and phases of the badge, against the protocol's promises."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from badge import core, phases, signals
from badge.core import Core
from badge.journal import Journal
from wire.command import OP_TIME, Command
from wire.frame import (
    KIND_CHECK_IN,
    KIND_CHECK_OUT,
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
    Report,
)


class Badge:
    """A core with a flash and an ear: carries effects out, remembers them."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.flash = journal or Journal()
        self.now_ms = 0
        self.effects: list[tuple] = []
        self.counters: list[int] = []
        self.core = Core(self.flash)
        self.carry(self.core.start(0))

    def carry(self, effects: tuple[tuple, ...]) -> None:
        for effect in effects:
            if effect[0] == core.SAVE:
                self.flash = effect[1]
            elif effect[0] == core.ADVERTISE:
                assert effect[1] < self.flash.bound, "a counter that flash does not cover"
                self.counters.append(effect[1])
            self.effects.append(effect)

    def do(self, signal: int, argument: object = None) -> list[tuple]:
        before = len(self.effects)
        self.carry(self.core.step(self.now_ms, signal, argument))
        return self.effects[before:]

    def run(self, for_ms: int) -> list[tuple]:
        before, end_ms = len(self.effects), self.now_ms + for_ms
        while (due_ms := self.core.deadline()) <= end_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.do(phases.TICK)
        self.now_ms = end_ms
        return self.effects[before:]

    def command(self, opcode: int, event: int | None = None, back: int = 0) -> list[tuple]:
        answered = self.counters[-1] - back
        event = self.core.event if event is None else event
        return self.do(phases.COMMAND, Command(answered, event, opcode))

    @property
    def report(self) -> Report:
        return next(e[2] for e in reversed(self.effects) if e[0] == core.ADVERTISE)

    def reset(self) -> "Badge":
        return Badge(self.flash)


def felt(effects: list[tuple]) -> list[int]:
    return [effect[1] for effect in effects if effect[0] == core.SIGNAL]


def raised() -> Badge:
    badge = Badge()
    badge.do(phases.SOS)
    return badge


def test_an_sos_is_on_flash_before_it_is_on_the_air_or_felt() -> None:
    kinds = [effect[0] for effect in raised().effects]
    first_save = kinds.index(core.SAVE, kinds.index(core.ADVERTISE))
    assert kinds[first_save:][:3] == [core.SAVE, core.SIGNAL, core.ADVERTISE]


def test_an_sos_is_raised_at_20_ms_connectable_covert() -> None:
    advertisements = [e for e in raised().effects if e[0] == core.ADVERTISE]
    _, _, report, interval_ms, connectable = advertisements[-1]
    assert (report.kind, report.phase, report.event) == (KIND_SOS, PHASE_RAISED, 1)
    assert (interval_ms, connectable, report.covert) == (20, True, True)


def test_the_advertising_schedule_of_a_raised_alert() -> None:
    badge = raised()
    intervals = {}
    for second in range(1, 400):
        for effect in badge.run(1_000):
            if effect[0] == core.ADVERTISE:
                intervals[second] = effect[3]
    assert {ms for at, ms in intervals.items() if at < 30} == {20}
    assert {ms for at, ms in intervals.items() if 30 <= at < 300} == {100}
    assert {ms for at, ms in intervals.items() if at >= 300} == {250}


def test_each_stage_is_felt_once_and_advertised() -> None:
    badge = raised()
    for opcode, phase, pattern in (
        (phases.HEARD, PHASE_HEARD, signals.HEARD),
        (phases.DELIVERED, PHASE_DELIVERED, signals.DELIVERED),
        (phases.ACKNOWLEDGED, PHASE_ACKNOWLEDGED, signals.ACKNOWLEDGED),
        (phases.RESOLVED, PHASE_RESOLVED, signals.RESOLVED),
    ):
        assert felt(badge.command(opcode)) == [pattern]
        assert badge.report.phase == phase
        assert felt(badge.command(opcode)) == []
    badge.run(10_000)
    assert (badge.report.kind, badge.report.phase) == (KIND_STATUS, PHASE_IDLE)


def test_a_late_command_changes_nothing_but_is_answered() -> None:
    badge = raised()
    badge.command(phases.ACKNOWLEDGED)
    effects = badge.command(phases.DELIVERED)
    assert badge.core.phase == PHASE_ACKNOWLEDGED
    assert effects[-1][0] == core.REPLY


def test_a_recorded_command_proves_nothing() -> None:
    badge = raised()
    recorded = Command(badge.counters[-1], badge.core.event, phases.HEARD)
    assert (core.PROVEN,) in badge.do(phases.COMMAND, recorded)
    badge.run(60_000)
    effects = badge.do(phases.COMMAND, recorded)
    assert [effect[0] for effect in effects] == [core.REPLY]


def test_a_recorded_time_does_not_set_the_clock_back() -> None:
    badge = Badge()
    recorded = Command(badge.counters[-1], 0, OP_TIME, (1_754_882_787).to_bytes(4, "little"))
    assert (core.SET_CLOCK, 1_754_882_787) in badge.do(phases.COMMAND, recorded)
    badge.run(3_600_000)
    assert badge.do(phases.COMMAND, recorded) == []
    assert badge.reset().do(phases.COMMAND, recorded) == []


def test_a_stage_that_the_wearer_was_not_told_is_not_answered() -> None:
    pending = Badge()
    pending.do(phases.MAN_DOWN)
    assert pending.command(phases.HEARD) == []
    test = Badge()
    test.do(phases.SINGLE)
    test.run(31_000)
    assert test.command(phases.DELIVERED) == []


def test_the_end_of_an_event_ends_its_position() -> None:
    badge = raised()
    badge.do(phases.FIX, (51_529_510, -126_680, 3))
    badge.command(phases.RESOLVED)
    assert badge.report.fix is None


def test_a_command_for_another_event_is_refused() -> None:
    badge = raised()
    assert badge.command(phases.RESOLVED, event=badge.core.event + 1) == []
    assert badge.core.phase == PHASE_RAISED


def test_a_command_that_answers_an_old_or_future_counter_is_refused() -> None:
    badge = Badge(Journal(bound=10_000))
    badge.do(phases.SOS)
    assert badge.command(phases.RESOLVED, back=4097) == []
    assert badge.command(phases.RESOLVED, back=-1) == []
    assert badge.command(phases.HEARD, back=4096) != []


def test_nothing_the_wearer_does_ends_an_alert() -> None:
    badge = raised()
    for signal in (phases.PRESS, phases.SINGLE, phases.DOUBLE, phases.SOS, phases.MAN_DOWN) * 3:
        badge.do(signal)
    badge.run(3_600_000)
    assert (badge.core.event, badge.core.phase) == (1, PHASE_RAISED)


def test_pending_is_cancelled_by_a_press_and_told_once() -> None:
    badge = Badge()
    badge.do(phases.MAN_DOWN)
    assert badge.report.phase == PHASE_PENDING
    badge.do(phases.PRESS)
    assert badge.report.phase == PHASE_CANCELLED
    badge.run(2_000)
    badge.do(phases.SINGLE)  # what the button makes of that press
    assert badge.report.phase == PHASE_CANCELLED
    badge.run(11_000)
    assert badge.core.phase == PHASE_IDLE


def test_pending_rings_after_30_s() -> None:
    badge = Badge()
    badge.do(phases.MAN_DOWN)
    badge.run(29_999)
    assert badge.core.phase == PHASE_PENDING
    badge.run(1)
    assert (badge.report.kind, badge.report.phase) == (KIND_MAN_DOWN, PHASE_RAISED)


def test_a_new_sos_upgrades_a_man_down() -> None:
    badge = Badge()
    badge.do(phases.MAN_DOWN)
    badge.run(30_000)
    badge.do(phases.SOS)
    assert (badge.report.kind, badge.report.event) == (KIND_SOS, 1)


def test_a_delivered_test_passes_and_is_over() -> None:
    badge = Badge()
    badge.do(phases.SINGLE)
    assert badge.report.kind == KIND_TEST
    assert felt(badge.command(phases.DELIVERED)) == [signals.DELIVERED]
    badge.run(30_000)
    assert badge.core.phase == PHASE_IDLE
    assert signals.FAILED not in felt(badge.effects)


def test_a_test_that_is_not_delivered_in_30_s_fails_and_is_over() -> None:
    badge = Badge()
    badge.do(phases.SINGLE)
    badge.command(phases.HEARD)
    assert felt(badge.run(30_000)) == [signals.FAILED]
    assert badge.core.phase == PHASE_IDLE


def test_check_in_then_check_out() -> None:
    badge = Badge()
    kinds = []
    for _ in range(2):
        badge.do(phases.DOUBLE)
        kinds.append(badge.report.kind)
        badge.command(phases.DELIVERED)
        badge.run(20_000)
    assert kinds == [KIND_CHECK_IN, KIND_CHECK_OUT]


def test_an_undelivered_check_in_says_so_and_goes_on_trying() -> None:
    badge = Badge()
    badge.do(phases.DOUBLE)
    assert felt(badge.run(600_000)) == [signals.FAILED]
    assert badge.core.phase == PHASE_RAISED


def test_an_sos_during_a_test_is_an_event_of_its_own() -> None:
    badge = Badge()
    badge.do(phases.SINGLE)
    badge.do(phases.SOS)
    assert (badge.report.kind, badge.report.event) == (KIND_SOS, 2)


def test_an_idle_badge_tells_no_position() -> None:
    badge = Badge()
    badge.do(phases.FIX, (51_529_510, -126_680, 3))
    badge.run(60_000)
    assert badge.report.fix is None
    badge.do(phases.SOS)
    assert badge.report.fix is not None


def test_an_alert_does_not_wait_for_a_fix_and_is_refined_by_the_first() -> None:
    badge = raised()
    assert badge.report.fix is None
    badge.do(phases.FIX, (51_529_510, -126_680, 3))
    assert badge.report.fix is not None


def test_a_connection_does_not_silence_an_alert() -> None:
    badge = raised()
    (advertise,) = badge.do(phases.CONNECTABLE, False)
    assert advertise[0] == core.ADVERTISE
    assert (advertise[1], advertise[4]) == (badge.counters[-1], False)
    (advertise,) = badge.do(phases.CONNECTABLE, True)
    assert advertise[4]


def test_heartbeats_come_every_minute_and_every_tenth_is_connectable() -> None:
    badge = Badge()
    beats = [e for e in badge.run(20 * 60_000) if e[0] == core.ADVERTISE]
    assert len(beats) == 20
    assert [beat[4] for beat in beats].count(True) == 2


def test_gnss_is_on_only_while_an_event_is_open_or_a_visit_runs() -> None:
    badge = Badge()
    assert (core.GNSS, True) not in badge.effects
    badge.do(phases.SOS)
    assert badge.effects.count((core.GNSS, True)) == 1
    badge.command(phases.RESOLVED)
    assert badge.effects[-1] == (core.GNSS, False)


@given(st.integers(2, 6))
def test_a_reset_resumes_the_open_event(phase: int) -> None:
    badge = Badge(Journal(bound=5, event=9, kind=KIND_SOS, phase=phase))
    assert badge.report.event == 9
    assert badge.report.phase == phase
    assert badge.counters[0] == 5


class AnyLife(RuleBasedStateMachine):
    """Whatever happens in whatever order, resets included."""

    def __init__(self) -> None:
        super().__init__()
        self.badge = Badge()
        self.used: list[int] = list(self.badge.counters)
        self.rank = (0, 0)

    @rule(
        signal=st.sampled_from(
            [phases.PRESS, phases.SINGLE, phases.DOUBLE, phases.SOS, phases.MAN_DOWN, phases.TICK]
        )
    )
    def handle(self, signal: int) -> None:
        self.badge.do(signal)

    @rule(opcode=st.integers(1, 7), event=st.integers(0, 3), back=st.integers(0, 5))
    def obey(self, opcode: int, event: int, back: int) -> None:
        self.badge.command(opcode, event, back)

    @rule(ms=st.integers(1, 100_000))
    def wait(self, ms: int) -> None:
        self.badge.run(ms)

    @rule(on=st.booleans())
    def connect(self, on: bool) -> None:
        self.badge.do(phases.CONNECTABLE, on)

    @rule()
    def reset(self) -> None:
        self.badge = self.badge.reset()

    @rule(cut=st.integers(0, 5), signal=st.sampled_from([phases.SOS, phases.SINGLE, phases.DOUBLE]))
    def lose_power_within_a_step(self, cut: int, signal: int) -> None:
        badge = self.badge
        badge.carry(badge.core.step(badge.now_ms, signal)[:cut])
        self.badge = badge.reset()

    @invariant()
    def a_report_never_repeats_a_counter(self) -> None:
        # The same report may be advertised again; another report never has its counter.
        for effect in self.badge.effects:
            if effect[0] == core.ADVERTISE:
                assert self.seen.setdefault(effect[1], effect[2]) is effect[2]
        self.badge.effects = [e for e in self.badge.effects if e[0] == core.ADVERTISE][-1:]

    @invariant()
    def events_and_their_phases_only_go_forward(self) -> None:
        core_ = self.badge.core
        phase = 8 if core_.phase == PHASE_IDLE else core_.phase
        assert (core_.event, phase) >= self.rank or core_.event == 0
        self.rank = (core_.event, phase)

    @property
    def seen(self) -> dict[int, Report]:
        return self.__dict__.setdefault("_seen", {})


TestAnyLife = AnyLife.TestCase
