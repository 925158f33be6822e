"""A whole gateway on one core against a real Mosquitto, beside Theengs Gateway in the same run.

Ours: sealed frames to intake, a commit on disk, a report published with QoS 1, and
removed on its PUBACK. The peer: encrypted BTHome presses through its own callback,
QoS 0, nothing on disk. The same number each, one after the other, the same broker.
"""

import asyncio
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.figures import Figure
from gateway.contract.session import BrokerOptions, Received, Session
from simulator.fleet import make_fleet
from simulator.mosquitto import Mosquitto

PRESSES = 20_000
BADGES = 100
PEER = "Theengs Gateway, encrypted BTHome, QoS 0, nothing on disk"


class _Listener:
    """What the broker passes on: how many messages below each first level."""

    def __init__(self, url: str) -> None:
        self.heard: Counter[str] = Counter()
        self.up = asyncio.Event()
        self._session = Session(
            BrokerOptions(url=url),
            "bench",
            will=None,
            subscriptions=("tocsin/v1/+/event/#", "home/TheengsGateway/BTtoMQTT/#"),
            on_message=self._hear,
            on_link=lambda up, _: self.up.set() if up else None,
            on_puback=lambda _: None,
        )
        self.running = asyncio.create_task(self._session.run())

    def _hear(self, received: Received) -> None:
        self._session.acknowledge(received)
        # What the peer could not open it passes on as it came, and that is not the same work.
        opened = received.topic.startswith("tocsin/") or b'"button"' in received.payload
        self.heard[received.topic.split("/")[0]] += opened


def run() -> list[Figure]:
    """Both, and how many of the messages arrived."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Figure]:
    # As deploy/mosquitto says; the default of 20 is for others' sake.
    broker = Mosquitto(folder, "allow_anonymous true", "max_inflight_messages 100")
    await broker.start()
    port = broker.url.rsplit(":", 1)[1]
    listener = _Listener(broker.url)
    await listener.up.wait()
    fleet = make_fleet("bench", BADGES, random.Random(1))
    fleet.write_registry(folder / "registry.toml")
    fleet.write_gateway(folder / "gateway.toml", "hub", folder / "registry.toml", broker.url)
    ours_s = await _run("gateway_under_load", str(folder))
    peer_s = await _run("theengs_under_load", port)
    listener.running.cancel()
    await asyncio.wait((listener.running,))
    await broker.stop()
    rate, peer_rate = PRESSES / ours_s, PRESSES / peer_s
    peer_arrived = float(listener.heard["home"])
    return [
        Figure(
            "presses to a real broker, one core", rate, "1/s", PEER, peer_rate, rate / peer_rate
        ),
        Figure(
            "of them arrived at a subscriber",
            100 * listener.heard["tocsin"] / PRESSES,
            "%",
            PEER,
            100 * peer_arrived / PRESSES,
            None,
        ),
    ]


async def _run(module: str, place: str) -> float:
    command = [sys.executable, "-m", f"benchmarks.{module}", place, str(PRESSES)]
    ended = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{module}: {ended.stderr.strip() or 'failed'}")
    return float(ended.stdout.split()[-1])
