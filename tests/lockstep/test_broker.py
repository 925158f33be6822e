"""The broker in virtual time does what MQTT demands, and besides only what MQTT allows."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.lockstep.agenda import Agenda
from simulator.lockstep.broker import SAVE_EVERY_MS, Broker, Message
from simulator.lockstep.log import Log
from simulator.lockstep.network import Path
from simulator.world.draws import Draws

KEEPALIVE_MS = 10_000
SOON_MS = 50  # every packet has arrived
TOPICS = ("a/1", "a/2", "b/1")
ALL = ("+/+",)


class Got(NamedTuple):
    number: int
    message: Message


class End:
    """A client's end of a connection, which notes all that it is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.got: list[Got] = []
        self.acknowledgements: list[int] = []
        self.cuts: list[str] = []

    def delivered(self, number: int, message: Message) -> None:
        self.got.append(Got(number, message))

    def acknowledged(self, mid: int) -> None:
        self.acknowledgements.append(mid)

    def cut(self, reason: str) -> None:
        self.cuts.append(reason)

    @property
    def payloads(self) -> list[bytes]:
        return [got.message.payload for got in self.got]


class World:
    """A broker and its clients."""

    def __init__(self, seed: int = 1) -> None:
        draws = Draws(seed)
        self.agenda = Agenda()
        self.broker = Broker(
            self.agenda, Log(lambda: self.agenda.now_ms), draws.under("broker").uniform
        )
        self._draws = draws
        self._paths: dict[str, Path] = {}
        self.ends: dict[str, End] = {}
        self._mids = 0

    def connect(
        self, name: str, patterns: tuple[str, ...] = (), will: tuple[str, bytes] | None = None
    ) -> End:
        if name not in self._paths:
            self._paths[name] = Path(self._draws.under("path", name).uniform)
        end = self.ends[name] = End(self._paths[name])
        self.broker.connect(name, end, will, patterns, KEEPALIVE_MS)
        self.wait()
        return end

    def publish(
        self, name: str, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> int:
        """Straight into the broker; returns the message's id."""
        self._mids += 1
        message = Message(topic, payload, qos)
        self.broker.publish(name, self.ends[name], self._mids, message, retain=retain)
        return self._mids

    def puback(self, name: str, got: Got) -> None:
        self.broker.puback(name, self.ends[name], got.number)

    def wait(self, ms: int = SOON_MS) -> None:
        self.agenda.run(self.agenda.now_ms + ms)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def listener(world: World) -> End:
    return world.connect("listener", ALL)


@pytest.fixture
def speaker(world: World) -> End:
    return world.connect("speaker")


# -- what arrives -----------------------------------------------------------


@given(st.integers(0, 100), st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(0, 20))))
def test_messages_of_a_topic_keep_their_order_and_come_once(
    seed: int, said: list[tuple[str, int]]
) -> None:
    world = World(seed)
    listener = world.connect("listener", ALL)
    world.connect("speaker")
    for number, (topic, wait_ms) in enumerate(said):
        world.publish("speaker", topic, b"%d" % number)
        world.wait(wait_ms)
    world.wait()
    numbers = {topic: [int(g.message.payload) for g in listener.got if g.message.topic == topic]
               for topic in TOPICS}  # fmt: skip
    assert numbers == {t: [n for n, (at, _) in enumerate(said) if at == t] for t in TOPICS}
    assert world.ends["speaker"].acknowledgements == list(range(1, len(said) + 1))


