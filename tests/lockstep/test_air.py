"""The air of a run: who hears what, when, and how often, as the world's radio decides it."""

from math import sqrt
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import plans
from simulator.lockstep import air as air_module
from simulator.lockstep.acts import Silent
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.air import AGAIN_MS, DELAY_MS, Air
from simulator.lockstep.badge import Badge
from simulator.lockstep.bond import Bond
from simulator.lockstep.log import Entry, Log
from simulator.world.draws import Draws
from simulator.world.plan import Plan
from simulator.world.radio import Radio
from tests.lockstep.scripted import FRAME_LENGTH, make_badge, says

NUMBER = 1
HEARD_WELL, FAINT = "hall", "yard"


@pytest.fixture(scope="module")
def clinic() -> Plan:
    return plans.load("clinic")


@pytest.fixture(scope="module")
def farmhouse() -> Plan:
    return plans.load("farmhouse")


class Heard(NamedTuple):
    at_ms: int
    hub: str
    frame: int


class World:
    """One badge at a place of a plan, and the plan's hubs."""

    def __init__(self, plan: Plan, place: str, seed: int = 1) -> None:
        self.plan = plan
        self.agenda = Agenda()
        self.entries: list[Entry] = []
        log = Log(lambda: self.agenda.now_ms)
        log.listen(self.entries.append)
        draws = Draws(seed)
        self.off: set[str] = set()
        self.heard: list[Heard] = []
        self.radio = Radio(plan, draws).badge(NUMBER)
        self.air = Air(self.agenda, log, draws, self._hear, lambda hub: hub not in self.off)
        self.badge, self.body = make_badge(NUMBER, self.agenda, log, on_air=self.air.changed)
        self.air.join(self.badge, self.radio)
        self.place(place)
        self.bonds: list[Bond] = []
        self.replies: list[bytes] = []

    def place(self, name: str) -> None:
        self.radio.place(self.plan.at(name), 0.0)
        self.air.moved(NUMBER)

    def say(self, at_ms: int, frame: int, interval_ms: int, *, connectable: bool = False) -> None:
        self.body.does(at_ms, says(frame, interval_ms, connectable=connectable))
        self.badge.plan()

    def hush(self, at_ms: int) -> None:
        self.body.does(at_ms, Silent())
        self.badge.plan()

    def wait(self, ms: int) -> None:
        self.agenda.run(self.agenda.now_ms + ms)

    def dial(self, hub: str, address: int | None = None) -> object:
        return self.air.dial(
            hub, self.badge.address if address is None else address,
            on_bond=self.bonds.append, on_reply=self.replies.append, on_end=lambda: None,
        )  # fmt: skip

    def firsts(self) -> dict[tuple[str, int], int]:
        """When each hub heard each frame for the first time."""
        found: dict[tuple[str, int], int] = {}
        for heard in self.heard:
            found.setdefault((heard.hub, heard.frame), heard.at_ms)
        return found

    def _hear(self, hub: str, badge: Badge, rssi: int, frame: bytes) -> None:
        assert badge is self.badge
        assert -120 < rssi < 20
        assert len(frame) == FRAME_LENGTH
        self.heard.append(Heard(self.agenda.now_ms, hub, int.from_bytes(frame, "little")))


#: For how many ms each frame is said, how often, and how long nothing is said after it.
speeches = st.lists(
    st.tuples(st.integers(1, 4_000), st.sampled_from((20, 100, 250, 1_000)), st.integers(0, 3_000)),
    min_size=1,
    max_size=6,
)


