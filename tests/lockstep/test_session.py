"""A client's session in virtual time is the real one's twin: what it promises, and how patient."""

import inspect
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.broker import BrokerOptions
from gateway.contract.flight import Parcel
from gateway.contract.session import BACKOFF_MAX_S, Received, Session
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.broker import Broker
from simulator.lockstep.log import Log
from simulator.lockstep.network import Condition, Path
from simulator.lockstep.session import VirtualSession
from simulator.world.draws import Draws

OPTIONS = BrokerOptions()
NOTICED_MS = (15_000, 16_000)  # one and a half keep-alives of 10 s, and the next look
SOON_MS = 1_000
REFUSED_MS = 20  # so long takes the answer of a machine on which no broker runs


def at_once(work: Callable[[], object]) -> None:
    """A process that never dies."""
    work()


class Client:
    """A process that uses a session, and what it was told."""

    def __init__(self, world: "World", name: str, subscriptions: tuple[str, ...] = ()) -> None:
        self.name = name
        self.agenda = world.agenda
        self.links: list[tuple[int, bool]] = []
        self.got: list[Received] = []
        self.acknowledged: list[int] = []
        self.refused: list[Parcel] = []
        self.path = world.path(name)
        self.session = VirtualSession(
            world.agenda, world.broker, self.path, world.draws.under("session", name).uniform,
            at_once, OPTIONS, name,
            will=(f"state/{name}", b"gone"),
            subscriptions=subscriptions,
            on_message=self.got.append,
            on_link=lambda up, _: self.links.append((world.agenda.now_ms, up)),
            on_puback=self.acknowledged.append,
            on_refused=lambda parcel, _: self.refused.append(parcel),
        )  # fmt: skip

    @property
    def payloads(self) -> list[bytes]:
        return [received.payload for received in self.got]

    def lost_ms(self, since_ms: int) -> list[int]:
        """When it was told that its connection is gone, in ms since then."""
        return [at_ms - since_ms for at_ms, up in self.links if not up and at_ms >= since_ms]


class World:
    def __init__(self, seed: int = 1) -> None:
        self.draws = Draws(seed)
        self.agenda = Agenda()
        log = Log(lambda: self.agenda.now_ms)
        self.broker = Broker(self.agenda, log, self.draws.under("broker").uniform)
        self._paths: dict[str, Path] = {}

    def path(self, name: str) -> Path:
        """Of one machine, through all its processes."""
        if name not in self._paths:
            self._paths[name] = Path(self.draws.under("path", name).uniform)
        return self._paths[name]

    def wait(self, ms: int = SOON_MS) -> None:
        self.agenda.run(self.agenda.now_ms + ms)

    def watcher(self) -> "Client":
        """Who sees the wills of all others, and when."""
        watcher = Client(self, "watcher", ("state/+",))
        self.wait()
        return watcher

    def client(self, name: str = "hub") -> Client:
        client = Client(self, name)
        self.wait()
        return client


@pytest.fixture
def world() -> World:
    return World()


# -- the twin ---------------------------------------------------------------


def public(kind: type) -> dict[str, object]:
    return {name: item for name, item in vars(kind).items() if not name.startswith("_")}


def test_all_that_callers_use_of_a_session_is_there_and_is_called_alike() -> None:
    virtual = public(VirtualSession)
    for name, item in public(Session).items():
        twin = virtual[name]
        assert type(twin) is type(item), name
        if callable(item):
            assert inspect.signature(twin) == inspect.signature(item), name  # type: ignore[arg-type]


def test_it_is_made_like_a_session_for_those_who_stay() -> None:
    real = dict(inspect.signature(Session.__init__).parameters)
    virtual = dict(inspect.signature(VirtualSession.__init__).parameters)
    of_the_run = ["agenda", "broker", "path", "draw", "guard"]
    assert set(real) - set(virtual) == {"lasting", "rng"}
    assert [name for name in virtual if name not in real] == of_the_run
    for name in set(real) & set(virtual) - {"self"}:
        assert virtual[name].kind == real[name].kind, name
        assert virtual[name].annotation == real[name].annotation, name
        assert virtual[name].default is real[name].default or callable(real[name].default), name


class Last(random.Random):
    """Draws the longest pause there can be."""

    def uniform(self, a: float, b: float) -> float:
        return b


