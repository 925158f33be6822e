"""Where everybody is on the plan: their walks, their radios, and what their receivers see."""

import random
from collections.abc import Collection

from simulator.live.field import Field
from simulator.live.receiver import CarriedReceiver
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.log import Log
from simulator.scenario.story import Story, Wearer
from simulator.world.draws import Draws
from simulator.world.plan import Plan
from simulator.world.radio import Radio
from simulator.world.sky import Sky
from simulator.world.walk import Walk

_SETTLE_MS = 500


class Whereabouts:
    """wearers: in the order of their badges. Raises SimulatorError for a walk that cannot be."""

    def __init__(
        self,
        story: Story,
        plan: Plan,
        wearers: Collection[Wearer],
        draws: Draws,
        rng: random.Random,
        agenda: Agenda,
        log: Log,
    ) -> None:
        self.plan = plan
        self.radio = Radio(plan, draws)
        numbered = dict(enumerate(wearers, 1))
        self.radios = {number: self.radio.badge(number) for number in numbered}
        self.field = Field({f"badge-{number}": one for number, one in self.radios.items()}, rng)
        self._names = {number: wearer.name for number, wearer in numbered.items()}
        self._walks = {
            number: _walk(story, plan, wearer, draws) for number, wearer in numbered.items()
        }
        sky = Sky(draws)
        self.receivers = {
            number: CarriedReceiver(number, walk, plan, sky, lambda: agenda.now_ms)
            for number, walk in self._walks.items()
        }
        self._agenda = agenda
        self._log = log
        self._stood: dict[int, tuple[object, ...]] = {}

    def begin(self) -> None:
        """Follows everybody from now on."""
        for number in self._walks:
            self._tell(number)

    def settle(self) -> None:
        """Radios are where their wearers are now, again and again."""
        now_ms, moved = self._agenda.now_ms, False
        for number, walk in self._walks.items():
            stands = (walk.position(now_ms), walk.heading(now_ms), walk.moving(now_ms))
            if self._stood.get(number) != stands:
                self._stood[number], moved = stands, True
                point, heading, moving = stands
                self.radios[number].place(point, heading, moving=moving)
        if moved:
            self.field.settle()
        self._agenda.after(_SETTLE_MS, self.settle)

    def reached(self, number: int, hubs: Collection[str]) -> bool:
        """Whether one of these hubs could hear a badge where it is, more often than not."""
        links = self.radios[number].links
        return any(
            link.audible and link.hub.name in hubs and link.expected() > 0.5 for link in links
        )

    def _tell(self, number: int) -> None:
        walk, now_ms = self._walks[number], self._agenda.now_ms
        point, floor = walk.position(now_ms), self.plan.floor(walk.position(now_ms))
        name = self._names[number]
        self._log.note(name, "is at", x=round(point.x, 1), y=round(point.y, 1), floor=floor)
        next_ms = walk.next_change_ms(now_ms)
        if next_ms != float("inf"):
            self._agenda.at(int(next_ms) + 1, self._tell, number)


def _walk(story: Story, plan: Plan, wearer: Wearer, draws: Draws) -> Walk:
    stops = [(0, wearer.at)] + [
        (step.at_ms, step.to)
        for step in sorted(story.steps, key=lambda step: step.at_ms)
        if step.does == "walks to" and step.who == wearer.name
    ]
    return Walk(plan, stops, draws, wearer.name)
