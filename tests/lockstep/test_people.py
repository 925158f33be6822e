"""Wearers whose hand decides whether they hold again, and supervisors who sleep."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.lockstep.agenda import Agenda
from simulator.lockstep.log import Entry, Log
from simulator.lockstep.people import (
    BOUNCES_MS,
    CLICK_MS,
    FELT_WITHIN_MS,
    HOLD_MS,
    PAUSE_MS,
    TRIES,
    Supervisor,
    Wearer,
)
from simulator.world.draws import Draws
from tests.lockstep.scripted import make_badge


class Hand:
    """A wearer, and the button under the thumb."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.entries: list[Entry] = []
        log = Log(lambda: self.agenda.now_ms)
        log.listen(self.entries.append)
        badge, self.body = make_badge(1, self.agenda, log)
        self.wearer = Wearer("Asha", badge, self.agenda, log)

    @property
    def edges(self) -> list[tuple[int, object]]:
        return self.body.of("press")

    @property
    def holds_ms(self) -> list[int]:
        return [entry.at_ms for entry in self.entries if entry.what == "holds the button"]

    def presses(self) -> list[tuple[int, int]]:
        """From when until when the button was down."""
        found, since_ms = [], None
        for at_ms, down in self.edges:
            if down and since_ms is None:
                since_ms = at_ms
            elif not down and since_ms is not None:
                found.append((since_ms, at_ms))
                since_ms = None
        assert since_ms is None, "the button is left down"
        return found

    def wait(self, ms: int) -> None:
        self.agenda.run(self.agenda.now_ms + ms)


@pytest.fixture
def hand() -> Hand:
    return Hand()


ANSWERS = ("recognised", "heard", "delivered", "acknowledged")
felt = st.lists(
    st.tuples(st.integers(1, 30_000), st.sampled_from((*ANSWERS, "failed", "pending", "resolved"))),
    max_size=4,
)


@given(felt)
def test_who_feels_no_answer_holds_again_and_again_until_tired(
    felt: list[tuple[int, str]],
) -> None:
    hand = Hand()
    for at_ms, name in felt:
        hand.agenda.at(at_ms, hand.wearer.feel, (name,))
    hand.wearer.hold()
    hand.wait(120_000)
    answers_ms = [at_ms for at_ms, name in felt if name in ANSWERS]
    expected = [0]
    while len(expected) < TRIES and not any(
        expected[-1] <= at_ms <= expected[-1] + FELT_WITHIN_MS for at_ms in answers_ms
    ):
        expected.append(expected[-1] + FELT_WITHIN_MS)
    assert hand.holds_ms == expected
    assert hand.presses() == [(at_ms, at_ms + HOLD_MS) for at_ms in expected]


def test_what_feels_like_several_things_is_an_answer_if_one_of_them_is(hand: Hand) -> None:
    hand.agenda.at(500, hand.wearer.feel, ("recognised", "heard"))
    hand.wearer.hold()
    hand.wait(60_000)
    assert hand.holds_ms == [0]


@given(st.integers(1, 5), st.booleans())
def test_clicks_are_short_and_bounce_where_the_switch_is_worn(times: int, bounces: bool) -> None:
    hand = Hand()
    hand.wearer.bounces = bounces
    hand.wearer.click(times)
    hand.wait(20_000)
    edges_of_a_change = len(BOUNCES_MS) if bounces else 1
    assert len(hand.edges) == 2 * times * edges_of_a_change
    for number in range(times):
        begin_ms = number * (CLICK_MS + PAUSE_MS)
        of_this = [at_ms for at_ms, _ in hand.edges if begin_ms <= at_ms < begin_ms + 200]
        assert (of_this[0], of_this[-1]) == (
            begin_ms, begin_ms + CLICK_MS + (BOUNCES_MS[-1] if bounces else 0),
        )  # fmt: skip
    assert hand.edges[-1][1] is False
    settled = dict(hand.edges)
    assert settled[BOUNCES_MS[-1] if bounces else 0] is True


def test_a_button_that_hangs_is_down_whatever_the_thumb_does(hand: Hand) -> None:
    hand.wearer.click(1)
    hand.wait(50)
    hand.wearer.stick(10_000)
    hand.wearer.hold(1)
    hand.wait(9_000)
    assert hand.edges == [(0, True), (50, True)]
    hand.wait(10_000)
    assert hand.presses() == [(0, 10_050)]


def test_who_falls_tells_the_badge_once(hand: Hand) -> None:
    hand.wait(700)
    hand.wearer.fall()
    hand.wait(60_000)
    assert hand.body.of("fall") == [(700, None)]


# -- supervisors ------------------------------------------------------------

LOOK_S, THINK_S, END_S = (8, 40), (2, 20), (60, 180)
BACK_S = (3, 15)


