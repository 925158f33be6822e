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
_ALTERED = 0.5
_COUNTER_HIGH_AT = 5  # of the frame's counter the third byte, masked
_KIND_AT = 7  # of the sealed report the first byte: it does not change the mask


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
        """Noise behind a right head; and real frames with a few bits turned, by somebody who
        knows how they are made: the masked counter higher, the sealed kind another."""
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
        if self._frames and self._draws.uniform("altered", self._count) < _ALTERED:
            return self._altered(self._draws.choice(tuple(self._frames), "source", self._count))
        rest = self._draws.stream("forged", self._count).randbytes(FRAME_LENGTH - 1)
        return bytes((VERSION << 4,)) + rest

    def _altered(self, frame: bytes) -> bytes:
        higher, other = self._draws.stream("bits", self._count).sample(range(1, 16), 2)
        forged = bytearray(frame)
        forged[_COUNTER_HIGH_AT] ^= higher
        forged[_KIND_AT] ^= other << 4
        return bytes(forged)

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
        visit = _Visit(self._count, badge.number)
        self._log.note("attacker", "connects", badge=visit.badge)
        bond = Bond(
            self._agenda,
            badge,
            lambda _: True,
            lambda: True,
            on_reply=lambda _: self._tell("was answered", visit),
            on_end=lambda: self._tell("is let go", visit),
        )
        self._agenda.after(100, self._write, bond, visit, 0)
        self._agenda.after(3_500, self._connect, badge, until_ms)

    def _tell(self, what: str, visit: "_Visit") -> None:
        self._log.note("attacker", what, badge=visit.badge, played_back=visit.played_back)

    def _write(self, bond: Bond, visit: "_Visit", times: int) -> None:
        if not bond.alive or times > 6:
            return
        if self._commands and self._draws.uniform("which", visit.number, times) < 0.5:
            commands = tuple(self._commands)
            sealed = self._draws.choice(commands, "command", visit.number, times)
            visit.played_back = True
        else:
            sealed = self._draws.stream("noise", visit.number, times).randbytes(29)
        bond.write(sealed)
        self._agenda.after(300, self._write, bond, visit, times + 1)


class _Visit:
    """One connection of the attacker. played_back: whether a recording was written, or noise."""

    def __init__(self, number: int, badge: int) -> None:
        self.number = number
        self.badge = badge
        self.played_back = False
