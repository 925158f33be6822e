"""A connection between a hub, or a stranger, and a badge: it delays, repeats, and breaks.

The link layer repeats what is lost with each connection event (Bluetooth Core Specification,
Vol 6, Part B, 4.5.9), so loss is delay, until the supervision timeout ends the connection.
"""

from collections.abc import Callable
from typing import Protocol

from simulator.lockstep.agenda import Agenda

INTERVAL_MS = 30  # between connection events
SUPERVISION_MS = 4_000
DISCOVERY_EVENTS = 6  # services, characteristics, and the subscription to replies
_LOOK_MS = 2_000


class Peer(Protocol):
    """The badge's end."""

    def bonded(self, bond: "Bond") -> int | None:
        """A connection comes about; its number, None when there is no badge any more."""

    def unbonded(self, bond: "Bond") -> None:
        """The connection is over."""

    def written(self, bond: "Bond", sealed: bytes) -> None:
        """A command arrives."""


class Bond:
    """carries: whether packets of this number get through, there and back; reaches: whether any
    can now; overheard: told each command that arrives. `alive` until it is over."""

    def __init__(
        self,
        agenda: Agenda,
        peer: Peer,
        carries: Callable[[int], bool],
        reaches: Callable[[], bool],
        *,
        on_reply: Callable[[bytes], None],
        on_end: Callable[[], None],
        overheard: Callable[[bytes], object] = lambda _: None,
    ) -> None:
        self.alive = True
        self.number = -1
        self._agenda = agenda
        self._peer = peer
        self._carries = carries
        self._reaches = reaches
        self._on_reply = on_reply
        self._on_end = on_end
        self._overheard = overheard
        self._packets = 0
        self._latest_ms = {"there": 0, "back": 0}  # when what was sent before arrives
        number = peer.bonded(self)
        if number is None:
            self.alive = False
        else:
            self.number = number
            agenda.after(_LOOK_MS, self._look)

    def write(self, sealed: bytes) -> None:
        """A command on its way to the badge."""
        self._send("there", lambda: self._written(sealed))

    def notify(self, sealed: bytes) -> None:
        """A reply on its way from the badge."""
        self._send("back", lambda: self._on_reply(sealed))

    def discovery_ms(self) -> int:
        """How long it takes until commands can be written."""
        return sum(self._delay_ms() for _ in range(DISCOVERY_EVENTS))

    def end(self) -> None:
        """One side lets go; both know."""
        if self.alive:
            self.alive = False
            self._peer.unbonded(self)
            self._on_end()

    def _send(self, way: str, arrive: Callable[[], None]) -> None:
        if not self.alive:
            return
        delay_ms = self._delay_ms()
        if delay_ms >= SUPERVISION_MS:
            self._agenda.after(SUPERVISION_MS, self.end)
        else:
            at_ms = max(self._agenda.now_ms + delay_ms, self._latest_ms[way])
            self._latest_ms[way] = at_ms
            self._agenda.at(at_ms, self._arrive, arrive)

    def _written(self, sealed: bytes) -> None:
        self._peer.written(self, sealed)
        self._overheard(sealed)

    def _arrive(self, arrive: Callable[[], None]) -> None:
        if self.alive:
            arrive()

    def _delay_ms(self) -> int:
        events = 1
        while events * INTERVAL_MS < SUPERVISION_MS:
            self._packets += 1
            if self._carries(self._packets):
                break
            events += 1
        return events * INTERVAL_MS

    def _look(self) -> None:
        if not self.alive:
            return
        if self._reaches():
            self._agenda.after(_LOOK_MS, self._look)
        else:
            self._agenda.after(SUPERVISION_MS - _LOOK_MS, self._break)

    def _break(self) -> None:
        if self.alive and not self._reaches():
            self.end()
        elif self.alive:
            self._agenda.after(_LOOK_MS, self._look)