class Desk:
    """What a supervisor asks of a desk. refuses: what it does not do until then, in ms."""

    def __init__(self, seed: int = 1) -> None:
        self.agenda = Agenda()
        self.asked: list[tuple[int, str, str]] = []
        self.refuses_until_ms = 0
        self.on_ask: Callable[[str, str], object] = lambda *_: None
        log = Log(lambda: self.agenda.now_ms)
        self.supervisor = Supervisor(self.agenda, log, Draws(seed), self.ask)

    def ask(self, what: str, alert: str) -> bool:
        self.asked.append((self.agenda.now_ms, what, alert))
        if self.agenda.now_ms < self.refuses_until_ms:
            return False
        self.on_ask(what, alert)
        return True

    def times_ms(self, what: str) -> list[int]:
        return [at_ms for at_ms, asked, _ in self.asked if asked == what]

    def wait(self, seconds: float) -> None:
        self.agenda.run(self.agenda.now_ms + round(seconds * 1000))


def within(span_s: tuple[int, int], later_ms: int, sooner_ms: int) -> bool:
    return span_s[0] <= (later_ms - sooner_ms) / 1000 <= span_s[1]


@given(st.integers(0, 1_000))
def test_what_waits_is_looked_at_then_taken_then_ended(seed: int) -> None:
    desk = Desk(seed)
    desk.supervisor.see("1-1", waits=True, over=False)
    desk.supervisor.see("1-1", waits=True, over=False)
    desk.wait(600)
    assert [what for _, what, _ in desk.asked] == ["look", "acknowledge", "resolve"]
    looked_ms, taken_ms, ended_ms = (at_ms for at_ms, _, _ in desk.asked)
    assert within(LOOK_S, looked_ms, 0)
    assert within(THINK_S, taken_ms, looked_ms)
    assert within(END_S, ended_ms, taken_ms)


def test_what_does_not_wait_is_left_alone() -> None:
    desk = Desk()
    desk.supervisor.see("1-1", waits=False, over=False)
    desk.supervisor.see("1-2", waits=False, over=True)
    desk.wait(600)
    assert desk.asked == []


@settings(max_examples=60)
@given(st.integers(0, 1_000), st.integers(0, 70), st.integers(THINK_S[1] + 1, 600))
def test_who_sleeps_answers_nothing_and_answers_on_waking(
    seed: int, awake_s: int, asleep_s: int
) -> None:
    desk = Desk(seed)
    desk.supervisor.see("1-1", waits=True, over=False)
    desk.wait(awake_s)
    before = [what for _, what, _ in desk.asked]
    desk.supervisor.awake = False
    desk.supervisor.see("1-2", waits=True, over=False)
    desk.wait(asleep_s)
    meanwhile = [what for _, what, _ in desk.asked[len(before) :]]
    assert set(meanwhile) <= {"resolve"}  # what was taken before is done with
    woke_ms = desk.agenda.now_ms
    waiting = ["1-2"] if "acknowledge" in before else ["1-1", "1-2"]
    desk.supervisor.wake(waiting)
    desk.wait(600)
    for alert in waiting:
        of_it = [(at_ms, what) for at_ms, what, told in desk.asked if told == alert]
        looked_ms = next(at_ms for at_ms, what in of_it if what == "look" and at_ms >= woke_ms)
        (taken_ms,) = [at_ms for at_ms, what in of_it if what == "acknowledge"]
        assert woke_ms <= looked_ms
        assert (taken_ms - woke_ms) / 1000 <= max(BACK_S[1], LOOK_S[1]) + THINK_S[1]
    assert len(desk.times_ms("resolve")) == 2


def test_a_desk_that_is_away_is_asked_again_until_it_answers() -> None:
    desk = Desk()
    desk.refuses_until_ms = 300_000
    desk.supervisor.see("1-1", waits=True, over=False)
    desk.wait(900)
    *refused, taken_ms = desk.times_ms("acknowledge")
    assert all(at_ms < 300_000 <= taken_ms for at_ms in refused)
    assert taken_ms < 305_000 + 1
    assert len(desk.times_ms("resolve")) == 1


def test_a_contact_who_is_called_takes_it_once_and_not_what_is_taken() -> None:
    desk = Desk()
    desk.supervisor.awake = False
    desk.supervisor.see("1-1", waits=True, over=False)
    desk.supervisor.called("1-1", "Sam")
    desk.supervisor.called("1-1", "Kim")
    desk.wait(600)
    assert [what for _, what, _ in desk.asked] == ["acknowledge", "resolve"]


def test_an_alert_that_rings_again_after_its_end_is_answered_again() -> None:
    desk = Desk()

    def show(what: str, alert: str) -> None:
        """As a desk does, before it answers."""
        over = what == "resolve"
        desk.supervisor.see(alert, waits=False, over=over)

    desk.on_ask = show
    for rung in (1, 2, 3):
        desk.supervisor.see("1-1", waits=True, over=False)
        desk.wait(600)
        assert len(desk.times_ms("acknowledge")) == rung
        assert len(desk.times_ms("resolve")) == rung
