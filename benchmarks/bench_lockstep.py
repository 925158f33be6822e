"""The simulator in virtual time: badge-hours for each second of a processor, and how cost grows.

A quiet fleet with a heartbeat a minute, and one that lives through presses and faults; as cores
and with the firmware in its VM; with more badges, and with more hubs. Times are those of the
processor, the VM's processes included.
"""

import resource

from benchmarks.figures import Figure
from simulator import plans
from simulator.lockstep.run import run as play
from simulator.scenario.draw import drawn
from simulator.scenario.story import Chance, Story

PLAN = "offices"
BADGES = (1, 10, 100)
IN_THE_VM = (1, 4)
HUBS = (1, 3, 6)
_VM_HOUR = "virtual time: what the VM of a quiet badge costs, an hour"
_BOUND_VM_S = 0.5  # a quiet badge in the VM costs at most about so much an hour


def run() -> list[Figure]:
    """All sizes, both ways."""
    figures = [
        *(_rate(f"cores, {n} badges, 1 hub, quiet", _quiet(n, 1, "2 h")) for n in BADGES),
        *(_rate(f"cores, 20 badges, {n} hubs, quiet", _quiet(20, n, "2 h")) for n in HUBS),
        _rate("cores, 20 badges, 6 hubs, 20 faults an hour", _stormy(20, "2 h")),
        *(_rate(f"VM, {n} badges, 1 hub, quiet", _quiet(n, 1, "1 h"), vm=True) for n in IN_THE_VM),
    ]
    story = _quiet(4, 1, "1 h")
    cost_s = (_processor_s(story, vm=True) - _processor_s(story)) / story.crowd
    ratio = cost_s / _BOUND_VM_S
    return [*figures, Figure(_VM_HOUR, cost_s, "s", "bound", _BOUND_VM_S, ratio)]


def _quiet(badges: int, hubs: int, length: str) -> Story:
    names = tuple(plans.load(PLAN).hubs)[:hubs]
    return Story(name="bench", plan=PLAN, length=length, crowd=badges, hubs=names)


def _stormy(badges: int, length: str) -> Story:
    chance = Chance(presses=0.5, walks=1.0, faults=20.0)
    return Story(name="bench", plan=PLAN, length=length, crowd=badges, chance=chance)


def _rate(name: str, story: Story, *, vm: bool = False) -> Figure:
    hours = story.crowd * story.length_ms / 3_600_000
    rate = hours / _processor_s(story, vm=vm)
    return Figure(f"virtual time: {name}", rate, "badge-hours/s", None, None, None)


def _processor_s(story: Story, *, vm: bool = False) -> float:
    plan = plans.load(PLAN)
    whole = drawn(story, plan, 1)
    before_s = _spent_s()
    broken = play(whole, plan, 1, vm=vm, disks=vm)
    assert not broken, broken
    return _spent_s() - before_s


def _spent_s() -> float:
    """Of a processor, by this process and those that it has started and seen end."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
