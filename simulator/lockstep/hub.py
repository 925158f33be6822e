"""A hub in virtual time: the gateway's own parts, and the machine under them that breaks.

What gateway.app.Gateway does between asyncio and its parts, HubProcess does between the agenda
and the same parts.
"""

from collections.abc import Callable
from typing import Literal

import structlog

from gateway.bulletin import Bulletin
from gateway.contract.broker import BrokerOptions
from gateway.contract.caller import Received
from gateway.contract.clock import Clock
from gateway.contract.topics import Topics
from gateway.engine import Engine
from gateway.errors import OutboxError
from gateway.keys import block_cipher, command_key
from gateway.radio import Advert, Connection, Listener, RadioCondition
from gateway.radio.ears import Ears
from gateway.radio.watchdog import Rescan
from gateway.reception import Reception
from gateway.registry import Registry
from gateway.relay import RESEND_MS, Relay
from gateway.steps import Change, ClockMoved, Input, LinkChanged, Ordered, Put, Tick, Urgency
from gateway.uplink import Uplink
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.courier import Courier, Dialled
from simulator.lockstep.fuse import Fuse, KilledError
from simulator.lockstep.hub_disk import HubDisk
from simulator.lockstep.log import Log
from simulator.lockstep.session import VirtualSession

RADIO = "radio"
BUSY_TICK_MS = 50  # gateway.app.TICK_S
#: Ticks that would do nothing are left out, to save time: those that nothing is due at, and,
#: while the broker has something to acknowledge, most of those after it has been so for a while.
SETTLED_TICK_MS = 250
WAITING_TICK_MS = 1_000
IDLE_TICK_MS = 5_000
_SETTLED_AFTER_MS = 2_000
_TIDY_EVERY_MS = 1_000
_TOPICS = Topics("sim")
_RESCAN_MS = 1_000
_RESET_MS = 3_000

Condition = Literal["scanning", "restarting", "gone"]
Trouble = Literal["", "deaf", "stuck", "gone"]
#: What cures a radio: `deaf` a new scan, `stuck` a reset, `gone` only somebody who plugs it in.


class HubRadio:
    """The radio of a hub, as its gateway sees it; what it hears comes from the air."""

    def __init__(self) -> None:
        self.trouble: Trouble = ""
        self.restarting = False

    @property
    def hears(self) -> bool:
        return not self.trouble and not self.restarting

    @property
    def condition(self) -> Condition:
        """What the system knows of it by itself: that it hears nothing, nobody says."""
        if self.trouble == "gone":
            return "gone"
        return "restarting" if self.restarting else "scanning"

    async def run(self, listener: Listener) -> None:
        """Nothing: the air calls the hub."""

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Connection:
        """Nobody calls this: simulator.lockstep.courier connects."""
        raise NotImplementedError(address)

    async def rescan(self, radio: str) -> None:
        """Nobody calls this: the hub carries remedies out."""

    async def reset(self, radio: str) -> None:
        """Nobody calls this: the hub carries remedies out."""


class Hub:
    """One machine with its radio, its disk and its clock, through all its starts.

    session: makes a way to the broker for a process. offset_ms: by how much its clock is wrong.
    ambient: whether strangers' devices are around.
    """

    def __init__(
        self,
        name: str,
        agenda: Agenda,
        log: Log,
        registry: Registry,
        air: Dialled,
        disk: HubDisk,
        fuse: Fuse,
        session: Callable[..., VirtualSession],
        nonce: Callable[[int], bytes],
        *,
        unix_ms: int,
        ambient: bool,
        canary: int | None = None,
    ) -> None:
        self.name = name
        self.radio = HubRadio()
        self.disk = disk
        self.fuse = fuse
        self.offset_ms = 0
        self.drift_ppm = 0.0
        self.away_ms = 0  # from the next death to the start after it
        self.loses_power = False  # and whether the whole machine dies
        self.process: HubProcess | None = None
        self.agenda = agenda
        self.log = log
        self.registry = registry
        self.air = air
        self.session = session
        self.nonce = nonce
        self.ambient = ambient
        self.canary = canary
        self._unix_ms = unix_ms

    def now_ms(self) -> int:
        """What its clock shows, in unix ms."""
        now_ms = self.agenda.now_ms
        return self._unix_ms + now_ms + self.offset_ms + int(now_ms * self.drift_ppm / 1e6)

    def start(self) -> None:
        """The gateway's process starts. Does nothing while it runs."""
        if self.process is not None:
            return
        self.log.note(self.name, "started")
        try:
            self.disk.open()
            self.process = HubProcess(self)
        except KilledError:
            self.kill(silently=True)
            self.agenda.after(self.away_ms, self.start)
        except OutboxError as error:
            self.disk.close()
            self.log.note(self.name, "failed", why=type(error).__name__)

    def kill(self, *, silently: bool) -> None:
        """kill -9; silently: the whole machine loses its power, so no socket is closed."""
        process, self.process = self.process, None
        if process is not None:
            process.die(silently=silently)
        self.disk.close()
        self.log.note(self.name, "killed", power=silently)

    def trouble(self, trouble: Trouble) -> None:
        """Something happens to its radio, or is over. An adapter that is not there says so."""
        if self.radio.trouble and not trouble:
            self.log.note(self.name, "hears again")
        self.radio.trouble = trouble
        if self.process is not None:
            self.process.tell_radio()

    def hear(self, address: int, rssi: int, frame: bytes) -> None:
        """An advertisement of a badge arrives at its antenna."""
        process = self.process
        if process is not None and self.radio.hears:
            advert = Advert(str(address), rssi, frame, radio=RADIO)
            self.guard(lambda: process.ears.advert(advert))

    def guard(self, work: Callable[[], object]) -> None:
        """Runs something of the process, which may die in it; then it is started again."""
        try:
            work()
        except KilledError:
            self.kill(silently=self.loses_power)
            self.agenda.after(self.away_ms, self.start)


