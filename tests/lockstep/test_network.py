"""One client's TCP: what was sent arrives once and in order, or is gone with its connection."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from simulator.lockstep.agenda import Agenda
from simulator.lockstep.network import Condition, Path
from simulator.world.draws import Draws

conditions: st.SearchStrategy[Condition] = st.sampled_from(("whole", "slow", "swallows", "cut"))


class Send(NamedTuple):
    topic: str


class Wait(NamedTuple):
    ms: int


class Forget(NamedTuple):
    pass


Step = Send | Wait | Forget | Condition
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.builds(Send, st.sampled_from(("", "a")))
    | st.builds(Wait, st.integers(0, 6) | st.sampled_from((20, 1_000, 3_000)))
    | conditions,
    min_size=8,
    max_size=30,
)


class Line:
    """A path, and what went into it and came out of it."""

    def __init__(self, seed: int) -> None:
        self.agenda = Agenda()
        self.path = Path(Draws(seed).uniform)
        self.sent: list[tuple[str, int]] = []
        self.arrived: list[tuple[str, int]] = []
        self.watched = 0
        self.path.watch = self._watch

    def play(self, steps: list[Step]) -> None:
        for step in steps:
            match step:
                case Send(topic):
                    packet = (topic, len(self.sent))
                    self.sent.append(packet)
                    self.path.up(self.agenda, self._arrive, packet, topic=topic)
                case Wait(ms):
                    self.agenda.run(self.agenda.now_ms + ms)
                case Forget():
                    self.path.forget()
                case condition:
                    self.path.become(condition)

    def heal(self) -> None:
        self.path.become("whole")
        self.agenda.run(self.agenda.now_ms + 60_000)

    def of(self, topic: str) -> list[int]:
        return [number for at, number in self.arrived if at == topic]

    def _arrive(self, packet: tuple[str, int]) -> None:
        assert self.path.whole, "something arrived over a way that is cut"
        self.arrived.append(packet)

    def _watch(self) -> None:
        self.watched += 1


@given(st.integers(0, 1000), steps)
def test_all_arrives_once_and_those_of_a_topic_in_their_order_once_the_way_is_whole(
    seed: int, steps: list[Step]
) -> None:
    line = Line(seed)
    line.play(steps)
    line.heal()
    assert sorted(line.arrived) == sorted(line.sent)
    for topic in ("", "a"):
        assert line.of(topic) == sorted(line.of(topic))


@given(st.integers(0, 1000), steps, steps)
def test_what_a_connection_had_under_way_when_the_way_broke_is_gone_with_it(
    seed: int, before: list[Step], after: list[Step]
) -> None:
    line = Line(seed)
    line.play([*before, "swallows", Wait(3_000)])  # what was in the air is held by now
    lost = set(line.sent) - set(line.arrived)
    line.play([Forget(), *after])
    line.heal()
    assert set(line.sent) - set(line.arrived) == lost
    for topic in ("", "a"):
        assert line.of(topic) == sorted(line.of(topic))


@given(st.integers(0, 1000), st.sampled_from(("whole", "slow")), st.integers(1, 30))
def test_a_packet_takes_milliseconds_and_over_a_slow_way_seconds_at_most(
    seed: int, condition: Condition, packets: int
) -> None:
    line = Line(seed)
    least_ms, most_ms = (5, 13) if condition == "whole" else (751, 2_251)
    line.play([condition, *[Send(str(number)) for number in range(packets)]])
    line.agenda.run(least_ms - 1)
    assert not line.arrived
    line.agenda.run(most_ms)
    assert len(line.arrived) == packets


@given(st.lists(conditions, max_size=5))
def test_who_watches_is_told_of_each_change(changes: list[Condition]) -> None:
    line = Line(1)
    line.play([*changes])
    assert line.watched == len(changes)
