"""A desk killed at any step loses nothing that it committed, and promises nothing it has not."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from desk.core import Core, Setting
from desk.engine import Engine
from desk.store import Store
from desk.turns import Acknowledge, Connected, Resolve
from gateway.contract.messages import Kind, Opcode, Phase, Report
from gateway.contract.session import Received
from gateway.contract.topics import Topics

from .conftest import KilledError, Ledger, World


class Story:
    """A press, heard by two gateways, answered by Ben; told to desks that may be killed."""

    def __init__(self, path: Path, topics: Topics, now_ms: int) -> None:
        self.path = path
        self.topics = topics
        self.now_ms = now_ms

    def open(self, world: World) -> tuple[Store, Engine]:
        store = Store(self.path)
        core = Core(Setting({1: "Asha N."}), store.load())
        ledger = Ledger(world, store.commit)
        return store, Engine(core, ledger, world, self.topics, lambda: self.now_ms)

    def live(self, world: World, messages: list[Received]) -> None:
        """One life of a desk: what the broker still holds, then what Ben still wants."""
        store, engine = self.open(world)
        try:
            engine.step(Connected())
            for received in messages:
                if received not in world.acknowledged:
                    engine.take([received])
            for answer in (Acknowledge("1-2", "Ben", 5), Resolve("1-2", "Ben")):
                engine.step(answer)
        finally:
            store.close()


@pytest.fixture
def story(tmp_path: Path, topics: Topics, now_ms: int) -> Story:
    return Story(tmp_path / "desk.db", topics, now_ms)


@pytest.fixture
def messages(report: Callable[..., Report], received: Callable[..., Received]) -> list[Received]:
    return [
        received(report()),
        received(report(counter=11, gateway="hub-2", phase=Phase.HEARD)),
        received(report(kind=Kind.TEST, event=3, counter=12)),
    ]


def check_promises(world: World, story: Story) -> None:
    """Whatever was shown is on disk."""
    store = Store(story.path)
    kept = {str(alert.key): alert for alert in store.load().alerts}
    store.close()
    for name, record in world.records.items():
        assert record.phase.rank <= kept[name].phase.rank
    for command in world.commands:
        alert = kept[f"{command.badge}-{command.event}"]
        assert alert.phase.rank >= Phase(command.opcode).rank
    if world.acknowledged:
        assert kept


def test_a_desk_killed_at_every_step_loses_nothing_and_says_nothing_untrue(
    tmp_path: Path, topics: Topics, now_ms: int, messages: list[Received]
) -> None:
    for step in count():
        story = Story(tmp_path / f"{step}.db", topics, now_ms)
        world = World(steps=step)
        survived = False
        try:
            story.live(world, messages)
            survived = True
        except KilledError:
            check_promises(world, story)
        world.fuse.left = None
        story.live(world, messages)  # the next life
        check_promises(world, story)
        assert sorted(world.records) == ["1-2", "1-3"]
        assert world.records["1-2"].phase is Phase.RESOLVED
        assert world.records["1-2"].holder == "Ben"
        assert world.records["1-2"].gateways == ("hub-1", "hub-2")
        assert {command.opcode for command in world.commands} >= {
            Opcode.DELIVERED,
            Opcode.RESOLVED,
        }
        assert world.acknowledged
        if survived:
            assert step > 15, "the story became shorter than it was"
            return


def test_nothing_is_told_before_the_commit_and_the_broker_hears_last(
    story: Story, messages: list[Received]
) -> None:
    world = World()
    store, engine = story.open(world)
    engine.take(messages[:1])
    engine.step(Acknowledge("1-2", "Ben", None))
    store.close()
    assert world.log == [
        "commit",
        "announce 1-2 delivered",
        "send 1-2 delivered",
        "acknowledge",
        "commit",
        "announce 1-2 acknowledged",
        "send 1-2 acknowledged",
    ]


def test_messages_that_arrive_together_are_committed_together(
    story: Story, messages: list[Received]
) -> None:
    world = World()
    store, engine = story.open(world)
    engine.take(messages)
    store.close()
    assert world.log.count("commit") == 1
    assert world.log.index("commit") == 0
    assert len(world.acknowledged) == 3


def test_a_badge_that_missed_the_command_of_a_killed_desk_gets_it_from_the_next(
    story: Story, report: Callable[..., Report], received: Callable[..., Received]
) -> None:
    first, late = World(steps=3), World()  # commit, committed, announce; killed before send
    store, engine = story.open(first)
    with pytest.raises(KilledError):
        engine.take([received(report())])
    store.close()
    assert first.commands == []
    store, engine = story.open(late)
    engine.take([received(report(counter=11, phase=Phase.HEARD))])
    store.close()
    assert [command.opcode for command in late.commands] == [Opcode.DELIVERED]
