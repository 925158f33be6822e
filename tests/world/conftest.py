"""Small plans for tests, as TOML."""

from collections.abc import Callable

import pytest

from simulator.world.plan import Plan

HEAD = 'name = "test"\norigin = { latitude = 51.5, longitude = -0.1 }\n'
PLACE = 'places = [{ name = "desk", x = 0, y = 0 }]\n'
HUB = 'hubs = [{ name = "hub", x = 30, y = 0, receiver = "dongle" }]\n'

MakePlan = Callable[[str], Plan]


@pytest.fixture
def plan_of() -> MakePlan:
    """A plan with one place, one hub 30 m east of it, and what else is said."""
    return lambda more="": Plan.parse("test.toml", HEAD + PLACE + HUB + more)
