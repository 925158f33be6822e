"""Everybody and everything of a live run: a story is played on it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import cast

from simulator.chain import Chain, ChainOptions
from simulator.ear import Ear
from simulator.live.attacker import Attacker
from simulator.live.badge import ACCELEROMETER, LiveBadge
from simulator.live.brokers import Keeps, LiveBroker
from simulator.live.console import Console
from simulator.live.disks import DeskDisk, HubDisk
from simulator.live.machine import HubMachine, Machine, Orders
from simulator.live.people import People
from simulator.live.stranger import telephone
from simulator.live.telephones import Telephones, heartbeat_s, write_desk_tables
from simulator.live.whereabouts import Whereabouts
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.badge import Badge
from simulator.lockstep.cast import wearers_of
from simulator.lockstep.log import Log
from simulator.lockstep.people import Wearer
from simulator.peripheral import Peripheral
from simulator.proxy import Mode
from simulator.scenario.duration import milliseconds
from simulator.scenario.story import Story
from simulator.world.draws import Draws
from simulator.world.plan import Plan

_DESK = "simulator.live.desk_process"
_LOOK_MS = 200


class LiveStage:
    """Use as an async context manager; all is up when the block begins.

    folder: for configuration, databases, flash images and logs; its path must be short. agenda:
    somebody else lets time pass on it. broker: None when it is somebody else's. Raises
    SimulatorError when a part does not start.
    """

    def __init__(
        self,
        story: Story,
        plan: Plan,
        seed: int,
        broker_url: str,
        *,
        folder: Path,
        agenda: Agenda,
        log: Log,
        broker: LiveBroker | None = None,
    ) -> None:
        self.story = story
        self.plan = plan
        self.agenda = agenda
        self.log = log
        self.orders = Orders()
        self.hub_names = story.hubs or tuple(plan.hubs)
        self._broker = broker
        draws, rng = Draws(seed), random.Random(seed)  # noqa: S311 - a simulation's
        self._cast = wearers_of(story, tuple(plan.places), draws)
        self.where = Whereabouts(story, plan, self._cast, draws, rng, agenda, log)
        self._telephones = _telephones(story)
        self.chain = Chain(
            folder,
            self._options(seed, broker_url, folder),
            on_said=lambda number, words: self.badges[number].said(words),
            receivers=lambda number: self.where.receivers[number].bursts(),
        )
        self.badges = {number: self._badge(number) for number in self.chain.badges}
        self.wearers = {one.name: self._wearer(at) for at, one in enumerate(self._cast, 1)}
        self._hire(draws)
        self._open_disks(folder)
        self.attacker = Attacker(self.chain.air, agenda, log, rng)
        self.chain.air.on_heard = lambda who, _hub, told: self.attacker.overhear(who, told)
        self._stranger: Peripheral | None = None
        self.hubs: dict[str, HubMachine] = {}
        self._machines: tuple[Machine, ...] = ()

    async def __aenter__(self) -> LiveStage:
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Everything off."""
        self.attacker.close()
        if self._stranger is not None:
            self._stranger.close()
        self._console.close()
        await self.chain.close()
        self._disk.close()
        await self._telephones.stop()

    async def _start(self) -> None:
        self.where.settle()
        await self._telephones.start()
        self.chain.move_clock("desk", 0)
        if self.story.ambient:
            self._stranger = telephone(self.chain.air)
        for name in ("desk", *self.hub_names):
            self.log.note(name, "started")
        await self.chain.__aenter__()
        self.desk = Machine(
            "desk", self.chain.desk, self.chain.networks["desk"],
            lambda ms: self.chain.move_clock("desk", ms), self.log, self.orders,
        )  # fmt: skip
        self.hubs = {name: self._hub(name) for name in self.hub_names}
        self._machines = (self.desk, *self.hubs.values())
        self._console.start()
        self._keep_looking()
        self.where.begin()

    # -- who there is -------------------------------------------------------

    def badge_of(self, wearer: str) -> LiveBadge:
        """The badge that somebody wears."""
        return self.badges[self.wearers[wearer].badge.number]

    def _options(self, seed: int, broker_url: str, folder: Path) -> ChainOptions:
        return ChainOptions(
            loss=0.0,  # the field loses packets
            badges=len(self._cast),
            broker_url=broker_url,
            seed=seed,
            signal=self.where.field.hears,
            badge={
                "heartbeat_ms": heartbeat_s(self.story) * 1_000,
                "man_down": self._falls,
                "sleep": False,  # a press must not depend on how fast this machine starts a VM
            },
            drills=tuple(at for at, wearer in enumerate(self._cast, 1) if wearer.drill),
            hubs=self.hub_names,
            wearers=tuple(wearer.name for wearer in self._cast),
            desk=write_desk_tables(self.story, self._telephones, folder),
            desk_program=("-m", _DESK),
            networks=True,
        )

    @property
    def _falls(self) -> bool:
        return any(step.does == "falls" for step in self.story.steps)

    def _badge(self, number: int) -> LiveBadge:
        name = self._cast[number - 1].name
        badge = LiveBadge(
            number, self._ear(number), self.agenda, self.log,
            on_say=self.look,
            on_felt=lambda names: self.wearers[name].feel(names),  # noqa: PLW0108 - who come later
            on_listen=self.where.receivers[number].switch,
            on_interval=self.where.radios[number].advertise,
        )  # fmt: skip
        badge.hardware = self.chain.badges[number]
        if self._falls:
            badge.hardware.feel(ACCELEROMETER)
        return badge

    def _wearer(self, number: int) -> Wearer:
        # A wearer presses, lets fall, and nothing else: a live badge takes that as well.
        badge = cast("Badge", self.badges[number])
        return Wearer(self._cast[number - 1].name, badge, self.agenda, self.log)

    def _ear(self, number: int) -> Ear:
        return Ear(self.chain.fleet.fleet_key, self.chain.fleet.badges[number])

    def _hub(self, name: str) -> HubMachine:
        return HubMachine(
            name, self.chain.gateways[name], self.chain.networks[name],
            lambda ms: self.chain.move_clock(name, ms), self.log, self.orders,
            field=self.where.field,
        )  # fmt: skip

    def _hire(self, draws: Draws) -> None:
        """Those who sit at the desk, before its screen."""
        contacts = self.story.desk.contacts
        self._console = Console(
            self.chain.control, self.log, on_told=self.look,
            on_record=lambda record: self.people.see(record),  # noqa: PLW0108 - who come later
        )  # fmt: skip
        self.people = People(
            self.agenda, self.log, draws, self._console.ask,
            watched=self.story.desk.watched,
            answers_ms={one.name: milliseconds(one.answers) for one in contacts if one.answers},
        )  # fmt: skip

    # -- what is seen -------------------------------------------------------

    def look(self) -> None:
        """What disks and logs say now is noted before anything that follows from it."""
        for disk in self._hub_disks:
            disk.look()
        self._disk.look()
        for machine in self._machines:
            machine.look()

    @property
    def alerts(self) -> list[str]:
        """All that the desk has on disk, and not filed away."""
        return self._disk.alerts

    def _open_disks(self, folder: Path) -> None:
        ears = {number: self._ear(number) for number in self.chain.badges}
        self._disk = DeskDisk(folder / "desk.db", self.log, on_call=self.people.called)
        self._hub_disks = tuple(
            HubDisk(name, folder / f"{name}.db", ears, self.log) for name in self.hub_names
        )

    def _keep_looking(self) -> None:
        self.look()
        self.agenda.after(_LOOK_MS, self._keep_looking)

    # -- what breaks, and is mended -----------------------------------------

    def mend(self) -> None:
        """Everything is whole, and runs."""
        if self._broker is not None:
            self.start_broker()
        for machine in self._machines:
            machine.network(Mode.PASS)
            machine.start()
        for hub in self.hubs.values():
            hub.hear_again()
        for badge in self.badges.values():
            badge.power(on=True)

    def stop_broker(self, keeps: Keeps) -> None:
        """It dies, and will come back with this."""
        broker = self._own_broker
        self.orders(lambda: broker.die(keeps))

    def start_broker(self) -> None:
        """It comes back; does nothing when it is there."""
        self.orders(self._own_broker.start)

    @property
    def _own_broker(self) -> LiveBroker:
        assert self._broker is not None  # simulator.live.limits leaves the others' alone
        return self._broker


def _telephones(story: Story) -> Telephones:
    names = tuple(contact.name for contact in story.desk.contacts)
    off = tuple(contact.name for contact in story.desk.contacts if not contact.answers)
    return Telephones(names, off)
