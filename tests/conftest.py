"""What tests of several parts share: a fleet's keys, and badges made with them."""

from pathlib import Path

import pytest

from simulator.badge_files import BadgeFiles
from simulator.ear import Ear

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
