"""What tests of several parts share: a fleet's keys, and badges made with them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.errors import SimulatorError
from simulator.mosquitto import Mosquitto

FLEET_KEY = bytes(range(16))
BADGE_KEY = bytes(range(100, 116))
NUMBER = 7


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

    def make(*settings: str) -> Mosquitto:
        try:
            return Mosquitto(tmp_path, *settings)
        except SimulatorError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))

    return make