@pytest.mark.parametrize(
    ("pattern", "topic", "wanted"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("+/b", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/b/c", False),
        ("a/c", "a/b", False),
    ],
)
def test_a_plus_stands_for_one_level(world: World, pattern: str, topic: str, wanted: bool) -> None:
    listener = world.connect("listener", (pattern,))
    world.connect("speaker")
    world.publish("speaker", topic, b"1")
    world.wait()
    assert bool(listener.got) == wanted


retained = st.lists(
    st.tuples(st.sampled_from(TOPICS), st.sampled_from((b"", b"one", b"two")), st.booleans()),
    max_size=20,
)


@given(retained)
def test_who_subscribes_gets_the_last_retained_message_of_each_topic_each_time(
    said: list[tuple[str, bytes, bool]],
) -> None:
    """MQTT 5, 3.8.4: also when the subscription was there already."""
    world = World()
    world.connect("speaker")
    kept: dict[str, bytes] = {}
    for topic, payload, retain in said:
        world.publish("speaker", topic, payload, retain=retain)
        if retain:
            kept[topic] = payload
    kept = {topic: payload for topic, payload in kept.items() if payload}
    for _ in range(2):
        listener = world.connect("listener", ALL)
        assert all(got.message.retained for got in listener.got)
        assert {got.message.topic: got.message.payload for got in listener.got} == kept
        assert len(listener.got) == len(kept)
        for got in listener.got:
            world.puback("listener", got)


def test_a_retained_message_comes_as_any_other_to_those_who_have_subscribed_already(
    world: World, listener: End, speaker: End
) -> None:
    world.publish("speaker", "a/1", b"1", retain=True)
    world.wait()
    assert [got.message for got in listener.got] == [Message("a/1", b"1", 1, retained=False)]


# -- once, or at least once -------------------------------------------------

Break = Callable[[World], object]


def reconnects(world: World) -> None:
    world.broker.lost("listener")


def is_thrown_out(world: World) -> None:
    """By the next connection with its name."""


def restarts(world: World) -> None:
    world.broker.stop()
    world.wait(2_000)
    world.broker.start(keeps="all")


breaks = st.sampled_from((reconnects, is_thrown_out, restarts))


@given(
    st.integers(0, 100),
    st.lists(st.tuples(st.sampled_from(TOPICS), st.booleans()), max_size=12),
    st.lists(st.sampled_from(TOPICS), max_size=5),
    breaks,
)
def test_what_was_not_acknowledged_comes_again_once_in_order_and_nothing_else_does(
    seed: int, said: list[tuple[str, bool]], meanwhile: list[str], breaks: Break
) -> None:
    world = World(seed)
    listener = world.connect("listener", ALL)
    world.connect("speaker")
    for number, (topic, _) in enumerate(said):
        world.publish("speaker", topic, b"%d" % number)
    world.wait()
    for got in listener.got:
        if said[int(got.message.payload)][1]:
            world.puback("listener", got)
    breaks(world)
    world.connect("speaker")
    for number, topic in enumerate(meanwhile, len(said)):
        world.publish("speaker", topic, b"%d" % number)
    again = world.connect("listener", ALL)
    left = [(topic, n) for n, (topic, taken) in enumerate(said) if not taken]
    left += [(topic, n) for n, topic in enumerate(meanwhile, len(said))]
    if breaks is is_thrown_out:  # it was there meanwhile, and acknowledged none of that
        assert listener.cuts == ["connection lost"]
    for topic in TOPICS:
        numbers = [int(g.message.payload) for g in again.got if g.message.topic == topic]
        assert numbers == [number for at, number in left if at == topic]


def test_a_message_at_qos_0_is_for_those_who_are_there_and_comes_once_at_most(
    world: World, listener: End, speaker: End
) -> None:
    """MQTT 5, 4.3.1."""
    world.broker.duplicates = 1.0
    world.publish("speaker", "a/1", b"1", qos=0)
    world.wait()
    assert listener.payloads == [b"1"]
    world.broker.lost("listener")
    world.publish("speaker", "a/1", b"2", qos=0)
    assert world.connect("listener", ALL).payloads == []
    assert speaker.acknowledgements == []


def test_a_share_of_messages_comes_twice_where_that_is_wanted(
    world: World, listener: End, speaker: End
) -> None:
    world.broker.duplicates = 0.5
    for number in range(100):
        world.publish("speaker", "a/1", b"%d" % number)
    world.wait()
    twice = [number for number in range(100) if listener.payloads.count(b"%d" % number) == 2]
    assert 30 < len(twice) < 70
    assert set(map(int, listener.payloads)) == set(range(100))
    assert [int(one) for one in listener.payloads] == sorted(map(int, listener.payloads))


def test_a_mute_broker_passes_messages_on_and_acknowledges_none(
    world: World, listener: End, speaker: End
) -> None:
    world.broker.mute = True
    world.publish("speaker", "a/1", b"1")
    world.wait()
    assert (listener.payloads, speaker.acknowledgements) == ([b"1"], [])


def test_what_an_ended_connection_had_under_way_says_nothing_for_the_next_one(
    world: World, listener: End, speaker: End
) -> None:
    """Numbers of messages begin anew with each connection, and may be given again after a crash."""
    world.publish("speaker", "a/1", b"1")
    world.wait()
    (got,) = listener.got
    again = world.connect("listener", ALL)
    world.broker.puback("listener", listener, again.got[0].number)
    world.broker.puback("listener", listener, got.number)
    later = world.connect("speaker")
    world.broker.publish("speaker", speaker, 77, Message("a/1", b"2", 1), retain=False)
    world.wait()
    assert later.acknowledgements == []
    assert again.payloads == [b"1"]
    assert world.connect("listener", ALL).payloads == [b"1"]


# -- wills ------------------------------------------------------------------


def test_a_will_is_told_and_retained_when_its_client_is_lost(world: World, listener: End) -> None:
    speaker = world.connect("speaker", will=("a/1", b"gone"))
    world.broker.lost("speaker")
    world.broker.lost("speaker")
    world.wait()
    assert listener.payloads == [b"gone"]
    assert speaker.cuts == ["connection lost"]
    assert world.connect("later", ALL).payloads == [b"gone"]


def test_a_will_is_told_when_another_takes_its_client_s_name(world: World, listener: End) -> None:
    first = world.connect("speaker", will=("a/1", b"gone"))
    second = world.connect("speaker", will=("a/1", b"gone"))
    assert (first.cuts, second.cuts) == (["connection lost"], [])
    assert listener.payloads == [b"gone"]


def test_no_will_is_told_after_a_farewell_nor_when_the_broker_dies(
    world: World, listener: End
) -> None:
    world.connect("speaker", will=("a/1", b"gone"))
    world.broker.disconnect("speaker")
    world.broker.lost("speaker")
    world.connect("other", will=("a/2", b"gone"))
    world.broker.stop()
    world.wait()
    world.broker.start(keeps="all")
    assert world.connect("listener", ALL).payloads == []


def test_who_is_meant_to_be_lost_is_not_the_one_who_has_come_since(
    world: World, listener: End
) -> None:
    first = world.connect("speaker")
    second = world.connect("speaker", will=("a/1", b"gone"))
    world.broker.lost("speaker", first)
    world.wait()
    assert (second.cuts, listener.payloads) == ([], [])


@given(st.integers(0, 30_000), st.integers(0, 30_000))
def test_a_client_that_gives_no_sign_is_gone_after_one_and_a_half_keep_alives(
    broken_ms: int, for_ms: int
) -> None:
    world = World()
    listener = world.connect("listener", ALL)
    speaker = world.connect("speaker", will=("a/1", b"gone"))
    world.wait(broken_ms)
    speaker.path.become("swallows")
    world.broker.heard("speaker")
    world.wait(for_ms)
    speaker.path.become("whole")
    world.broker.heard("speaker")
    world.wait(60_000)
    assert listener.payloads == ([b"gone"] if for_ms >= KEEPALIVE_MS * 3 // 2 else [])


# -- what a broker keeps ----------------------------------------------------


class Life(NamedTuple):
    """When messages come and are taken (None: not at all), and when the broker crashes; ms."""

    said: list[tuple[int, int | None]]
    crash_ms: int
    down_ms: int


times = st.integers(0, 20_000)
lives = st.builds(
    Life,
    st.lists(st.tuples(times, st.none() | times), max_size=12),
    st.integers(1, 20_000),
    st.sampled_from((100, 1_000, 30_000)),
)


@settings(max_examples=150)
@given(lives)
def test_a_crash_loses_what_came_since_the_last_save_and_only_that(life: Life) -> None:
    world = World()
    listener = world.connect("listener", ALL)
    world.connect("speaker")
    world.wait(SAVE_EVERY_MS + 1)  # that the two are there is saved
    began_ms = world.agenda.now_ms
    arrived_ms = [began_ms + at_ms for at_ms, _ in life.said]
    taken_ms = [
        None if after_ms is None else arrived + SOON_MS + after_ms
        for arrived, (_, after_ms) in zip(arrived_ms, life.said, strict=True)
    ]

    def take(number: int) -> None:
        world.puback("listener", next(g for g in listener.got if int(g.message.payload) == number))

    for number, (at_ms, take_ms) in enumerate(zip(arrived_ms, taken_ms, strict=True)):
        world.agenda.at(at_ms, world.publish, "speaker", "a/1", b"%d" % number)
        if take_ms is not None and take_ms < began_ms + life.crash_ms:
            world.agenda.at(take_ms, take, number)
    crash_ms = began_ms + life.crash_ms
    world.agenda.run(crash_ms - 1)
    acknowledged = set(world.ends["speaker"].acknowledgements)
    world.broker.stop()
    world.agenda.run(crash_ms + life.down_ms)
    world.broker.start(keeps="saved")
    again = [int(payload) for payload in world.connect("listener", ALL).payloads]

    saved_ms = crash_ms - SAVE_EVERY_MS
    for number, (at_ms, take_ms) in enumerate(zip(arrived_ms, taken_ms, strict=True)):
        if at_ms >= crash_ms or (take_ms is not None and take_ms < saved_ms):
            assert number not in again
        elif at_ms < saved_ms and (take_ms is None or take_ms >= crash_ms):
            assert number in again
    unsaved = [number for number, at_ms in enumerate(arrived_ms) if saved_ms <= at_ms < crash_ms]
    if len(life.said) == len(unsaved):  # nothing was said before: no save is older than these
        assert not again
        assert acknowledged or all(at_ms > crash_ms - SOON_MS for at_ms in arrived_ms)


def test_a_broker_that_stopped_in_order_has_saved_all(world: World, listener: End) -> None:
    world.connect("speaker")
    world.publish("speaker", "a/1", b"1")
    for keeps in ("all", "saved"):
        world.broker.stop()
        world.broker.start(keeps=keeps)
    assert world.connect("listener", ALL).payloads == [b"1"]


def test_a_session_is_saved_though_nothing_is_said(world: World, listener: End) -> None:
    world.wait(SAVE_EVERY_MS)
    world.broker.stop()
    world.broker.start(keeps="saved")
    world.connect("speaker")
    world.publish("speaker", "a/1", b"1")
    assert world.connect("listener", ALL).payloads == [b"1"]


@pytest.mark.parametrize("then", ["all", "saved"])
def test_a_wiped_broker_has_neither_sessions_nor_retained_messages_whatever_comes_next(
    world: World, listener: End, speaker: End, then: str
) -> None:
    world.publish("speaker", "a/1", b"1", retain=True)
    world.wait(SAVE_EVERY_MS * 2)
    world.broker.stop()
    world.broker.start(keeps="nothing")
    world.broker.stop()
    world.broker.start(keeps=then)
    world.connect("speaker")
    world.publish("speaker", "a/2", b"2")
    assert world.connect("listener", ALL).payloads == []


def test_while_it_is_down_nothing_is_taken_and_all_connections_are_over(
    world: World, listener: End, speaker: End
) -> None:
    world.publish("speaker", "a/1", b"1")
    world.wait()
    world.broker.stop()
    world.publish("speaker", "a/1", b"2")
    world.puback("listener", listener.got[0])
    world.wait()
    assert (listener.cuts, speaker.cuts) == (["connection lost"], ["connection lost"])
    assert speaker.acknowledgements == [1]
    world.broker.start(keeps="all")
    assert world.connect("listener", ALL).payloads == [b"1"]