def speak(world: World, speech: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Says it all; from when until when each frame is said."""
    spans, at_ms = [], 10
    for frame, (for_ms, interval_ms, pause_ms) in enumerate(speech):
        world.say(at_ms, frame, interval_ms)
        world.hush(at_ms + for_ms)
        spans.append((at_ms, at_ms + for_ms))
        at_ms += for_ms + pause_ms
    world.wait(at_ms + 5_000)
    return spans


@settings(max_examples=40)
@given(st.integers(0, 100), speeches)
def test_a_frame_is_heard_only_while_it_is_said(
    farmhouse: Plan, seed: int, speech: list[tuple[int, int, int]]
) -> None:
    world = World(farmhouse, HEARD_WELL, seed)
    spans = speak(world, speech)
    for heard in world.heard:
        begin_ms, end_ms = spans[heard.frame]
        assert begin_ms <= heard.at_ms <= end_ms
    long = {frame for frame, (for_ms, interval_ms, _) in enumerate(speech)
            if for_ms > 10 * (interval_ms + DELAY_MS)}  # fmt: skip
    assert long <= {heard.frame for heard in world.heard}


@settings(max_examples=40)
@given(
    st.integers(0, 1_000),
    st.sampled_from((20, 100, 250)),
    st.sampled_from(("staff room", "archive", "car park")),
)
def test_that_repeats_are_left_out_delays_no_first_reception(
    clinic: Plan, seed: int, interval_ms: int, place: str
) -> None:
    speech = [(4_000, interval_ms, 0)]
    thinned, whole = World(clinic, place, seed), World(clinic, place, seed)
    speak(thinned, speech)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(air_module, "AGAIN_MS", 0)
        speak(whole, speech)
    assert thinned.firsts() == whole.firsts()
    assert len(thinned.heard) < len(whole.heard) or not whole.heard


@settings(max_examples=25)
@given(st.integers(0, 100), st.lists(st.sampled_from((20, 100, 250)), min_size=1, max_size=5))
def test_it_is_said_as_often_as_its_interval_says(
    farmhouse: Plan, seed: int, intervals_ms: list[int]
) -> None:
    world = World(farmhouse, HEARD_WELL, seed)
    world.air.noise = 1.0  # what nobody hears is not thinned out
    for frame, interval_ms in enumerate(intervals_ms):
        world.say(frame * 5_000, frame, interval_ms)
    world.hush(len(intervals_ms) * 5_000)
    world.wait(len(intervals_ms) * 5_000 + 1)
    sent = [int(str(entry.facts["sent"])) for entry in world.entries if entry.what == "carried"]
    assert not world.heard
    for events, interval_ms in zip(sent, intervals_ms, strict=True):
        assert 5_000 // (interval_ms + DELAY_MS) - 1 <= events <= 5_000 // interval_ms + 1


def test_a_repeat_is_heard_about_once_a_second(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    world.say(0, 7, 20)
    world.wait(60_000)
    assert 45 <= len(world.heard) <= 60_000 // AGAIN_MS


def test_a_hub_that_is_off_hears_nothing_and_soon_all_once_it_is_on(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    world.off.add("hub-farm")
    world.say(0, 7, 20)
    world.wait(30_000)
    assert not world.heard
    world.off.clear()
    world.wait(AGAIN_MS + 1_000)
    assert world.heard
    world.off.add("hub-farm")
    world.heard.clear()
    world.wait(30_000)
    assert not world.heard


def test_a_badge_that_comes_into_reach_is_heard_soon(farmhouse: Plan) -> None:
    world = World(farmhouse, "barn")
    world.say(0, 7, 100)
    world.wait(30_000)
    assert not world.heard
    world.place(HEARD_WELL)
    world.wait(1_000)
    assert world.heard


@pytest.mark.parametrize(
    ("plan", "place"),
    [("farmhouse", "doorstep"), ("farmhouse", FAINT), ("clinic", "staff room"),
     ("clinic", "car park"), ("clinic", "archive")],
)  # fmt: skip
@pytest.mark.parametrize("noise", [0.0, 0.4])
def test_as_many_events_are_received_as_the_world_expects(
    plan: str, place: str, noise: float, request: pytest.FixtureRequest
) -> None:
    world = World(request.getfixturevalue(plan), place)
    world.air.noise = noise
    events = 700
    world.say(0, 7, AGAIN_MS + DELAY_MS)
    world.wait(events * (AGAIN_MS + DELAY_MS + DELAY_MS // 2))
    shares = {link.hub.name: link.expected() * (1 - noise) for link in world.radio.links}
    assert any(0.02 < share < 0.98 for share in shares.values())
    for hub, share in shares.items():
        received = sum(heard.hub == hub for heard in world.heard) / events
        deviation = sqrt(share * (1 - share) / events)
        assert abs(received - share) <= 4.5 * deviation + 0.01, hub


def test_what_became_of_each_frame_s_packets_is_told_when_it_is_over(clinic: Plan) -> None:
    world = World(clinic, "staff room")
    world.air.noise = 0.2
    for frame in range(20):
        world.say(frame * 2_000, frame, 100)
    world.hush(40_000)
    world.wait(40_000)
    told = [entry.facts for entry in world.entries if entry.what == "carried"]
    received = {hub: sum(heard.hub == hub for heard in world.heard) for hub in world.plan.hubs}
    sent = dict.fromkeys(world.plan.hubs, 0)
    for facts in told:
        lost = facts["lost"]
        assert isinstance(lost, dict)
        sent[str(facts["hub"])] += int(str(facts["sent"])) - sum(lost.values())
    assert sent == received
    assert any("noise" in facts["lost"] for facts in told)  # type: ignore[operator]


def test_a_stack_that_tells_twice_does_and_else_nothing_is_told_twice(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    world.say(0, 7, 100)
    world.wait(20_000)
    assert len(set(world.heard)) == len(world.heard)
    world.heard.clear()
    world.air.twice = 1.0
    world.wait(20_000)
    assert len(set(world.heard)) * 2 == len(world.heard)


# -- connections ------------------------------------------------------------


def test_a_hub_connects_with_the_next_advertisement_that_allows_it(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    world.say(0, 7, 100)
    world.wait(10_000)
    world.dial("hub-farm")
    world.wait(3_000)
    assert not world.bonds
    world.say(13_000, 7, 100, connectable=True)
    world.wait(1_000)
    (bond,) = world.bonds
    assert bond.alive
    assert world.body.of("connect") == [(world.heard[-1].at_ms, 0)]
    world.wait(1_000)
    assert len(world.bonds) == 1


def test_whoever_hangs_up_or_calls_an_old_address_is_not_connected(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    world.say(0, 7, 100, connectable=True)
    world.wait(10)
    stop = world.dial("hub-farm")
    assert callable(stop)
    stop()
    world.dial("hub-farm", world.badge.address + 1)
    world.wait(10_000)
    assert not world.bonds


def test_a_connection_carries_and_breaks_where_the_radio_does(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    overheard: list[bytes] = []
    world.air.overheard = overheard.append
    world.say(0, 7, 100, connectable=True)
    world.wait(10)
    world.dial("hub-farm")
    world.wait(1_000)
    (bond,) = world.bonds
    bond.write(b"command")
    world.wait(500)
    assert [fact for _, fact in world.body.of("write")] == overheard == [b"command"]
    world.place("barn")
    world.wait(6_000)
    assert not bond.alive
    assert [fact for _, fact in world.body.of("disconnect")] == [0]


def test_a_hub_that_goes_off_loses_its_connections(farmhouse: Plan) -> None:
    world = World(farmhouse, HEARD_WELL)
    world.say(0, 7, 100, connectable=True)
    world.wait(10)
    world.dial("hub-farm")
    world.wait(1_000)
    world.off.add("hub-farm")
    world.wait(6_000)
    assert not world.bonds[0].alive


def test_whether_a_badge_is_in_reach_depends_on_where_it_is_and_which_hubs_are_on(
    farmhouse: Plan,
) -> None:
    world = World(farmhouse, HEARD_WELL)
    assert world.air.reaches(NUMBER)
    world.off.add("hub-farm")
    assert not world.air.reaches(NUMBER)
    world.off.clear()
    world.place("barn")
    assert not world.air.reaches(NUMBER)