def pauses_ms(draw: float) -> list[int]:
    """Between attempts at a broker that is down; draw: what all draws give."""
    world, times = World(), list[int]()
    world.broker.stop()
    session = VirtualSession(
        world.agenda, world.broker, world.path("hub"), lambda *_: draw, at_once,
        OPTIONS, "hub",
        will=None, subscriptions=(), on_message=lambda _: None,
        on_link=lambda *_: times.append(world.agenda.now_ms), on_puback=lambda _: None,
    )  # fmt: skip
    world.wait(250_000 if draw else 1_000)
    assert not session.connected
    return [later - sooner - REFUSED_MS for sooner, later in pairwise(times)]


def test_it_waits_between_attempts_as_long_as_a_session_would() -> None:
    session = Session(
        OPTIONS, "hub", will=None, subscriptions=(), on_message=lambda _: None,
        on_link=lambda *_: None, on_puback=lambda _: None, rng=Last(),
    )  # fmt: skip
    assert set(pauses_ms(0.0)) == {0}
    longest_ms = pauses_ms(1.0 - 2**-53)
    assert len(longest_ms) > 12
    for failures, pause_ms in enumerate(longest_ms):
        assert abs(pause_ms - session._backoff_s(failures) * 1000) <= 1, failures
    assert max(longest_ms) == pytest.approx(BACKOFF_MAX_S * 1000, abs=1)


def test_after_a_connection_that_stood_it_hurries_again(world: World) -> None:
    world.broker.stop()
    hub = world.client()
    world.wait(120_000)  # by now it waits for half a minute
    world.broker.start(keeps="all")
    world.wait(60_000)
    assert hub.session.connected
    world.broker.stop()
    world.broker.start(keeps="all")
    world.wait()
    assert hub.session.connected


# -- both ends notice -------------------------------------------------------

broken: st.SearchStrategy[Condition] = st.sampled_from(("swallows", "cut"))


@settings(max_examples=40)
@given(
    st.integers(0, 100),
    st.integers(0, 40_000),
    st.lists(st.integers(0, 14_000), max_size=3),
    broken,
    broken,
)
def test_a_way_that_breaks_silently_is_noticed_by_both_ends_within_16_s(
    seed: int, idle_ms: int, talks_ms: list[int], first: Condition, then: Condition
) -> None:
    world = World(seed)
    watcher = world.watcher()
    hub = world.client()
    world.wait(idle_ms)
    hub.session.publish("event/1", b"1", token=1)
    hub.path.become(first)
    since_ms = world.agenda.now_ms
    for at_ms in talks_ms:
        world.agenda.at(since_ms + at_ms, hub.session.publish, "event/1", b"2")
    world.wait(8_000)
    hub.path.become(then)
    world.wait(6_990)
    assert hub.lost_ms(since_ms) == []
    assert watcher.payloads == []
    world.wait(60_000)
    noticed_ms, *_ = hub.lost_ms(since_ms)
    assert NOTICED_MS[0] <= noticed_ms <= NOTICED_MS[1]
    assert watcher.payloads == [b"gone"]


@settings(max_examples=40)
@given(st.integers(0, 100), st.integers(0, 40_000), st.integers(0, 14_900), broken)
def test_a_way_that_heals_in_time_costs_nothing_but_time(
    seed: int, idle_ms: int, broken_ms: int, condition: Condition
) -> None:
    world = World(seed)
    watcher = world.watcher()
    hub = world.client()
    world.wait(idle_ms)
    hub.path.become(condition)
    hub.session.publish("state/new", b"1", token=1)
    world.wait(broken_ms)
    hub.path.become("whole")
    world.wait(30_000)
    assert [up for _, up in hub.links] == [True]
    assert (hub.acknowledged, watcher.payloads) == ([1], [b"1"])


def test_an_idle_session_over_a_whole_way_stays_for_ever(world: World) -> None:
    hub = world.client()
    world.wait(24 * 3_600_000)
    assert [up for _, up in hub.links] == [True]


def test_a_broker_that_acknowledges_nothing_is_given_up_after_as_long_as_the_options_say(
    world: World,
) -> None:
    watcher = world.watcher()
    hub = world.client()
    world.broker.mute = True
    since_ms = world.agenda.now_ms
    hub.session.publish("event/1", b"1", token=1)
    world.wait(40_000)
    patience_ms = int(OPTIONS.unacknowledged_s * 1000)
    assert patience_ms < hub.lost_ms(since_ms)[0] <= patience_ms + 1_000
    assert watcher.payloads[0] == b"gone"
    assert hub.session.connected  # and tried again


