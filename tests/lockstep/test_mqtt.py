"""Speakers, a listener and a broker, and everything that breaks between them, in any order.

What MQTT promises of all that holds: at least once while a session lasts and the broker keeps
its data, in order of topic and publisher, and again only where MQTT allows it.
"""

from collections.abc import Callable, Iterator

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gateway.contract.broker import BrokerOptions
from gateway.contract.flight import Parcel
from gateway.contract.session import Received
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.broker import SAVE_EVERY_MS, Broker
from simulator.lockstep.log import Log
from simulator.lockstep.network import Path
from simulator.lockstep.session import VirtualSession
from simulator.world.draws import Draws

SPEAKERS = ("hub-1", "hub-2")
LISTENER = "desk"
MACHINES = (*SPEAKERS, LISTENER)
TOPICS = ("1", "2")


def at_once(work: Callable[[], object]) -> None:
    """What the network brings; it never dies of that."""
    work()


class Process:
    """One life of a machine's program."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.session = VirtualSession(
            world.agenda, world.broker, world.paths[name], world.draws.under(name).uniform,
            at_once, BrokerOptions(), name,
            will=(f"state/{name}", b"gone"),
            subscriptions=(f"{'+/' * 2}+",) if name == LISTENER else (),
            on_message=self.take,
            on_link=lambda up, _: self.linked() if up else None,
            on_puback=self.handed_over,
            on_refused=lambda parcel, _: self.refused(parcel),
        )  # fmt: skip

    def take(self, received: Received) -> None:
        """A message arrives."""

    def linked(self) -> None:
        """The connection stands."""

    def handed_over(self, number: int) -> None:
        """A PUBACK arrives."""

    def refused(self, parcel: Parcel) -> None:
        """The broker passed a message over."""


class Speaker(Process):
    """Keeps what is not acknowledged on its disk, and sends it again, as a hub does."""

    def linked(self) -> None:
        for number in tuple(self.world.kept[self.name]):
            self.say(number)

    def say(self, number: int) -> None:
        """A number says when it was said for the first time; each attempt has one of its own."""
        self.world.attempts += 1
        self.world.said_ms[number] = self.world.agenda.now_ms
        if self.world.known_since_ms > self.world.agenda.now_ms:
            self.world.to_nobody.add(number)
        topic = f"{self.name}/{self.world.kept[self.name][number]}/x"
        self.session.publish(topic, b"%d/%d" % (number, self.world.attempts), token=number)

    def handed_over(self, number: int) -> None:
        if self.world.kept[self.name].pop(number, None) is not None:
            self.world.owe(number)

    def refused(self, parcel: Parcel) -> None:
        assert parcel.token is not None
        if parcel.token in self.world.kept[self.name]:
            self.say(parcel.token)


class Listener(Process):
    """Takes messages at once, or leaves them lying."""

    def linked(self) -> None:
        self.world.known_since_ms = min(self.world.known_since_ms, self.world.agenda.now_ms)

    def take(self, received: Received) -> None:
        self.world.arrive(received)
        if self.world.takes:
            self.session.acknowledge(received)


class World:
    """All machines; what their disks hold, and what has arrived."""

    def __init__(self, seed: int) -> None:
        self.draws = Draws(seed)
        self.agenda = Agenda()
        draw = self.draws.under("broker").uniform
        self.broker = Broker(self.agenda, Log(lambda: self.agenda.now_ms), draw)
        self.paths = {name: Path(self.draws.under("path", name).uniform) for name in MACHINES}
        self.kept: dict[str, dict[int, str]] = {name: {} for name in SPEAKERS}
        self.numbers = 0
        self.attempts = 0
        self.takes = True
        self.doubles = False  # whether the broker was ever told to send messages twice
        self.known_since_ms: float = float("inf")  # the listener, to the broker
        self.arrived: dict[str, list[int]] = {}
        self.said_ms: dict[int, int] = {}
        self.to_nobody: set[int] = set()  # said at least once while nobody listened
        self.owed: dict[int, int] = {}  # acknowledged to its speaker, and when
        self._seen: set[tuple[int, bytes]] = set()
        self._links: list[object] = []  # kept, so that no two have the same id
        self.processes: dict[str, Process | None] = dict.fromkeys(MACHINES)
        for name in MACHINES:
            self.live(name)

    def live(self, name: str) -> None:
        kind = Listener if name == LISTENER else Speaker
        self.processes[name] = kind(self, name)

    def wait(self, ms: int) -> None:
        self.agenda.run(self.agenda.now_ms + ms)

    def arrive(self, received: Received) -> None:
        if received.topic.startswith("state/"):
            return
        link = received.receipt.link  # type: ignore[attr-defined]
        self._links.append(link)
        number, _ = map(int, received.payload.split(b"/"))
        instance = (id(link), received.payload)
        assert self.doubles or instance not in self._seen, "twice over one connection"
        self._seen.add(instance)
        self.arrived.setdefault(received.topic, []).append(number)
        self.owed.pop(number, None)

    def owe(self, number: int) -> None:
        arrived = any(number in numbers for numbers in self.arrived.values())
        if not arrived and self.known_since_ms < self.said_ms[number]:
            self.owed[number] = self.agenda.now_ms

    def lose(self, since_ms: float) -> None:
        """The broker forgets what came since then."""
        self.owed = {number: at_ms for number, at_ms in self.owed.items() if at_ms <= since_ms}
        if self.known_since_ms > since_ms:
            self.owed.clear()
            self.known_since_ms = float("inf")

    def firsts(self) -> Iterator[list[int]]:
        """Of each topic, the messages in the order in which they arrived for the first time."""
        for numbers in self.arrived.values():
            yield [number for number in dict.fromkeys(numbers) if number not in self.to_nobody]


class AnyBreakage(RuleBasedStateMachine):
    """What a storm does to the way from hubs to desk."""

    @initialize(seed=st.integers(0, 1_000))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.world.wait(500)

    def _say(self, name: str, topic: str, many: int) -> None:
        world = self.world
        for _ in range(many):
            world.numbers += 1
            world.kept[name][world.numbers] = topic
            process = world.processes[name]
            if isinstance(process, Speaker):
                process.say(world.numbers)

    @rule(
        name=st.sampled_from(SPEAKERS),
        topic=st.sampled_from(TOPICS),
        many=st.integers(1, 4),
        ms=st.integers(0, 30),
    )
    def say(self, name: str, topic: str, many: int, ms: int) -> None:
        self._say(name, topic, many)
        self.world.wait(ms)

    @rule(
        name=st.sampled_from(MACHINES),
        speaker=st.sampled_from(SPEAKERS),
        after_ms=st.integers(0, 25),
        broken_ms=st.sampled_from((10, 3_000, 20_000)),
        speaks=st.booleans(),
    )
    def stumble(self, name: str, speaker: str, after_ms: int, broken_ms: int, speaks: bool) -> None:
        """A way breaks while messages are on it."""
        self._say(speaker, "1", 3)
        self.world.wait(after_ms)
        self.world.paths[name].become("swallows")
        if speaks:
            self._say(speaker, "1", 2)
        self.world.wait(broken_ms)
        self.world.paths[name].become("whole")

    @rule(ms=st.integers(1, 15) | st.sampled_from((100, 1_000, 3_000, 6_000, 14_000, 20_000)))
    def wait(self, ms: int) -> None:
        self.world.wait(ms)

    @rule(name=st.sampled_from(MACHINES), condition=st.sampled_from(("slow", "swallows", "cut")))
    def break_way(self, name: str, condition: str) -> None:
        self.world.paths[name].become(condition)  # type: ignore[arg-type]

    @rule(name=st.sampled_from(MACHINES))
    def heal(self, name: str) -> None:
        self.world.paths[name].become("whole")

    @rule(name=st.sampled_from(MACHINES), silently=st.booleans())
    def die(self, name: str, silently: bool) -> None:
        process, self.world.processes[name] = self.world.processes[name], None
        if process is not None:
            process.session.die(silently=silently)

    @rule(name=st.sampled_from(MACHINES))
    def live_again(self, name: str) -> None:
        if self.world.processes[name] is None:
            self.world.live(name)

    @rule(takes=st.booleans(), mute=st.booleans(), share=st.sampled_from((0.0, 0.0, 0.5)))
    def become_odd(self, takes: bool, mute: bool, share: float) -> None:
        """The listener leaves messages lying, the broker acknowledges none or sends some twice."""
        self.world.takes, self.world.broker.mute = takes, mute
        self.world.broker.duplicates = share
        self.world.doubles |= share > 0

    @precondition(lambda self: self.world.broker.up)
    @rule()
    def stop(self) -> None:
        self.world.broker.stop()
        self.stopped_ms = self.world.agenda.now_ms

    @precondition(lambda self: not self.world.broker.up)
    @rule(keeps=st.sampled_from(("all", "all", "saved", "saved", "nothing")))
    def start(self, keeps: str) -> None:
        if keeps == "saved":
            self.world.lose(self.stopped_ms - SAVE_EVERY_MS)
        elif keeps == "nothing":
            self.world.lose(-1)
        self.world.broker.start(keeps=keeps)

    def teardown(self) -> None:
        world = self.world
        if not world.broker.up:
            world.broker.start(keeps="all")
        world.broker.mute, world.takes = False, True
        for name in MACHINES:
            world.paths[name].become("whole")
            self.live_again(name)
        world.wait(180_000)
        assert world.kept == {name: {} for name in SPEAKERS}, "a speaker still has something to say"
        assert not world.owed, "acknowledged, kept, and never delivered"
        for numbers in world.firsts():
            assert numbers == sorted(numbers), "out of order"


AnyBreakage.TestCase.settings = settings(max_examples=120, stateful_step_count=30)
TestAnyBreakage = AnyBreakage.TestCase
