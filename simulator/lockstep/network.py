"""The way between a client and the broker, in virtual time: it delays, swallows, or is cut."""

from collections.abc import Callable
from typing import Literal

from simulator.lockstep.agenda import Agenda

Condition = Literal["whole", "slow", "swallows", "cut"]
_USUAL_MS = 8.0
_SLOW_MS = 1_500.0


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
        self._held: list[tuple[Agenda, Callable[..., object], tuple[object, ...], str]] = []
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
        if not self.whole:
            self._held.append((agenda, call, arguments, topic))
            return
        at_ms = max(agenda.now_ms + self._delay_ms(), self._last_ms.get(topic, 0))
        self._last_ms[topic] = at_ms
        agenda.at(at_ms, self._arrive, agenda, call, arguments, topic)

    def become(self, condition: Condition) -> None:
        """The way changes; `watch` is told."""
        self.condition = condition
        if self.whole:
            held, self._held = self._held, []
            for agenda, call, arguments, topic in held:
                self.up(agenda, call, *arguments, topic=topic)
        self.watch()

    def forget(self) -> None:
        """The connection is over, and with it what TCP would have repeated."""
        self._held.clear()

    def _arrive(
        self,
        agenda: Agenda,
        call: Callable[..., object],
        arguments: tuple[object, ...],
        topic: str,
    ) -> None:
        if self.whole:
            call(*arguments)
        else:
            self._held.append((agenda, call, arguments, topic))

    def _delay_ms(self) -> int:
        self._packets += 1
        usual_ms = _SLOW_MS if self.condition == "slow" else _USUAL_MS
        return 1 + int(usual_ms * (0.5 + self._draw("delay", self._packets)))
