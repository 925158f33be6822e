"""One virtual badge and who wears it: what they do to it, what it says, what they feel."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, NamedTuple

from badge.boards import tbeam_v1_2 as board
from gateway.contract.messages import KINDS, PHASES, Kind, Phase
from simulator.badges.orders import FOREVER_PARTS, NEAR_M
from simulator.badges.sky import sky_over
from simulator.daily_living import walk
from simulator.ear import Ear
from simulator.falls import fall_forward, stay_down
from simulator.felt import END_MS, Felt, Hand
from simulator.gnss import Burst
from simulator.motion import Placement, Wearer
from simulator.usb_badge import UsbBadge, Words
from wire import WireError
from wire.frame import Report

CELL_V = 3.9

_PRESS_S, _PAUSE_S = 0.1, 0.2
_PATIENCE_S = 5.0  # who feels nothing lets go after so long
_WALK_S = 20.0  # before a fall: so the badge learns which way is up
_DOWN_S = 60.0
_FIX_AFTER_S = 8.0  # of a receiver that was off for long


class Saying(NamedTuple):
    """What an event of a badge is and how far it is."""

    kind: Kind
    phase: Phase
    event: int

    def __str__(self) -> str:
        return "idle" if self.kind is Kind.STATUS else f"{self.kind} {self.phase}"


IDLE = Saying(Kind.STATUS, Phase.IDLE, 0)


class Worn:
    """A badge with its wearer; every method returns at once.

    make: the badge, given what its receiver says and where its hardware's words go. ears: one
    for each fleet key that it may have. tell: takes a line for the tester, and its style.
    """

    def __init__(
        self,
        number: int,
        wearer: str,
        make: Callable[[Callable[[], bytes], Callable[[Words], None]], UsbBadge],
        *,
        ears: Sequence[Ear],
        tell: Callable[[str, str], None],
        rng: random.Random,
    ) -> None:
        self.number = number
        self.wearer = wearer
        self.saying = IDLE
        self.phases: set[Phase] = set()  # what its event has said since the wearer did something
        self.report: Report | None = None
        self.felt = ""
        self.volts = CELL_V
        self.charging = False
        self.broken: set[str] = set()
        self.heard_s: float | None = None
        self.changed = asyncio.Event()
        self._crash_due = False
        self._ears = ears
        self._tell = tell
        self._rng = rng
        self._hand = Hand()
        self._pressing: asyncio.Task[None] | None = None
        self._falling: asyncio.Task[None] | None = None
        self._buzzed = asyncio.Event()
        self._sky: Iterator[Burst] = sky_over(number, NEAR_M, fix_after_s=_FIX_AFTER_S)
        self.badge = make(self._sentences, self._said)

    @property
    def name(self) -> str:
        """On the air, and in front of what it tells."""
        return f"badge-{self.number}"

    @property
    def state(self) -> str:
        """Off, asleep or on."""
        if not self.badge.on:
            return "off"
        return "asleep" if self.badge.asleep else "on"

    def close(self) -> None:
        """Everything off."""
        for task in (self._pressing, self._falling):
            if task is not None:
                task.cancel()
        self.badge.power_off()

    # -- what the wearer does -----------------------------------------------

    def press(self, times: int) -> None:
        """Presses the button so often, in a row."""
        self.phases.clear()
        self._use_thumb(self._press(times))

    def hold(self) -> None:
        """Holds the button until it buzzes, or for five seconds."""
        self.phases.clear()
        self._use_thumb(self._hold())

    def fall(self) -> None:
        """Walks for twenty seconds, falls, and stays down."""
        self.phases.clear()
        if self._falling is not None:
            self._falling.cancel()
        self._falling = asyncio.create_task(self._fall())

    def walk(self, metres: float) -> None:
        """Is so far from the hub now, always in the same direction."""
        self._sky = sky_over(self.number, metres)

    def power_off(self) -> None:
        """The battery comes out."""
        self.badge.power_off()
        self.saying, self.report = IDLE, None
        self.changed.set()

    def power_on(self) -> None:
        """The battery goes in."""
        self.badge.power_on()
        self.changed.set()

    def set_cell(self, volts: float) -> None:
        """The battery has so many volts now."""
        self.volts = volts
        self.badge.set_cell(volts)

    def charge(self, *, plugged: bool) -> None:
        """On its charger or off it; one that is off starts there, as on the real board."""
        self.charging = plugged
        self.badge.plug_in_charger(plugged=plugged)
        if plugged and not self.badge.on:
            self.power_on()

    def break_part(self, part: str) -> None:
        """A part of simulator.badges.orders.PARTS fails."""
        if part == "crash":
            self._crash_due = True
            self._crash_when_at_work()
            return
        self.broken.add(part)
        self._make_so(part, broken=True)

    def _crash_when_at_work(self) -> None:
        if self._crash_due and self.report is not None and self.badge.awake.is_set():
            self._crash_due = False
            self.badge.crash()

    def mend(self, part: str) -> None:
        """A part, or all, work again."""
        for mended in FOREVER_PARTS if part == "all" else (part,):
            if mended in self.broken:
                self.broken.discard(mended)
                self._make_so(mended, broken=False)

    def _make_so(self, part: str, *, broken: bool) -> None:
        # Motor and receiver are broken where their words arrive.
        if part == "flash":
            self.badge.wear_flash_out(worn=broken)
        elif part == "accelerometer":
            self.badge.solder_accelerometer(there=not broken)
        elif part == "button-stuck":
            self._use_thumb(None)
            self.badge.button(down=broken)

    def _use_thumb(self, work: Coroutine[Any, Any, None] | None) -> None:
        """One thing after the other: what it was at ends."""
        if self._pressing is not None:
            self._pressing.cancel()
        self._pressing = None if work is None else asyncio.create_task(work)

    def _thumb(self, *, down: bool) -> None:
        if "button-stuck" not in self.broken:
            self.badge.button(down=down)

    async def _press(self, times: int) -> None:
        try:
            for _ in range(times):
                self._thumb(down=True)
                await asyncio.sleep(_PRESS_S)
                self._thumb(down=False)
                await asyncio.sleep(_PAUSE_S)
        finally:
            self._thumb(down=False)

    async def _hold(self) -> None:
        self._buzzed.clear()
        self._thumb(down=True)
        try:
            await asyncio.wait_for(self._buzzed.wait(), _PATIENCE_S)
        except TimeoutError:
            self._note("felt nothing, and lets go of the button", "yellow")
        finally:
            self._thumb(down=False)

    async def _fall(self) -> None:
        body = Wearer(Placement.LANYARD, self._rng.randrange(1 << 30))
        felt = itertools.chain(walk(body, _WALK_S), fall_forward(body), stay_down(body, _DOWN_S))
        samples = list(felt)
        await self.badge.feel(samples)
        self.badge.rest(samples[-1])

    def _sentences(self) -> bytes:
        return b"" if "gnss" in self.broken else next(self._sky)[1]

    # -- what the badge does ------------------------------------------------

    def _said(self, words: Words) -> None:
        if words[0] == "adv" and words[1] != "0":
            self._hear(bytes.fromhex(words[3]))
            self._crash_when_at_work()
        elif words[:2] == ("pin", str(board.MOTOR)) and "motor" not in self.broken:
            self._feel(on=words[2] == "1")
        elif words[0] == "reset":
            self._note("starts again", "yellow")
        elif words[0] == "ended":
            self.saying, self.report = IDLE, None
            self._note("has switched itself off", "yellow")
        self.changed.set()

    def _hear(self, advertisement: bytes) -> None:
        for ear in self._ears:
            try:
                report = ear.hear(advertisement).report
            except WireError:
                continue
            self._note_report(report)

    def _note_report(self, report: Report) -> None:
        self.report = report
        said, before = Saying(KINDS[report.kind], PHASES[report.phase], report.event), self.saying
        self.saying = said
        if said.kind is Kind.STATUS:
            return
        if said.event != before.event:
            self.phases.clear()
        self.phases.add(said.phase)
        if said != before:
            self._note(str(said), _STYLES.get(said.phase, ""))

    def _feel(self, *, on: bool) -> None:
        if on:
            self._buzzed.set()
        self._note_felt(self._hand.edge(_now_ms(), on))
        if not on:
            loop = asyncio.get_running_loop()
            loop.call_later((END_MS + 50) / 1000, self._end_of_pattern)

    def _end_of_pattern(self) -> None:
        self._note_felt(self._hand.tick(_now_ms()))
        self.changed.set()

    def _note_felt(self, felt: Felt | None) -> None:
        if felt is None or not felt.names:
            return
        before, self.felt = self.felt, " or ".join(felt.names)
        if self.saying.phase is Phase.PENDING:  # pulses that grow, half a minute long
            self.felt = str(Phase.PENDING)
        if self.felt != before or self.saying.phase is not Phase.PENDING:
            self._note(f"feels: {self.felt}", "cyan")

    def _note(self, text: str, style: str) -> None:
        self._tell(f"badge {self.number} ({self.wearer}) {text}", style)


_STYLES = {
    Phase.PENDING: "yellow",
    Phase.RAISED: "bold red",
    Phase.HEARD: "red",
    Phase.ACKNOWLEDGED: "green",
    Phase.RESOLVED: "green",
}


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
