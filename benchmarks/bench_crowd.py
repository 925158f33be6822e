"""A gateway with 1, 100 and 10,000 badges in range: how late an alert is, how much memory it takes.

Latency: from the radio's callback to the message at a subscriber, through intake, a
commit on disk and a real Mosquitto, while everybody's heartbeats come at their real rate.
Memory: an hour of 10,000 badges' heartbeats, in virtual time.
"""

import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from statistics import quantiles

from benchmarks.figures import Figure
from gateway.contract.session import BrokerOptions, Received, Session
from simulator.mosquitto import Mosquitto

CROWDS = (1, 100, 10_000)
BOUND_MS = 200.0
BOUND_MB = 200.0
WAIT_S = 120.0
_MB = 1 << 20


def run() -> list[Figure]:
    """All crowds, one after the other."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    figures: list[Figure] = []
    for badges in CROWDS:
        with tempfile.TemporaryDirectory() as folder:
            figures += await _latency(Path(folder), badges)
    with tempfile.TemporaryDirectory() as folder:
        figures += await _memory(Path(folder), CROWDS[-1])
    return figures


async def _latency(folder: Path, badges: int) -> list[Figure]:
    broker = Mosquitto(folder)
    await broker.start()
    arrived: dict[tuple[str, str], int] = {}
    came, up = asyncio.Event(), asyncio.Event()

    def hear(received: Received) -> None:
        session.acknowledge(received)
        _, badge, event, _ = received.topic.rsplit("/", 3)
        arrived.setdefault((badge, event), time.time_ns())
        came.set()

    session = Session(
        BrokerOptions(url=broker.url),
        "bench",
        will=None,
        subscriptions=("tocsin/v1/+/event/#",),
        on_message=hear,
        on_link=lambda is_up, _: up.set() if is_up else None,
        on_puback=lambda _: None,
    )
    listening = asyncio.create_task(session.run())
    await up.wait()
    gateway = await _gateway("latency", folder, broker.url, badges)
    heard: dict[tuple[str, str], int] = {}
    assert gateway.stdout is not None
    async with asyncio.timeout(WAIT_S):
        while (line := (await gateway.stdout.readline()).split()) != [b"done"]:
            badge, event, at_ns = (word.decode() for word in line)
            heard[badge, event] = int(at_ns)
        while not heard.keys() <= arrived.keys():
            came.clear()
            await came.wait()
    gateway.kill()
    await gateway.wait()
    listening.cancel()
    await asyncio.wait((listening,))
    await broker.stop()
    took_ms = [(arrived[key] - at_ns) / 1e6 for key, at_ns in heard.items()]
    return _figures(badges, took_ms)


def _figures(badges: int, took_ms: list[float]) -> list[Figure]:
    cuts = quantiles(took_ms, n=100)
    name = f"{badges:,} badge{'s' * (badges > 1)} in range: heard to subscriber"
    bound = "the project's own bound"
    return [
        Figure(f"{name} p50", cuts[49], "ms", None, None, None),
        Figure(f"{name} p99", cuts[98], "ms", bound, BOUND_MS, BOUND_MS / cuts[98]),
    ]


async def _memory(folder: Path, badges: int) -> list[Figure]:
    broker = Mosquitto(folder)
    await broker.start()
    gateway = await _gateway("memory", folder, broker.url, badges)
    out, _ = await gateway.communicate()
    await broker.stop()
    before, after = (int(word) / _MB for word in out.split())
    name, bound = f"{badges:,} badges: memory after an hour", "the project's own bound"
    return [
        Figure(name, after, "MB", bound, BOUND_MB, BOUND_MB / after),
        Figure(f"{name}, growth", after - before, "MB", None, None, None),
    ]


async def _gateway(
    what: str, folder: Path, broker_url: str, badges: int
) -> asyncio.subprocess.Process:
    (folder / "gateway.toml").write_text(
        'fleet = "bench"\nname = "hub"\ndatabase = "gateway.db"\nregistry = ""\n'
        f'[broker]\nurl = "{broker_url}"\n'
    )
    module = "benchmarks.gateway_in_a_crowd"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, what, str(folder), str(badges)), stdout=PIPE
    )
