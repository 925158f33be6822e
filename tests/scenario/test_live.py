"""A story in real time: real firmware, radio stack, gateway, desk and broker."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import plans
from simulator.errors import SimulatorError
from simulator.live.brokers import LiveBroker, make_broker
from simulator.live.play import play
from simulator.lockstep.log import Entry, read
from simulator.scenario.story import parse
from tests.conftest import installed
from tests.simulator.test_broker import Client

STORY = """
name = "One press at the desk"
about = "Maria holds the button. The hub behind her is killed while it hears her."
plan = "clinic"
length = "10 min"
settle = "2 min"
hubs = ["hub-reception"]

[[wearers]]
name = "Maria"
at = "reception desk"

[[steps]]
at = "1 s"
who = "Maria"
does = "holds the button"

[[steps]]
at = "2.6 s"
who = "hub-reception"
does = "is killed"
lasts = "1 s"

[[steps]]
at = "8 min"
who = "Maria"
does = "presses once"
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    # pytest's own directories are too long for the sockets in them.
    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:
        yield Path(name)


async def test_a_story_that_is_stopped_early_ends_with_its_alert_delivered(folder: Path) -> None:
    story = parse("1.toml", STORY)
    entries: list[Entry] = []
    notes: list[str] = []
    played = await play(
        story, plans.load(story.plan), seed=1, broker="amqtt", folder=folder, until_ms=4_000,
        listeners=(entries.append,), notes=notes.append,
    )  # fmt: skip
    told = [f"{entry.who} {entry.what}" for entry in entries]
    assert played.broken == [], told
    assert notes == ["Played differently: is killed; kill -9 comes at once, not at a counted step."]
    (kept, *_) = (entry for entry in entries if entry.facts.get("event") and entry.what == "kept")
    assert (kept.who, kept.facts["event"]) == ("hub-reception", 1)
    assert kept.at_ms > entries[told.index("Maria holds the button")].at_ms
    assert told.count("hub-reception killed") == 1
    assert told.count("hub-reception started") == 2
    assert "desk calls" in told
    said = [entry.facts["phase"] for entry in entries if entry.what == "said"]
    assert said[:2] == ["idle", "raised"]
    assert "delivered" in said
    assert not any(entry.what == "presses" for entry in entries)  # what comes after is not played
    assert [entries[0].what, entries[-1].what] == ["began", "ended"]
    assert all(read(entry.line()).what == entry.what for entry in entries)
    assert [entry.at_ms for entry in entries] == sorted(entry.at_ms for entry in entries)


def test_a_story_for_another_plan_is_refused_before_anything_starts(folder: Path) -> None:
    playing = play(
        parse("1.toml", STORY), plans.load("farmhouse"), seed=1, broker="amqtt", folder=folder
    )
    with pytest.raises(SimulatorError, match="hub-reception"):
        asyncio.run(playing)
    assert not any(folder.iterdir())


@pytest.mark.parametrize("kind", ["mosquitto", "nats"])
async def test_a_broker_comes_back_with_what_it_should_have(tmp_path: Path, kind: str) -> None:
    broker: LiveBroker = installed(lambda: make_broker(kind, tmp_path))
    await broker.start()
    port = int(broker.url.rsplit(":", 1)[1])
    try:
        await publish(port, b"kept")
        await broker.die("all")
        await broker.start()
        assert await retained(port) == b"kept"
        await broker.die("nothing")
        await broker.start()
        await publish(port, b"new", topic="b")
        assert await retained(port) == b"new"
    finally:
        await broker.die("saved")


async def publish(port: int, payload: bytes, topic: str = "a") -> None:
    client = await Client("writer", clean=True).connect(port)
    await client.publish(topic, payload, retain=True)
    await client.close()


async def retained(port: int) -> bytes:
    """The first of what was retained."""
    client = await (await Client("reader", clean=True).connect(port)).subscribe("+")
    payload = await client.payload()
    await client.close()
    return payload