def test_a_broker_learns_by_itself_of_a_client_that_gave_up_behind_a_broken_way(
    world: World,
) -> None:
    watcher = world.watcher()
    hub = world.client()
    world.broker.mute = True
    hub.session.publish("event/1", b"1", token=1)
    world.wait(10_000)
    hub.path.become("swallows")
    world.wait(10_000)
    assert not hub.session.connected
    assert b"gone" not in watcher.payloads
    world.wait(5_100)
    assert b"gone" in watcher.payloads


def test_a_message_that_was_passed_over_is_given_back(world: World) -> None:
    hub = world.client()
    world.broker.mute = True
    hub.session.publish("event/1", b"1", token=1)
    world.wait()
    world.broker.mute = False
    for number in range(2, 20):
        hub.session.publish("event/1", b"%d" % number, token=number)
        world.wait()
    assert [parcel.token for parcel in hub.refused] == [1]
    assert hub.acknowledged == list(range(2, 20))
    assert [up for _, up in hub.links] == [True]


@pytest.mark.parametrize("condition", ["swallows", "cut"])
def test_an_attempt_over_a_broken_way_fails_in_time(world: World, condition: Condition) -> None:
    world.path("hub").become(condition)
    hub = world.client()
    world.wait(5_000)
    assert [up for _, up in hub.links][:1] == [False]
    assert not hub.session.connected
    assert not hub.session.publish("event/1", b"1")
    hub.path.become("whole")
    world.wait(40_000)
    assert hub.session.connected


def test_an_attempt_that_the_way_swallows_half_way_fails_in_time(world: World) -> None:
    hub = Client(world, "hub")
    world.wait(2)
    hub.path.become("swallows")
    world.wait(4_990)
    assert hub.links == []
    world.wait(20)
    assert [up for _, up in hub.links] == [False]


# -- ends -------------------------------------------------------------------


def test_a_killed_process_is_missed_at_once_and_one_that_lost_its_power_after_15_s(
    world: World,
) -> None:
    watcher = world.watcher()
    for name, silently, before_ms, after_ms in (
        ("killed", False, 0, 30),
        ("dark", True, 14_900, 200),
    ):
        watcher.got.clear()
        hub = world.client(name)
        hub.session.die(silently=silently)
        world.wait(before_ms)
        assert watcher.payloads == [], name
        world.wait(after_ms)
        assert watcher.payloads == [b"gone"], name
        assert [up for _, up in hub.links] == [True]


@settings(max_examples=60)
@given(
    st.integers(0, 100),
    st.sampled_from(("whole", "slow", "swallows", "cut")),
    st.integers(0, 6_000),
    st.booleans(),
    st.integers(1, 20_000),
)
def test_whoever_comes_after_a_dead_process_has_its_name_for_good(
    seed: int, condition: Condition, lived_ms: int, silently: bool, away_ms: int
) -> None:
    world = World(seed)
    world.path("hub").become(condition)
    first = Client(world, "hub")
    world.wait(lived_ms)
    first.session.publish("event/1", b"1", token=1)
    first.session.die(silently=silently)
    told = (len(first.links), len(first.acknowledged))
    world.wait(away_ms)
    world.path("hub").become("whole")
    second = Client(world, "hub")
    world.wait(60_000)
    assert (len(first.links), len(first.acknowledged)) == told, "the dead are told nothing"
    assert [up for _, up in second.links] == [True]


def test_a_receipt_of_an_earlier_connection_acknowledges_nothing(world: World) -> None:
    hub = world.client()
    desk = Client(world, "desk", ("event/+",))
    world.wait()
    hub.session.publish("event/1", b"1")
    world.wait(100)
    world.broker.lost("desk")
    world.wait()
    desk.session.acknowledge(desk.got[0])
    world.wait()
    world.broker.lost("desk")
    world.wait()
    assert desk.payloads == [b"1", b"1", b"1"]
    desk.session.acknowledge(desk.got[2])
    world.wait()
    world.broker.lost("desk")
    world.wait()
    assert desk.payloads == [b"1", b"1", b"1"]


def test_a_receipt_from_before_the_broker_was_wiped_is_none_for_the_message_of_its_number(
    world: World,
) -> None:
    hub = world.client()
    desk = Client(world, "desk", ("event/+",))
    world.wait()
    hub.session.publish("event/1", b"1")
    world.wait()
    world.broker.stop()
    world.broker.start(keeps="nothing")
    world.wait(5_000)
    hub.session.publish("event/1", b"2")
    world.wait()
    desk.session.acknowledge(desk.got[0])
    world.wait()
    world.broker.lost("desk")
    world.wait()
    assert desk.payloads == [b"1", b"2", b"2"]
