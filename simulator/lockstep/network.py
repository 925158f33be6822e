"""The way between a client and the broker, in virtual time: it delays, swallows, or is cut."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from simulator.lockstep.agenda import Agenda, Due

Condition = Literal["whole", "slow", "swallows", "cut"]
_USUAL_MS = 8.0
_SLOW_MS = 1_500.0


class _Packet(NamedTuple):
    agenda: Agenda
    call: Callable[..., object]
    arguments: tuple[object, ...]
    topic: str


class Path:
    """One client's TCP, and the network under it.

    `swallows`: half-open, nothing arrives any more and nobody is told. `cut`: a new connection
    is refused at once, and one that stands is as good as half-open. TCP repeats what was
    swallowed once the way is whole again, while the connection still stands.
    """

    def __init__(self, draw: Callable[..., float]) -> None:
        self.condition: Condition = "whole"
        self.watch: Callable[[], object] = lambda: None
        self._draw = draw
        self._held: list[_Packet] = []  # in the order in which they were sent, as are those below
        self._flying: dict[int, tuple[Due, _Packet]] = {}
        self._packets = 0
        self._last_ms: dict[str, int] = {}

    @property
    def whole(self) -> bool:
        """Whether packets arrive."""
        return self.condition in ("whole", "slow")

    def up(
        self, agenda: Agenda, call: Callable[..., object], *arguments: object, topic: str = ""
    ) -> None:
        """One packet, in either direction. Those of the same topic keep their order."""
        packet = _Packet(agenda, call, arguments, topic)
        if not self.whole:
            self._held.append(packet)
            return
        at_ms = max(agenda.now_ms + self._delay_ms(), self._last_ms.get(topic, 0))
        self._last_ms[topic] = at_ms
        self._fly(at_ms, packet)

    def end(self, agenda: Agenda, call: Callable[..., object], *arguments: object) -> None:
        """The end of a connection: behind all that was sent over it."""
        at_ms = max(agenda.now_ms + self._delay_ms(), *self._last_ms.values(), 0)
        self._fly(at_ms, _Packet(agenda, call, arguments, ""))

    def become(self, condition: Condition) -> None:
        """The way changes; `watch` is told. What is under way when it breaks is swallowed."""
        self.condition = condition
        if self.whole:
            held, self._held = self._held, []
            for agenda, call, arguments, topic in held:
                self.up(agenda, call, *arguments, topic=topic)
        else:
            flying, self._flying = self._flying, {}
            for due, packet in flying.values():
                due.call_off()
                self._held.append(packet)
        self.watch()

    def forget(self) -> None:
        """The connection is over, and with it what TCP would have repeated."""
        self._held.clear()

    def _fly(self, at_ms: int, packet: _Packet) -> None:
        number = self._packets
        due = packet.agenda.at(at_ms, self._arrive, number, packet)
        self._flying[number] = due, packet

    def _arrive(self, number: int, packet: _Packet) -> None:
        del self._flying[number]
        packet.call(*packet.arguments)

    def _delay_ms(self) -> int:
        self._packets += 1
        usual_ms = _SLOW_MS if self.condition == "slow" else _USUAL_MS
        return 1 + int(usual_ms * (0.5 + self._draw("delay", self._packets)))
