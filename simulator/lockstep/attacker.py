"""Somebody with a laptop: forges, records, plays back, connects, and floods."""

from collections import deque
from collections.abc import Callable, Sequence

from simulator.lockstep.agenda import Agenda
from simulator.lockstep.badge import Badge
from simulator.lockstep.bond import Bond
from simulator.lockstep.courier import Dialled
from simulator.lockstep.hub import Hub
from simulator.lockstep.log import Log
from simulator.world.draws import Draws
from wire.frame import FRAME_LENGTH, VERSION

STRANGER = 1 << 40  # an address that no badge has
_LEGACY_AT = 7
_KEPT = 200
_LOUD_DBM = -50


class Attacker:
    """Hears every frame, has no key, and stands next to every hub."""

    def __init__(
        self, agenda: Agenda, log: Log, draws: Draws, air: Dialled, hubs: Sequence[Hub]
    ) -> None:
        self._agenda = agenda
        self._log = log
        self._draws = draws.under("attacker")
        self._air = air
        self._hubs = hubs
        self._frames: deque[bytes] = deque(maxlen=_KEPT)
        self._commands: deque[bytes] = deque(maxlen=_KEPT)
        self._count = 0

    def overhear(self, badge: Badge) -> None:
        """A badge speaks."""
        if badge.speaks is not None:
            frame = badge.speaks.payload[_LEGACY_AT:]
            if not self._frames or self._frames[-1] != frame:
                self._frames.append(frame)

    def overhear_command(self, sealed: bytes) -> None:
        """Somebody writes to a badge."""
        self._commands.append(sealed)

    def forge(self, for_ms: int, per_s: float) -> None:
        """Frames with a right head and nothing right behind it."""
        self._repeat(for_ms, per_s, self._forged)

    def replay(self, for_ms: int, per_s: float) -> None:
        """What badges have said before, from an address of its own."""
        self._repeat(for_ms, per_s, self._recorded)

    def flood(self, badge: Badge, for_ms: int) -> None:
        """Connects to a badge again and again, and writes what it has: noise and recordings."""
        until_ms = self._agenda.now_ms + for_ms
        self._connect(badge, until_ms)

    def _repeat(self, for_ms: int, per_s: float, send: Callable[[], bytes | None]) -> None:
        for at in range(int(for_ms * per_s / 1_000)):
            self._agenda.after(int(at * 1_000 / per_s), self._send, send)

    def _send(self, make: Callable[[], bytes | None]) -> None:
        frame = make()
        if frame is not None:
            for hub in self._hubs:
                hub.hear(STRANGER + self._count, _LOUD_DBM, frame)

    def _forged(self) -> bytes:
        self._count += 1
        rest = self._draws.stream("forged", self._count).randbytes(FRAME_LENGTH - 1)
        return bytes((VERSION << 4,)) + rest

    def _recorded(self) -> bytes | None:
        self._count += 1
        if not self._frames:
            return None
        return self._draws.choice(tuple(self._frames), "recorded", self._count)

    def _connect(self, badge: Badge, until_ms: int) -> None:
        if self._agenda.now_ms >= until_ms:
            return
        if badge.speaks is None or not badge.speaks.connectable:
            self._agenda.after(200, self._connect, badge, until_ms)
            return
        self._count += 1
        number = self._count
        bond = Bond(
            self._agenda,
            badge,
            lambda _: True,
            lambda: True,
            on_reply=lambda _: self._log.note("attacker", "was answered", badge=badge.number),
            on_end=lambda: None,
        )
        self._agenda.after(100, self._write, bond, number, 0)
        self._agenda.after(3_500, self._connect, badge, until_ms)

    def _write(self, bond: Bond, number: int, times: int) -> None:
        if not bond.alive or times > 6:
            return
        noise = self._draws.stream("noise", number, times).randbytes(29)
        recorded = self._draws.uniform("which", number, times) < 0.5 and bool(self._commands)
        commands = tuple(self._commands)
        sealed = self._draws.choice(commands, "cmd", number, times) if recorded else noise
        bond.write(sealed)
        self._agenda.after(300, self._write, bond, number, times + 1)
