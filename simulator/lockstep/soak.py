"""The long proof: thousands of seeds, a million badge-hours, and what came of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.lockstep.search import Job, Outcome
from simulator.lockstep.tally import Tally
from simulator.scenario.story import Chance, DeskTable, Story, load, shipped

#: Where whole fleets are, with which hubs, and how many seeds of each: a million badge-hours.
_FLEETS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("farmhouse", ("hub-farm",), 180),
    ("clinic", ("hub-corridor",), 190),
    ("street", ("hub-office", "hub-no-8"), 90),
    ("offices", (), 25),
    ("old_town", (), 35),
)
#: How many seeds of each plan's storms.
_STORMS = {"clinic": 1_500, "street": 2_000, "offices": 800, "old_town": 2_000, "farmhouse": 2_200}
PLANS = tuple(_STORMS)
#: Where the firmware is, and how many seeds: few where a call may go unheard for hours, as a badge
#: does not sleep then.
_FIRMWARE = {"clinic": 28, "street": 28, "offices": 26, "farmhouse": 6}
_FREE = DeskTable(visit="15 min", grace="1 min")
#: What only the VM can be given, or what means the most there.
_BADGE_FAULTS = (
    "has power cut in a write", "loses the battery", "has a task crash", "has memory full",
    "has a worn flash", "has a bouncing button", "has a stuck button", "has a mute receiver",
    "floods connections", "forges frames", "replays frames", "is noisy",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One kind of run: its story, whether in the VM, and how many seeds of it."""

    story: Story
    vm: bool
    seeds: int


def parts(share: float = 1.0) -> tuple[Part, ...]:
    """What a soak is made of. share: of its length, 1.0 = 10,000 seeds, a million badge-hours."""

    def some(seeds: int, least: int = 0) -> int:
        return max(least, round(seeds * share))

    storms = tuple(
        Part(_storm(plan), vm=False, seeds=some(seeds, least=1)) for plan, seeds in _STORMS.items()
    )
    fleets = tuple(
        Part(_fleet(plan, hubs), vm=False, seeds=some(seeds)) for plan, hubs, seeds in _FLEETS
    )
    firmware = tuple(
        Part(_firmware(plan), vm=True, seeds=some(seeds)) for plan, seeds in _FIRMWARE.items()
    )
    told = tuple(Part(load(name), vm=False, seeds=some(70)) for name in shipped())
    # The longest runs first, so that no processor is left alone with one at the end.
    return tuple(part for part in (*fleets, *firmware, *told, *storms) if part.seeds)


def _storm(plan: str) -> Story:
    """Few badges, everything breaks."""
    return Story(
        name=f"storm at {plan}",
        plan=plan,
        length="20 min",
        crowd=3,
        chance=Chance(presses=3.0, walks=2.0, faults=24.0),
        desk=_FREE,
    )


def _fleet(plan: str, hubs: tuple[str, ...]) -> Story:
    """A whole fleet through a shift, with a heartbeat every twenty minutes."""
    return Story(
        name=f"fleet at {plan}",
        plan=plan,
        hubs=hubs,
        length="6 h",
        crowd=320,
        heartbeat="20 min",
        chance=Chance(presses=0.002, walks=0.01, faults=5.0),
        desk=_FREE,
    )


def _firmware(plan: str) -> Story:
    """The real firmware and real databases, for hours, with its own faults before all."""
    return Story(
        name=f"firmware at {plan}",
        plan=plan,
        length="10 h",
        crowd=6,
        heartbeat="10 min",
        chance=Chance(presses=0.06, walks=0.05, faults=5.0, kinds=_BADGE_FAULTS),
        desk=_FREE,
    )


def jobs(parts_: tuple[Part, ...], first_seed: int) -> Iterator[Job]:
    """Each part's seeds, from the first on."""
    for part in parts_:
        for seed in range(first_seed, first_seed + part.seeds):
            yield Job(part.story, seed, part.vm)


@dataclass
class Result:
    """What came of all runs so far."""

    seeds: int = 0
    badge_hours: float = 0.0
    vm_hours: float = 0.0
    processor_s: float = 0.0
    tally: Tally = field(default_factory=Tally)
    failed: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """One more."""
        self.seeds += 1
        self.badge_hours += outcome.badge_hours
        self.vm_hours += outcome.badge_hours if outcome.vm else 0.0
        self.processor_s += outcome.took_s
        self.tally.add(outcome.tally)
        if outcome.failed:
            self.failed.append(outcome)
