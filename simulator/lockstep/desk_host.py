"""A desk in virtual time: its own engine, and the machine under it that breaks.

What desk.app.Desk does between asyncio and its parts, DeskProcess does between the agenda and
the same parts.
"""

from collections.abc import Callable, Sequence

from desk.alert import CALLING, Key
from desk.app import TICK_S, VERSION
from desk.core import Core, Setting
from desk.engine import Engine
from desk.turns import (
    Acknowledge,
    Archive,
    Cleared,
    Connected,
    Kept,
    Look,
    Notified,
    Notify,
    Resolve,
    SaveAlert,
    SaveAudit,
    StopNotify,
    Tick,
)
from gateway.contract.broker import BrokerOptions
from gateway.contract.caller import Received
from gateway.contract.messages import (
    AlertRecord,
    CommandMessage,
    DeskState,
    Phase,
    encode,
    rfc3339,
    unix_ms,
)
from gateway.contract.topics import Topics, client_id
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.desk_disk import DeskDisk
from simulator.lockstep.fuse import Fuse, KilledError
from simulator.lockstep.log import Log
from simulator.lockstep.session import VirtualSession

_S = 1_000
#: With nothing open, most ticks do nothing: they are thinned out, to save time.
_IDLE_TICK_MS = 10_000
_NAME = "desk"
_UP_BEFORE_MS = 86_400_000
_ANSWERS = {"acknowledge": Phase.ACKNOWLEDGED, "resolve": Phase.RESOLVED}
Asked = Acknowledge | Resolve | Look


class DeskHost:
    """One machine with its disk and its clock, through all its starts.

    on_record: shown to those who watch, and on_call: to those who are called; the second
    returns whether the contact could be reached.
    """

    def __init__(
        self,
        agenda: Agenda,
        log: Log,
        fuse: Fuse,
        session: Callable[..., VirtualSession],
        setting: Setting,
        *,
        unix_ms: int,
        on_record: Callable[[AlertRecord], None],
        on_call: Callable[[Notify], bool],
        disk: Callable[[Callable[[Sequence[Kept]], None]], DeskDisk],
    ) -> None:
        self.agenda = agenda
        self.log = log
        self.fuse = fuse
        self.session = session
        self.setting = setting
        self.on_record = on_record
        self.on_call = on_call
        self.offset_ms = 0
        self.away_ms = 0  # from the next death to the start after it
        self.process: DeskProcess | None = None
        self._unix_ms = unix_ms
        self._disk = disk(self._committed)

    @property
    def disk(self) -> DeskDisk:
        return self._disk

    def now_ms(self) -> int:
        """What its clock shows, in unix ms."""
        return self._unix_ms + self.agenda.now_ms + self.offset_ms

    def up_ms(self) -> int:
        """For how long the machine has run; only its processes die here."""
        return _UP_BEFORE_MS + self.agenda.now_ms

    def start(self) -> None:
        """The desk's process starts. Does nothing while it runs."""
        if self.process is None:
            self.log.note(_NAME, "started")
            self.process = DeskProcess(self)

    def kill(self, *, silently: bool) -> None:
        """kill -9; silently: the machine loses its power, so no socket is closed."""
        process, self.process = self.process, None
        if process is not None:
            process.die(silently=silently)
            self._disk.close()
            self.log.note(_NAME, "killed", power=silently)

    def guard(self, work: Callable[[], object]) -> None:
        """Runs something of the process, which may die in it; then it is started again."""
        try:
            work()
        except KilledError:
            self.kill(silently=False)
            self.agenda.after(self.away_ms, self.start)

    def ask(self, what: str, alert: str, by: str) -> bool:
        """A person acknowledges, resolves or looks; False when the desk is away or refuses.

        Whose answer a desk kept before it died is told so the next time.
        """
        process = self.process
        if process is None:
            return False
        asks: dict[str, Asked] = {
            "acknowledge": Acknowledge(alert, by, 5),
            "resolve": Resolve(alert, by),
            "look": Look(alert, by),
        }
        given = asks[what]
        refusals: list[str] = ["the desk died"]
        self.guard(lambda: refusals.__setitem__(slice(None), process.step(given)))
        return not refusals or (_ANSWERS.get(what), by) in self._answers(alert)

    def _answers(self, alert: str) -> set[tuple[Phase | None, str | None]]:
        """Who has answered an alert, by the desk's records."""
        records = () if self.process is None else self.process.records
        own = (record for record in records if record.alert == alert)
        return {(stage.phase, stage.by) for record in own for stage in record.timeline}

    @property
    def waiting(self) -> list[str]:
        """The alerts that wait for a person."""
        records = () if self.process is None else self.process.records
        return [record.alert for record in records if waits(record)]

    @property
    def alerts(self) -> list[str]:
        """All that the screen shows."""
        return [] if self.process is None else [one.alert for one in self.process.records]

    def _committed(self, kept: Sequence[Kept]) -> None:
        for change in kept:
            match change:
                case SaveAlert(alert):
                    self.log.note(
                        _NAME, "kept", alert=str(alert.key), phase=alert.phase.value,
                        kind=alert.kind.value, calls=alert.calls,
                        stages=sorted(phase.value for phase in alert.stages),
                    )  # fmt: skip
                case Archive(key):
                    self.log.note(_NAME, "archives", alert=str(key))
                case SaveAudit(_, who, action, alert, outcome):
                    self.log.note(
                        _NAME, "audit", by=who, action=action, alert=alert, outcome=outcome
                    )
                case _:
                    pass