class HubProcess:
    """The gateway, from its start to its end."""

    def __init__(self, hub: Hub) -> None:
        log = structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(50))
        self._hub = hub
        self._agenda = hub.agenda
        self._alive = True
        self._inbox: list[Input] = []
        self._adverts: list[Advert] = []
        self._receipts: list[Received] = []
        self._turn_due = False
        self._uplinked = False
        self._tidied_ms = self._changed_ms = hub.agenda.now_ms
        self._clock = Clock()
        self.ears = Ears(
            hub.radio,
            self._on_advert,
            canary=hub.canary,
            clock_ms=lambda: hub.agenda.now_ms,
            log=log,
        )
        self._look_at_radio()
        self._uplink = Uplink(
            BrokerOptions(),
            hub.name,
            _TOPICS,
            post=self._post,
            on_command=self._on_command,
            started_ms=hub.now_ms(),
            log=log,
            session=self._make_session,
        )
        keys = hub.registry.badge_key_bytes()
        ciphers = {number: block_cipher(command_key(key)) for number, key in keys.items()}
        self._courier = Courier(
            hub.agenda,
            hub.air,
            hub.name,
            ciphers,
            hub.registry.epoch,
            hub.nonce,
            lambda answer: hub.guard(lambda: self._post(answer)),
        )
        self._reception = Reception(hub.registry, hub.disk.counts(), self.ears.recognised)
        self._relay = Relay(hub.name, _TOPICS, tuple(ciphers), hub.disk.restored(), RESEND_MS)
        self._engine = Engine(self._relay, hub.disk, _Fused(self._uplink, hub.fuse), self._courier)
        self._bulletin = Bulletin(
            hub.name, self.ears, self._reception, self._relay, hub.disk, self._uplink, log
        )
        if self._reception.doubted:
            self._engine.note(self._reception.doubted)
        self._next_tick = self._agenda.after(0, self._tick)

    def tell_radio(self) -> None:
        """How the radio is, by its own account."""
        gone = self._hub.radio.trouble == "gone"
        self.ears.condition(RADIO, RadioCondition("gone" if gone else "scanning"))

    def die(self, *, silently: bool) -> None:
        """It is gone."""
        self._alive = False
        self._session.die(silently=silently)
        self._courier.die()

    @property
    def state(self) -> str:
        """`online` or `deaf`, as it tells supervisors."""
        return self.ears.state

    @property
    def rejected(self) -> dict[str, int]:
        """What it refused, by reason, since its start."""
        return self._bulletin.rejected

    def _make_session(self, *arguments: object, **named: object) -> VirtualSession:
        self._session = self._hub.session(self._hub.guard, *arguments, **named)
        return self._session

    def _on_advert(self, advert: Advert) -> None:
        self._adverts.append(advert)
        self._schedule()

    def _on_command(self, ordered: Ordered, received: Received) -> None:
        self._receipts.append(received)
        self._post(ordered)

    def _post(self, happened: Input) -> None:
        self._inbox.append(happened)
        self._schedule()

    def _schedule(self) -> None:
        if not self._turn_due:
            self._turn_due = True
            self._agenda.after(0, self._hub.guard, self._turn)

    def _turn(self) -> None:
        if not self._alive:
            return
        self._turn_due = False
        now_ms = self._hub.now_ms()
        adverts, self._adverts = self._adverts, []
        inputs, self._inbox = self._inbox, []
        receipts, self._receipts = self._receipts, []
        if moved_ms := self._clock.moved_by(now_ms, self._agenda.now_ms):
            self._bulletin.clock_moved(moved_ms)
            inputs.insert(0, ClockMoved(moved_ms))
        inputs += self._reception.hear(now_ms, adverts)
        if any(not isinstance(item, Tick) for item in inputs):
            self._changed_ms = self._agenda.now_ms
        self._engine.turn(now_ms, inputs)
        for received in receipts:
            self._uplink.acknowledge(received)
        for item in inputs:
            if isinstance(item, LinkChanged):
                self._uplinked = item.up
                self._hub.log.note(self._hub.name, "link", up=item.up)
                if item.up:
                    self._bulletin.tell(now_ms)
        if self._next_tick.at_ms - self._agenda.now_ms > (pause_ms := self._pause_ms()):
            self._next_tick.call_off()
            self._next_tick = self._agenda.after(pause_ms, self._tick)

    def _tick(self) -> None:
        if self._alive:
            self._hub.guard(self._keep_time)
        if self._alive:
            self._next_tick = self._agenda.after(self._pause_ms(), self._tick)

    def _keep_time(self) -> None:
        now_ms = self._hub.now_ms()
        self._post(Tick())
        if self._agenda.now_ms - self._tidied_ms >= _TIDY_EVERY_MS:
            self._tidied_ms = self._agenda.now_ms
            self._engine.tidy()
            self._bulletin.look(now_ms)
            if self._hub.ambient and self._hub.radio.hears:
                self.ears.ambient(RADIO)
            self._watch()
        self._bulletin.tick(now_ms)

    def _pause_ms(self) -> int:
        if self._uplinked and self._relay.depth:
            settled = self._agenda.now_ms - self._changed_ms > _SETTLED_AFTER_MS
            return SETTLED_TICK_MS if settled else BUSY_TICK_MS
        well = self._hub.radio.hears and self._uplinked and self.ears.hears
        rest_ms = IDLE_TICK_MS if well and not self._relay.awaits else WAITING_TICK_MS
        now_ms = self._hub.now_ms()
        return int(max(BUSY_TICK_MS, min(rest_ms, self._relay.due_ms(now_ms) - now_ms)))

    def _look_at_radio(self) -> None:
        self.ears.condition(RADIO, RadioCondition(self._hub.radio.condition))

    def _watch(self) -> None:
        hub = self._hub
        self._look_at_radio()
        heard = self.ears.state
        for remedy in self.ears.look():
            rescan = isinstance(remedy, Rescan)
            hub.log.note(hub.name, "rescans" if rescan else "resets")
            self._remedy(rescan=rescan)
        if self.ears.state != heard:
            hub.log.note(hub.name, "says", state=self.ears.state)

    def _remedy(self, *, rescan: bool) -> None:
        radio = self._hub.radio
        radio.restarting = True
        self._look_at_radio()
        if radio.trouble == "deaf" or (radio.trouble == "stuck" and not rescan):
            radio.trouble = ""
            self._hub.log.note(self._hub.name, "hears again")
        self._agenda.after(_RESCAN_MS if rescan else _RESET_MS, self._restarted)

    def _restarted(self) -> None:
        self._hub.radio.restarting = False
        if self._alive:
            self._look_at_radio()


class _Fused:
    """An uplink in whose every message the process may die."""

    def __init__(self, uplink: Uplink, fuse: Fuse) -> None:
        self._uplink = uplink
        self._fuse = fuse
        self.send = self._before(uplink.send)
        self.publish = self._before(uplink.publish)

    def _before(self, call: Callable[..., None]) -> Callable[..., None]:
        def burn_and_call(*arguments: object) -> None:
            self._fuse.burn()
            call(*arguments)

        return burn_and_call


def open_events(changes: tuple[Change, ...]) -> list[tuple[int, int]]:
    """Badge and event number of each report of an event among the changes."""
    rows = [change.row for change in changes if isinstance(change, Put)]
    topics = [_TOPICS.parse(row.topic) for row in rows if row.urgency is Urgency.EVENT]
    return [(topic.badge, topic.event) for topic in topics if topic.kind == "event"]
