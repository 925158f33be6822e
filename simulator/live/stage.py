"""Everybody and everything of a live run: a story is played on it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from simulator.badge import Burst
from simulator.chain import Chain, ChainOptions
from simulator.ear import Ear
from simulator.live.attacker import Attacker
from simulator.live.badge import ACCELEROMETER, LiveBadge
from simulator.live.brokers import Keeps, LiveBroker
from simulator.live.console import Console
from simulator.live.disks import DeskDisk, HubDisk
from simulator.live.field import Field
from simulator.live.machine import HubMachine, Machine, Orders
from simulator.live.people import People
from simulator.live.receiver import CarriedReceiver
from simulator.live.telephones import Telephones, heartbeat_s, write_desk_tables
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
from simulator.world.radio import Radio
from simulator.world.sky import Sky
from simulator.world.walk import Walk

_STRANGER = "C0:00:00:00:00:02"
_STRANGER_SAYS = bytes.fromhex("02011a0aff4c001005011c2a3b4c")  # as telephones do
_STRANGER_US = 500_000
_DESK = "simulator.live.desk_process"
_LOOK_MS = 200
_SETTLE_MS = 500


class LiveStage:
    """Use as an async context manager; all is up when the block begins.

    folder: for configuration, databases, flash images and logs; its path must be short. agenda:
    somebody else lets time pass on it. Raises SimulatorError when a part does not start.
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
        self._broker = broker
        draws, rng = Draws(seed), random.Random(seed)  # noqa: S311 - a simulation's
        self._cast = wearers_of(story, tuple(plan.places), draws)
        self._telephones = _telephones(story)
        self.hub_names = story.hubs or tuple(plan.hubs)
        self.radio = Radio(plan, draws)
        self._radios = {number: self.radio.badge(number) for number in self._numbers}
        self.field = Field({f"badge-{n}": radio for n, radio in self._radios.items()}, rng)
        self.walks = {number: self._walk(number, draws) for number in self._numbers}
        sky = Sky(draws)
        self.receivers = {
            number: CarriedReceiver(number, walk, plan, sky, lambda: agenda.now_ms)
            for number, walk in self.walks.items()
        }
        self.badges: dict[int, LiveBadge] = {}
        self.wearers: dict[str, Wearer] = {}
        self.chain = Chain(
            folder,
            self._options(seed, broker_url, folder),
            on_said=lambda number, words: self.badges[number].said(words),
            receivers=self._bursts,
        )
        self._dress()
        self._console = Console(
            self.chain.control, log, on_told=self.look,
            on_record=lambda record: self.people.see(record),  # noqa: PLW0108 - who come later
        )  # fmt: skip
        self.people = People(
            agenda, log, draws, self._console.ask,
            watched=story.desk.watched,
            answers_ms={c.name: milliseconds(c.answers) for c in story.desk.contacts if c.answers},
        )  # fmt: skip
        self._disk = DeskDisk(folder / "desk.db", log, on_call=self.people.called)
        ears = {number: self._ear(number) for number in self._numbers}
        self._hub_disks = tuple(
            HubDisk(name, folder / f"{name}.db", ears, log) for name in self.hub_names
        )
        self.attacker = Attacker(self.chain.air, agenda, log, rng)
        self.chain.air.on_heard = lambda sender, _receiver, told: self.attacker.overhear(
            sender, told
        )
        self._stranger: Peripheral | None = None
        self.hubs: dict[str, HubMachine] = {}
        self._machines: tuple[Machine, ...] = ()
        self._stood: dict[int, tuple[object, ...]] = {}

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
        self.settle()
        await self._telephones.start()
        self.chain.move_clock("desk", 0)
        if self.story.ambient:
            self._stranger = _stranger(self)
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
        for number in self._numbers:
            self._tell_where(number)

    # -- who there is -------------------------------------------------------

    @property
    def _numbers(self) -> range:
        return range(1, 1 + len(self._cast))

    def badge_of(self, wearer: str) -> LiveBadge:
        """The badge that somebody wears."""
        return self.badges[self.wearers[wearer].badge.number]

    def _options(self, seed: int, broker_url: str, folder: Path) -> ChainOptions:
        story = self.story
        falls = any(step.does == "falls" for step in story.steps)
        return ChainOptions(
            loss=0.0,  # the field loses packets
            badges=len(self._cast),
            broker_url=broker_url,
            seed=seed,
            signal=self.field.hears,
            # Awake, so that a press does not depend on how fast this machine starts a VM.
            badge={"heartbeat_ms": heartbeat_s(story) * 1_000, "man_down": falls, "sleep": False},
            hubs=self.hub_names,
            wearers=tuple(wearer.name for wearer in self._cast),
            desk=write_desk_tables(story, self._telephones, folder),
            desk_program=("-m", _DESK),
            networks=True,
        )

    def _walk(self, number: int, draws: Draws) -> Walk:
        wearer = self._cast[number - 1]
        stops = [(0, wearer.at)] + [
            (step.at_ms, step.to)
            for step in sorted(self.story.steps, key=lambda step: step.at_ms)
            if step.does == "walks to" and step.who == wearer.name
        ]
        return Walk(self.plan, stops, draws, wearer.name)

    def _ear(self, number: int) -> Ear:
        return Ear(self.chain.fleet.fleet_key, self.chain.fleet.badges[number])

    def _bursts(self, number: int) -> Iterator[Burst]:
        return self.receivers[number].bursts()

    def _dress(self) -> None:
        falls = any(step.does == "falls" for step in self.story.steps)
        for number in self._numbers:
            name = self._cast[number - 1].name
            badge = LiveBadge(
                number, self._ear(number), self.agenda, self.log,
                on_say=self.look,
                on_felt=lambda names, name=name: self.wearers[name].feel(names),  # type: ignore[misc]
                on_listen=self.receivers[number].switch,
                on_interval=self._radios[number].advertise,
            )  # fmt: skip
            badge.hardware = self.chain.badges[number]
            if falls:
                badge.hardware.feel(ACCELEROMETER)
            self.badges[number] = badge
            # A wearer presses, lets fall, and nothing else: this badge takes that as well.
            self.wearers[name] = Wearer(name, cast("Badge", badge), self.agenda, self.log)

    def _hub(self, name: str) -> HubMachine:
        return HubMachine(
            name, self.chain.gateways[name], self.chain.networks[name],
            lambda ms: self.chain.move_clock(name, ms), self.log, self.orders, field=self.field,
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

    def _keep_looking(self) -> None:
        self.look()
        self.agenda.after(_LOOK_MS, self._keep_looking)

    # -- where everybody is -------------------------------------------------

    def settle(self) -> None:
        """Radios are where their wearers are now."""
        now_ms, moved = self.agenda.now_ms, False
        for number, walk in self.walks.items():
            stands = (walk.position(now_ms), walk.heading(now_ms), walk.moving(now_ms))
            if self._stood.get(number) != stands:
                self._stood[number], moved = stands, True
                point, heading, moving = stands
                self._radios[number].place(point, heading, moving=moving)
        if moved:
            self.field.settle()
        self.agenda.after(_SETTLE_MS, self.settle)

    def reached(self, number: int) -> bool:
        """Whether a hub that is on could hear this badge where it is, more often than not."""
        return any(link.expected() > 0.5 for link in self._radios[number].links
                   if link.audible and link.hub.name in self.hubs)  # fmt: skip

    def _tell_where(self, number: int) -> None:
        walk, now_ms = self.walks[number], self.agenda.now_ms
        point, name = walk.position(now_ms), self._cast[number - 1].name
        floor = self.plan.floor(point)
        self.log.note(name, "is at", x=round(point.x, 1), y=round(point.y, 1), floor=floor)
        next_ms = walk.next_change_ms(now_ms)
        if next_ms != float("inf"):
            self.agenda.at(int(next_ms) + 1, self._tell_where, number)

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


def _stranger(stage: LiveStage) -> Peripheral:
    """Somebody's telephone, which every hub hears: so a hub knows that there is something."""
    stranger = Peripheral(
        stage.chain.air, "stranger", _STRANGER,
        on_connect=lambda _connection, _peer: None,
        on_disconnect=lambda _connection, _peer: None,
        on_write=lambda _connection, _handle, _value: None,
    )  # fmt: skip
    stranger.advertise(_STRANGER_US, _STRANGER_SAYS, connectable=False)
    return stranger