class DeskProcess:
    """The desk, from its start to its end."""

    def __init__(self, host: DeskHost) -> None:
        self._host = host
        self._agenda = host.agenda
        self._alive = True
        self._arrived: list[Received] = []
        self._view: tuple[object, ...] = ()
        self._open: set[str] = set()
        self._topics = Topics("sim")
        core = Core(host.setting, host.disk.open())
        self._engine = Engine(core, host.disk, self, self._topics, host.now_ms, host.up_ms)
        self._session = host.session(
            host.guard,
            BrokerOptions(),
            client_id("sim", _NAME),
            will=(self._topics.desk_state(), encode(self._presence("offline"))),
            subscriptions=self._topics.for_desk(),
            on_message=self._arrive,
            on_link=self._link,
            on_puback=self._handed_over,
        )
        self._clearing: dict[int, Key] = {}
        self._tokens = 0
        for record in self._engine.records:
            self._note_open(record)
        self._agenda.after(0, self._tick)

    @property
    def records(self) -> tuple[AlertRecord, ...]:
        return self._engine.records

    @property
    def connected(self) -> bool:
        return self._session.connected

    def die(self, *, silently: bool) -> None:
        """It is gone."""
        self._alive = False
        self._session.die(silently=silently)

    def step(self, *inputs: Asked) -> tuple[str, ...]:
        """What people do. Returns the refusals."""
        return self._engine.step(*inputs)

    # -- desk.engine.Outlet -------------------------------------------------

    def announce(self, record: AlertRecord) -> None:
        self._host.fuse.burn()
        self._session.publish(
            self._topics.alert(record.badge, record.event), encode(record), retain=True
        )
        self._host.log.note(
            _NAME, "shows", alert=record.alert, kind=record.kind.value,
            phase=record.phase.value, waits=waits(record), warnings=record.warnings,
        )  # fmt: skip
        self._note_open(record)
        self._host.on_record(record)

    def _note_open(self, record: AlertRecord) -> None:
        """What may change with time alone: what waits for people, and visits."""
        if record.visit_due_at is not None or waits(record) or record.phase is Phase.PENDING:
            self._open.add(record.alert)
        else:
            self._open.discard(record.alert)

    def send(self, command: CommandMessage) -> None:
        self._host.fuse.burn()
        left_s = max(1, (unix_ms(command.expires_at) - self._host.now_ms()) // _S)
        topic = self._topics.command(command.badge)
        self._session.publish(topic, encode(command), expiry_s=left_s)

    def clear(self, key: Key) -> None:
        self._tokens += 1
        if self._session.publish(self._topics.alert(*key), b"", token=self._tokens, retain=True):
            self._clearing[self._tokens] = key

    def notify(self, order: Notify | StopNotify) -> None:
        self._host.fuse.burn()
        alert = str(order.alert)
        if isinstance(order, StopNotify):
            self._host.log.note(_NAME, "calls off", alert=alert)
            return
        drill = order.words.title.startswith("DRILL ")
        self._host.log.note(
            _NAME, "calls", alert=alert, contact=order.contact, step=order.step, drill=drill
        )
        reached = self._host.on_call(order)
        told = Notified(order.alert, order.contact, reached, "" if reached else "no answer")
        self._agenda.after(_S, self._guarded, lambda: self._engine.step(told))

    def acknowledge(self, received: Received) -> None:
        self._host.fuse.burn()
        self._session.acknowledge(received)

    # -- the session --------------------------------------------------------

    def _guarded(self, work: Callable[[], object]) -> None:
        if self._alive:
            self._host.guard(work)

    def _arrive(self, received: Received) -> None:
        if not self._arrived:
            self._agenda.after(0, self._guarded, self._ingest)
        self._arrived.append(received)

    def _ingest(self) -> None:
        batch, self._arrived = self._arrived, []
        self._engine.take(batch)

    def _link(self, up: bool, _: str) -> None:
        self._clearing.clear()
        self._host.log.note(_NAME, "link", up=up)
        if up:
            self._session.publish(
                self._topics.desk_state(), encode(self._presence("online")), retain=True
            )
            self._engine.step(Connected())
        self._look()

    def _handed_over(self, token: int) -> None:
        key = self._clearing.pop(token, None)
        if key is not None:
            self._engine.step(Cleared(key))

    # -- time ---------------------------------------------------------------

    def _tick(self) -> None:
        self._guarded(self._keep_time)
        if self._alive:
            pause_ms = round(TICK_S * _S) if self._open else _IDLE_TICK_MS
            self._agenda.after(pause_ms, self._tick)

    def _keep_time(self) -> None:
        self._engine.step(Tick())
        self._look()

    def _look(self) -> None:
        """What supervisors see of gateways, badges and the broker, when it has changed."""
        view = self._engine.view(broker=self._session.connected, reason="", supervisors=1)
        gateways = {one.gateway: one.state for one in view.gateways}
        warned = {one.gateway: one.warnings for one in view.gateways if one.warnings}
        silent = [one.badge for one in view.silent]
        seen = (view.broker, gateways, warned, silent)
        if seen != self._view:
            self._view = seen
            self._host.log.note(
                _NAME, "sees", broker=view.broker, gateways=gateways, warned=warned, silent=silent,
            )  # fmt: skip

    def _presence(self, state: str) -> DeskState:
        at = rfc3339(self._host.now_ms())
        return DeskState(state=state, at=at, supervisors=1, version=VERSION)  # type: ignore[arg-type]


def waits(record: AlertRecord) -> bool:
    """Whether a person has to answer."""
    calls = record.kind in CALLING or record.overdue_at is not None
    return calls and record.phase in (Phase.RAISED, Phase.HEARD, Phase.DELIVERED)
