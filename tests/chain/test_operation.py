"""What a whole chain tells those who run it, and what it keeps to itself."""

import asyncio
import re
import tempfile
from pathlib import Path

import msgspec

from gateway.contract.messages import Phase
from gateway.status.asking import ask
from gateway.status.metrics import exposition
from simulator.chain import ChainOptions
from simulator.conductor import WALK, Conductor
from simulator.journey import Journey
from simulator.nursery import Nursery

WAIT_S = 60.0
QUICK = {"hold_ms": 150, "press_window_ms": 300, "sleep": False}
# As degrees or as microdegrees, north or west.
EUSTON_ROAD = re.compile(r"\b51\.52|\b5152\d{4}\b|-0\.13[345]|-13[345]\d{3}\b")


def logs(directory: Path) -> str:
    return "".join(log.read_text() for log in sorted(directory.glob("*.log")))


def is_located(journey: Journey) -> bool:
    return journey.record is not None and journey.record.position is not None


def test_the_walk_is_on_euston_road() -> None:
    for place in WALK:
        assert EUSTON_ROAD.search(f"{place.latitude}")
        assert EUSTON_ROAD.search(f" {place.longitude}")
        assert EUSTON_ROAD.search(f"{round(place.latitude * 1e6)}")


async def test_a_run_is_shown_as_it_is_and_no_log_or_page_holds_a_key_or_a_position(
    nursery: Nursery,
) -> None:
    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:
        directory = Path(name)
        async with Conductor(directory, ChainOptions(seed=1, badge=QUICK, nursery=nursery)) as run:
            run.hold()
            assert await run.until(is_located, WAIT_S)
            (listen,) = run.chain.status_pages.values()
            snapshot = await asyncio.to_thread(ask, listen)
            run.acknowledge()
            await run.until(lambda journey: journey.record.phase is Phase.ACKNOWLEDGED, WAIT_S)
            fleet = run.chain.fleet
        told = msgspec.json.encode(snapshot).decode() + exposition(snapshot).decode()
        logged = logs(directory)
    (badge,) = snapshot.badges
    assert (badge.number, snapshot.state, snapshot.link.up) == (1, "online", True)
    assert badge.phase in (Phase.RAISED, Phase.HEARD, Phase.DELIVERED)
    assert snapshot.radios[0].adverts > 0
    assert snapshot.accepted > 0
    assert "gateway.started" in logged
    for secret in (fleet.fleet_key.hex(), *(key.hex() for key in fleet.badges.values())):
        assert secret not in told + logged
    assert not EUSTON_ROAD.search(logged + told)
