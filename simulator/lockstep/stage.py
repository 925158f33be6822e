"""Everybody and everything of a run, on one agenda: a story is played on it."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from desk.turns import Notify
from gateway.contract.messages import AlertRecord, Phase
from gateway.steps import Change, Count
from simulator.ear import Ear
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.air import Air
from simulator.lockstep.attacker import Attacker
from simulator.lockstep.badge import Badge
from simulator.lockstep.broker import Broker
from simulator.lockstep.cast import fleet_of, make_body, nonces, setting_of, wearers_of
from simulator.lockstep.desk_disk import DeskDisk
from simulator.lockstep.desk_host import DeskHost, waits
from simulator.lockstep.drain import Drain
from simulator.lockstep.fuse import Fuse
from simulator.lockstep.hub import Hub, open_events
from simulator.lockstep.hub_disk import HubDisk
from simulator.lockstep.log import Log
from simulator.lockstep.network import Path as Way
from simulator.lockstep.people import Supervisor, Wearer
from simulator.lockstep.receiver import GnssReceiver
from simulator.lockstep.session import VirtualSession
from simulator.scenario.duration import milliseconds
from simulator.scenario.story import Story
from simulator.world.draws import Draws
from simulator.world.drift import ppm
from simulator.world.plan import Plan
from simulator.world.radio import Radio
from simulator.world.sky import Sky
from simulator.world.walk import Walk

UNIX_MS = 1_796_119_200_000  # a Monday morning: 2026-12-01 10:00 UTC
_CRASHED_MS = 300  # from a reset to the next start of the bootloader


class Stage:
    """A run that has not begun. seed: decides all that chance decides.

    vm: whether badges are the firmware in its VM, or its core alone. disks: whether hubs and desk
    keep things on SQLite, or in memory.
    """

    def __init__(
        self, story: Story, plan: Plan, seed: int, *, vm: bool = False, disks: bool = False
    ) -> None:
        self.story = story
        self.plan = plan
        self.draws = Draws(seed)
        self.agenda = Agenda()
        self.log = Log(lambda: self.agenda.now_ms)
        self._folder = tempfile.TemporaryDirectory(prefix="tocsin-run-") if vm or disks else None
        self._vm = vm
        self._disks = disks
        self.broker = Broker(self.agenda, self.log, self.draws.under("broker").uniform)
        self.radio = Radio(plan, self.draws)
        self.air = Air(self.agenda, self.log, self.draws, self._heard, self._listens)
        self.cast = wearers_of(story, tuple(plan.stays), self.draws)
        self.fleet, self.registry = fleet_of(self.draws, len(self.cast))
        self.ways: dict[str, Way] = {}
        names = story.hubs or tuple(plan.hubs)
        self.hubs = {name: self._make_hub(name) for name in names}
        self.desk = self._make_desk()
        self.supervisor = Supervisor(
            self.agenda, self.log, self.draws,
            lambda what, alert: self.desk.ask(what, alert, "supervisor"),
        )  # fmt: skip
        self.attacker = Attacker(
            self.agenda, self.log, self.draws, self.air, tuple(self.hubs.values())
        )
        self.air.overheard = self.attacker.overhear_command
        self.sky = Sky(self.draws)
        self.walks: dict[int, Walk] = {}
        self.badges: dict[int, Badge] = {}
        self.wearers: dict[str, Wearer] = {}
        self.receivers: dict[int, GnssReceiver] = {}
        self._stood: dict[int, tuple[object, ...]] = {}
        for number, wearer in enumerate(self.cast, 1):
            self._make_wearer(number, wearer.name, wearer.at)

    def begin(self) -> None:
        """Everything is switched on."""
        for name, wearer in self.wearers.items():
            self._tell_where(wearer.badge.number, name)
        self.broker.save()
        self.desk.start()
        for hub in self.hubs.values():
            hub.start()

    def close(self) -> None:
        """Lets go of processes and files."""
        for badge in self.badges.values():
            badge.body.close()
        for hub in self.hubs.values():
            hub.disk.close()
        self.desk.disk.close()
        if self._folder is not None:
            self._folder.cleanup()

    # -- who there is -------------------------------------------------------

    def _make_hub(self, name: str) -> Hub:
        fuse = Fuse()
        draws = self.draws.under("hub", name)
        disk = HubDisk(
            self._new_folder(name) if self._disks else None,
            fuse,
            lambda changes: self._kept(name, changes),
            draws.under("disk").uniform,
        )

        hub = Hub(
            name, self.agenda, self.log, self.registry, self.air, disk, fuse, self._sessions(name),
            nonces(self.draws, "hub", name), unix_ms=UNIX_MS, ambient=self.story.ambient,
        )  # fmt: skip
        hub.drift_ppm = ppm(self.draws, name, "host")
        return hub

    def _sessions(self, name: str) -> Callable[..., VirtualSession]:
        """Makes ways to the broker for the processes of one machine."""
        draws = self.draws.under("network", name)
        way = self.ways[name] = Way(draws.under("way").uniform)
        draw = draws.under("session").uniform
        make: Callable[..., VirtualSession] = VirtualSession

        def session(guard: object, *rest: object, **named: object) -> VirtualSession:
            return make(self.agenda, self.broker, way, draw, guard, *rest, **named)

        return session

    def _make_desk(self) -> DeskHost:
        fuse = Fuse()

        folder = self._new_folder("desk") if self._disks else None
        return DeskHost(
            self.agenda, self.log, fuse, self._sessions("desk"), setting_of(self.story, self.cast),
            unix_ms=UNIX_MS,
            on_record=self._shown,
            on_call=self._called,
            disk=lambda on_commit: DeskDisk(folder, fuse, on_commit),
        )  # fmt: skip

    def _make_wearer(self, number: int, name: str, at: str) -> None:
        folder = self._root if self._vm else None
        drill = self.cast[number - 1].drill
        body = make_body(self.story, self.fleet, number, self.draws, folder, UNIX_MS, drill=drill)
        badge = Badge(
            number, self.agenda, self.log, body,
            Ear(self.fleet.fleet_key, self.fleet.badges[number]),
            Drain(self.cast[number - 1].battery),
            on_air=self._speaks,
            on_listen=lambda badge, on: self.receivers[badge.number].switch(on),
            on_stop=self._stopped,
            on_felt=lambda badge, names: self.wearers[name].feel(names),
        )  # fmt: skip
        stops = [(0, at)] + [
            (step.at_ms, step.to)
            for step in sorted(self.story.steps, key=lambda step: step.at_ms)
            if step.does == "walks to" and step.who == name
        ]
        self.walks[number] = Walk(self.plan, stops, self.draws, name)
        self.badges[number] = badge
        self.wearers[name] = Wearer(name, badge, self.agenda, self.log)
        self.receivers[number] = GnssReceiver(
            badge, self.walks[number], self.plan, self.sky, self.agenda, UNIX_MS
        )
        self.air.join(badge, self.radio.badge(number))

    # -- what they tell each other ------------------------------------------

    def _speaks(self, badge: Badge) -> None:
        """A badge says something: where it is matters now."""
        if badge.speaks is not None:
            self.settle(badge)
            self.attacker.overhear(badge)
        self.air.changed(badge)

    def settle(self, badge: Badge) -> None:
        """The badge's radio is where its wearer is now."""
        now_ms = self.agenda.now_ms
        walk = self.walks[badge.number]
        stands = (walk.position(now_ms), walk.heading(now_ms), walk.moving(now_ms))
        if self._stood.get(badge.number) != stands:
            self._stood[badge.number] = stands
            point, heading, moving = stands
            self.air.speakers()[badge.number].radio.place(point, heading, moving=moving)

    def _tell_where(self, number: int, name: str) -> None:
        walk, now_ms = self.walks[number], self.agenda.now_ms
        point = walk.position(now_ms)
        self.log.note(
            name, "is at", x=round(point.x, 1), y=round(point.y, 1), floor=self.plan.floor(point)
        )
        next_ms = walk.next_change_ms(now_ms)
        if next_ms != float("inf"):
            self.agenda.at(int(next_ms) + 1, self._tell_where, number, name)

    def _heard(self, hub: str, badge: Badge, rssi: int, frame: bytes) -> None:
        self.hubs[hub].hear(badge.address, rssi, frame)

    def _listens(self, hub: str) -> bool:
        found = self.hubs.get(hub)
        return found is not None and found.process is not None and found.radio.hears

    def _kept(self, hub: str, changes: tuple[Change, ...]) -> None:
        events = dict(open_events(changes))
        for change in changes:
            if isinstance(change, Count):
                event = events.get(change.badge)
                self.log.note(hub, "kept", badge=change.badge, counter=change.counter, event=event)

    def _stopped(self, badge: Badge, why: str) -> None:
        """A badge went down by itself. Whoever cut its power gives it back."""
        after_ms = badge.away_ms if why == "cut" else _CRASHED_MS
        self.agenda.after(after_ms, badge.restart, why == "cut")

    def _shown(self, record: AlertRecord) -> None:
        if self.story.desk.watched:
            over = record.phase in (Phase.RESOLVED, Phase.CANCELLED)
            self.supervisor.see(record.alert, waits=waits(record), over=over)

    def _called(self, order: Notify) -> bool:
        contact = next(one for one in self.story.desk.contacts if one.name == order.contact)
        if not contact.answers:
            return False
        alert = str(order.alert)
        after_ms = milliseconds(contact.answers)
        self.agenda.after(after_ms, self.supervisor.called, alert, contact.name)
        return True

    @property
    def _root(self) -> Path:
        assert self._folder is not None
        return Path(self._folder.name)

    def _new_folder(self, name: str) -> Path:
        folder = self._root / name
        folder.mkdir()
        return folder
