"""A badge of a run: its body, what it says, what the hand feels, and who is connected to it."""

from collections.abc import Callable, Iterator

from gateway.contract.messages import KINDS, PHASES
from simulator.ear import Ear
from simulator.felt import END_MS, Hand
from simulator.lockstep.acts import (
    Act,
    Advertises,
    Body,
    Boots,
    Drops,
    Hides,
    Listens,
    Moves,
    Notifies,
    Said,
    Silent,
    Sleeps,
    Stops,
)
from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.bond import Bond
from simulator.lockstep.drain import Drain, radio_state
from simulator.lockstep.log import Log
from simulator.lockstep.outsider import Outsider

_DROP_MS = 30  # until the other side knows


class Badge:
    """One badge. on_air: told when it says something else, or nothing; on_listen: when its
    receiver is switched; on_stop: when it went down by itself; on_felt: what the hand felt."""

    def __init__(
        self,
        number: int,
        agenda: Agenda,
        log: Log,
        body: Body,
        ear: Ear,
        drain: Drain,
        *,
        on_air: Callable[["Badge"], None],
        on_listen: Callable[["Badge", bool], None],
        on_stop: Callable[["Badge", str], None],
        on_felt: Callable[["Badge", tuple[str, ...]], None],
    ) -> None:
        self.number = number
        self.name = f"badge-{number}"
        self.body = body
        self.speaks: Advertises | None = None
        self.address = self._own_address = number << 20
        self.boots = 0
        self.powered = True
        self.awake = False
        self.away_ms = 0  # from the next cut of its power to its return
        self.running = True  # it has not gone down by itself
        self.said: Said | None = None
        self._agenda = agenda
        self._log = log
        self._ear = ear
        self._drain = drain
        self._on_air = on_air
        self._on_listen = on_listen
        self._on_stop = on_stop
        self._on_felt = on_felt
        self._hand = Hand()
        self._outsider = Outsider()
        self._payload = b""
        self._hidings = 0
        self._bonds: dict[int, Bond] = {}
        self._due: Due | None = None
        self._does: dict[type[Act], Callable[..., None]] = {
            Advertises: self._advertises,
            Silent: lambda _: self._speak(None),
            Notifies: self._notifies,
            Drops: self._drops,
            Moves: self._moves,
            Boots: lambda _: self._boot(),
            Hides: lambda _: self._hide(),
            Sleeps: lambda _: self._sleep(),
            Listens: self._listens,
            Stops: lambda act: self._stop(act.why),
        }
        self.plan()

    def run(self) -> None:
        """Lets the body do what is due, and carries out what it did."""
        for act in self.body.run(self._agenda.now_ms):
            self._does[type(act)](act)
        self.plan()

    def plan(self) -> None:
        """Runs the body when it is due."""
        at_ms = self.body.due_ms
        if self._due is not None:
            if self._due.call is not None and self._due.at_ms == at_ms:
                return
            self._due.call_off()
        if at_ms == float("inf"):
            self._due = None
        else:
            self._due = self._agenda.at(int(at_ms), self.run, rank=self.number)

    def press(self, *, down: bool) -> None:
        """The thumb."""
        self.body.press(self._agenda.now_ms, down=down)
        self.run()

    def power(self, *, on: bool) -> None:
        """The cell comes out, or goes in."""
        if on == self.powered:
            return
        self.powered = on
        now_ms = self._agenda.now_ms
        self._log.note(self.name, "gets a cell" if on else "loses its cell")
        if on:
            if self._drain.empty:
                self._drain.replace(now_ms)
            self._drain.reset(now_ms, "boot")
            self.body.cell(now_ms, self._drain.millivolts)
            self.body.power_on(now_ms)
        else:
            self.body.power_off(now_ms)
            self._down()
            self._drain.reset(now_ms, None)
        self.plan()

    def restart(self, brown_out: bool) -> None:
        """The processor starts anew, where it has power."""
        if self.powered:
            self.body.reset(self._agenda.now_ms, brown_out=brown_out)
            self._down()
            self.plan()

    # -- connections --------------------------------------------------------

    def bonded(self, bond: Bond) -> int | None:
        """A peer connects: see simulator.lockstep.bond.Peer."""
        if self.speaks is None:
            return None
        number = next(one for one in range(len(self._bonds) + 1) if one not in self._bonds)
        self._bonds[number] = bond
        self.body.connect(self._agenda.now_ms, number)
        self._agenda.after(0, self.run)
        return number

    def unbonded(self, bond: Bond) -> None:
        if self._bonds.pop(bond.number, None) is not None:
            self.body.disconnect(self._agenda.now_ms, bond.number)
            self._agenda.after(0, self.run)

    def written(self, bond: Bond, sealed: bytes) -> None:
        self.body.write(self._agenda.now_ms, bond.number, sealed)
        self.run()

    # -- acts ---------------------------------------------------------------

    def _advertises(self, act: Advertises) -> None:
        if self.said is None or self.speaks is None or act.payload != self.speaks.payload:
            self._tell(act.said or Said(*self._ear.hear(act.payload)[1:]), act.payload)
        self._speak(act)

    def _tell(self, said: Said, payload: bytes) -> None:
        self._measure()
        self.said = said
        if payload == self._payload:
            return
        self._payload = payload
        report = said.report
        self._log.note(
            self.name,
            "said",
            counter=said.counter,
            kind=KINDS[report.kind].value,
            phase=PHASES[report.phase].value,
            event=report.event,
            battery=report.battery,
            fix=report.fix is not None,
            fault=report.fault,
            start=self.boots,
            address=self.address - self._own_address,
            alike=self._outsider.hear(payload),
        )

    def _speak(self, act: Advertises | None) -> None:
        self.speaks = act
        if self.awake:
            interval_ms = None if act is None else act.interval_ms
            connected = bool(self._bonds)
            self._drain.become(self._agenda.now_ms, radio_state(interval_ms, connected=connected))
        self._on_air(self)

    def _notifies(self, act: Notifies) -> None:
        bond = self._bonds.get(act.connection)
        if bond is not None:
            bond.notify(act.sealed)

    def _drops(self, act: Drops) -> None:
        self._agenda.after(_DROP_MS, self._drop, act.connection)

    def _drop(self, connection: int) -> None:
        bond = self._bonds.get(connection)
        if bond is not None:
            self._log.note(self.name, "drops a peer")
            bond.end()

    def _listens(self, act: Listens) -> None:
        self._drain.add(self._agenda.now_ms, "gnss_tracking", on=act.on)
        self._on_listen(self, act.on)

    def _moves(self, act: Moves) -> None:
        self._drain.add(self._agenda.now_ms, "vibration", on=act.on)
        felt = self._hand.edge(self._agenda.now_ms, act.on)
        if felt is not None:
            self._feel(felt.at_ms, felt.names)
        if not act.on:
            still_ms = self._agenda.now_ms + END_MS
            self._agenda.at(still_ms, self._still, rank=self.number)

    def _still(self) -> None:
        felt = self._hand.tick(self._agenda.now_ms)
        if felt is not None:
            self._feel(felt.at_ms, felt.names)

    def _feel(self, began_ms: int, names: tuple[str, ...]) -> None:
        self._log.note(self.name, "felt", began=began_ms, like=names)
        self._on_felt(self, names)

    def _boot(self) -> None:
        self._down()
        self.boots += 1
        self.running = True
        self.address = self._own_address
        self.awake = True
        self._drain.reset(self._agenda.now_ms, "boot")
        self._on_listen(self, False)

    def _measure(self) -> None:
        """The voltage that the badge sees from now on. An empty cell is as good as none."""
        now_ms = self._agenda.now_ms
        self._drain.pass_time(now_ms)
        self.body.cell(now_ms, self._drain.millivolts)
        if self._drain.empty and self.powered:
            self._log.note(self.name, "is empty")
            self._agenda.after(0, lambda: self.power(on=False))

    def _hide(self) -> None:
        self._hidings += 1
        self.address = self._own_address + self._hidings

    def _sleep(self) -> None:
        self._down()
        self._drain.reset(self._agenda.now_ms, "deep_sleep")
        self._measure()

    def _stop(self, why: str) -> None:
        self._log.note(self.name, "goes down", why=why)
        self.running = False
        self._down()
        self._on_stop(self, why)

    def _down(self) -> None:
        """The processor is off, and the radio and the motor with it."""
        self.awake = False
        self._hand = Hand()
        if self.speaks is not None:
            self._speak(None)
        self._on_listen(self, False)
        for bond in self._ending():
            bond.end()

    def _ending(self) -> Iterator[Bond]:
        bonds, self._bonds = self._bonds, {}
        yield from bonds.values()
