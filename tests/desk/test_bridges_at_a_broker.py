"""Home Assistant and OwnTracks see at a real broker what the desk knows."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest_asyncio

from desk.app import Desk
from desk.bridges import HomeAssistantOptions, OwnTracksOptions
from desk.config import Badge, DeskConfig
from gateway.contract.messages import GatewayState, Report, encode, rfc3339
from gateway.contract.session import BrokerOptions, Received, Session
from gateway.contract.topics import Topics
from simulator.broker import EmbeddedBroker

TIMEOUT_S = 30


class Tools:
    """Home Assistant's and OwnTracks' subscriptions, and a gateway's voice."""

    def __init__(self, url: str, topics: Topics) -> None:
        self.up = asyncio.Event()
        self.seen: dict[str, Received] = {}
        self.session = Session(
            BrokerOptions(url=url),
            "tools",
            will=None,
            subscriptions=("homeassistant/#", "owntracks/#", f"{topics.root}badge/+/safety"),
            on_message=self._hear,
            on_link=lambda up, _: self.up.set() if up else self.up.clear(),
            on_puback=lambda _: None,
        )
        self._came = asyncio.Event()

    async def until(self, topic: str, holds: Callable[[dict[str, object]], bool]) -> Received:
        while True:
            received = self.seen.get(topic)
            if received is not None and holds(json.loads(received.payload)):
                return received
            self._came.clear()
            await self._came.wait()

    def _hear(self, received: Received) -> None:
        self.session.acknowledge(received)
        self.seen[received.topic] = received
        self._came.set()


@pytest_asyncio.fixture
async def tools(tmp_path: Path, topics: Topics) -> AsyncIterator[Tools]:
    broker = EmbeddedBroker()
    await broker.start()
    tools = Tools(broker.url, topics)
    config = DeskConfig(
        fleet="demo",
        database=str(tmp_path / "desk.db"),
        control=str(tmp_path / "desk.sock"),
        broker=BrokerOptions(url=broker.url),
        badges=(Badge(1, "Asha Nair"),),
        homeassistant=HomeAssistantOptions(enabled=True),
        owntracks=OwnTracksOptions(enabled=True),
    )
    serving = [asyncio.create_task(part) for part in (tools.session.run(), Desk(config).run())]
    await tools.up.wait()
    yield tools
    for task in serving:
        task.cancel()
    await asyncio.wait(serving)
    await broker.stop()


async def test_a_press_shows_in_the_tools_that_people_have(
    tools: Tools, topics: Topics, report: Callable[..., Report], now_ms: int
) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        await tools.until(topics.safety(1), lambda told: told["safe"] is True)
        node = "homeassistant/binary_sensor/tocsin-demo-badge-1/safety/config"
        await tools.until(node, lambda config: config["state_topic"] == topics.safety(1))
        state = GatewayState(gateway="hub-1", state="online", at=rfc3339(now_ms))
        tools.session.publish(topics.gateway_state("hub-1"), encode(state), retain=True)
        raised = report()
        tools.session.publish(topics.event(1, 2, "hub-1"), encode(raised))
        await tools.until(topics.safety(1), lambda told: told["alert"] == "1-2")
        track = await tools.until("owntracks/demo/badge-1", lambda told: told["lat"] == 53.5)
        assert not track.retained
        hub = "homeassistant/binary_sensor/tocsin-demo-gateway-hub-1/connectivity/config"
        await tools.until(hub, lambda config: config["device_class"] == "connectivity")
