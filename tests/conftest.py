"""What tests of several parts share: a fleet's keys, and badges made with them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import structlog
from hypothesis import settings

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.errors import SimulatorError
from simulator.mosquitto import Mosquitto
from simulator.nats import Nats

settings.register_profile("tocsin", deadline=None)  # how busy the machine is proves nothing
settings.load_profile("tocsin")

B = TypeVar("B")

FLEET_KEY = bytes(range(16))
BADGE_KEY = bytes(range(100, 116))
NUMBER = 7


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: many tests wait most of their time, for processes and real clocks."""
    cores = len(os.sched_getaffinity(0))
    return cores + cores // 2


@pytest.fixture(autouse=True)
def logging_as_at_the_start() -> Iterator[None]:
    """A command that a test runs in this process sends the logs where only that test looks."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def badge_files(tmp_path: Path) -> BadgeFiles:
    """The flash of a freshly provisioned badge, number 7."""
    files = BadgeFiles(tmp_path / "badge-7")
    files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY)
    return files


@pytest.fixture
def ear() -> Ear:
    """Who can read that badge's advertisements."""
    return Ear(FLEET_KEY, BADGE_KEY)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Callable[..., Mosquitto]:
    """Makes a Mosquitto with these settings; where there is none that is said, and fails CI."""

    return lambda *settings: installed(lambda: Mosquitto(tmp_path, *settings))


@pytest.fixture
def nats(tmp_path: Path) -> Callable[..., Nats]:
    """Makes a NATS server with these settings; where there is none, as with Mosquitto."""
    return lambda *settings: installed(lambda: Nats(tmp_path, *settings))


def installed(make: Callable[[], B]) -> B:
    """What was made, where its program is installed; where not, that is said, and fails CI."""
    try:
        return make()
    except SimulatorError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
