"""A real-time badge in the words of a run's log: what it says, and what the hand feels."""

import itertools
import struct
from collections.abc import Callable, Iterator

from badge.boards import esp32_generic as board
from gateway.contract.messages import KINDS, PHASES
from simulator.badge import VirtualBadge
from simulator.daily_living import walk
from simulator.ear import Ear, Heard
from simulator.falls import fall_forward, stay_down
from simulator.felt import END_MS, Felt, Hand
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.log import Log
from simulator.motion import PERIOD_MS, Placement, Wearer

ACCELEROMETER = f"i2c {board.ACCELEROMETER_ADDRESS:02x} lis2dw12"
_WALKS_S, _LIES_S = 20.0, 90.0
_SAMPLES = 100  # in one line: two seconds


class LiveBadge:
    """Follows one badge. on_say: before it is noted that it says something else; on_felt: what the
    hand felt; on_listen: its receiver is switched; on_interval: how often it advertises, in ms."""

    def __init__(
        self,
        number: int,
        ear: Ear,
        agenda: Agenda,
        log: Log,
        *,
        on_say: Callable[[], None],
        on_felt: Callable[[tuple[str, ...]], None],
        on_listen: Callable[[bool], None],
        on_interval: Callable[[float | None], None],
    ) -> None:
        self.number = number
        self.name = f"badge-{number}"
        self.body = self  # where simulator.lockstep.people.Wearer looks for what falls
        self.hardware: VirtualBadge | None = None
        self.heard: Heard | None = None
        self.interval_ms: float | None = None
        self._ear = ear
        self._agenda = agenda
        self._log = log
        self._on_say = on_say
        self._on_felt = on_felt
        self._on_listen = on_listen
        self._on_interval = on_interval
        self._hand = Hand()

    # -- what happens to it -------------------------------------------------

    def press(self, *, down: bool) -> None:
        """The thumb."""
        self._hardware.button(down=down)

    def feel(self, line: str) -> None:
        """A line of simulator/vm/_bus.py, while it has power."""
        if self._hardware.on:
            self._hardware.feel(line)

    def fall(self, _now_ms: int) -> None:
        """The wearer walks a little, falls, and lies."""
        for at, piece in enumerate(_falling()):
            self._agenda.after(at * _SAMPLES * PERIOD_MS, self.feel, f"accels {piece.hex()}")

    def plan(self) -> None:
        """Nothing: it runs by itself."""

    def power(self, *, on: bool) -> None:
        """The cell comes out, or goes in."""
        if on != self._hardware.on:
            self._log.note(self.name, "gets a cell" if on else "loses its cell")
            if on:
                self._hardware.power_on()
            else:
                self._hardware.power_off()
                self._down()

    @property
    def _hardware(self) -> VirtualBadge:
        assert self.hardware is not None
        return self.hardware

    # -- what it does -------------------------------------------------------

    def said(self, words: tuple[str, ...]) -> None:
        """A line of its hardware."""
        if words[:2] == ("pin", str(board.MOTOR)):
            self._moves(on=words[2] == "1")
        elif words[:2] == ("pin", str(board.GNSS_ENABLE)):
            self._on_listen(words[2] == "1")
        elif words[0] == "adv":
            self._advertises(words)
        elif words[0] in ("ended", "reset"):
            self._log.note(self.name, "goes down", why=words[0])
            self._down()
        elif words[0] == "disconnect":
            self._log.note(self.name, "drops a peer")

    def _advertises(self, words: tuple[str, ...]) -> None:
        on = words[1] != "0"
        self.interval_ms = int(words[1]) / 1000 if on else None
        self._on_interval(self.interval_ms)
        if not on:
            return
        heard = self._ear.hear(bytes.fromhex(words[3]))
        if self.heard is None or heard.counter != self.heard.counter:
            self._on_say()
            self._tell(heard)

    def _tell(self, heard: Heard) -> None:
        self.heard = heard
        report = heard.report
        self._log.note(
            self.name, "said", counter=heard.counter, kind=KINDS[report.kind].value,
            phase=PHASES[report.phase].value, event=report.event, battery=report.battery,
            fix=report.fix is not None, fault=report.fault,
        )  # fmt: skip

    def _moves(self, *, on: bool) -> None:
        self._felt(self._hand.edge(self._agenda.now_ms, on))
        if not on:
            self._agenda.after(END_MS, lambda: self._felt(self._hand.tick(self._agenda.now_ms)))

    def _felt(self, felt: Felt | None) -> None:
        if felt is not None:
            self._on_say()
            self._log.note(self.name, "felt", began=felt.at_ms, like=felt.names)
            self._on_felt(felt.names)

    def _down(self) -> None:
        self._hand = Hand()
        self.interval_ms = None
        self._on_interval(None)
        self._on_listen(False)


def _falling() -> Iterator[bytes]:
    """What the accelerometer feels, in lines of two seconds: x, y, z as 16-bit mg."""
    wearer = Wearer(Placement.LANYARD, 1)
    samples = itertools.chain(
        walk(wearer, _WALKS_S), fall_forward(wearer), stay_down(wearer, _LIES_S)
    )
    while piece := list(itertools.islice(samples, _SAMPLES)):
        yield b"".join(struct.pack("<3h", one.x, one.y, one.z) for one in piece)
