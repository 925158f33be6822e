"""Carries the relay's effects out, in order; decides nothing."""

from collections.abc import Iterable
from typing import Protocol

from gateway.outbox import Letter, Outbox
from gateway.relay import Relay
from gateway.steps import (
    Change,
    Commit,
    Committed,
    Disconnect,
    Effect,
    Input,
    Publish,
    Send,
    Tidy,
    WriteCommand,
)


class Uplinked(Protocol):
    """The way to the broker. What cannot be sent now is lost here, and kept by the outbox."""

    def publish(self, row_id: int, letter: Letter) -> None:
        """Publish a row; its PUBACK comes back as Acknowledged."""

    def send(self, effect: Send) -> None:
        """Publish a message that nobody keeps."""


class Downlinked(Protocol):
    """The way to the badges."""

    def write(self, order: WriteCommand) -> None:
        """Write a command; answered with Replied or WriteFailed."""

    def disconnect(self, badge: int) -> None:
        """Let go of a badge."""


class Engine:
    """Relay, outbox, and the two ways out.

    What arrived together is committed together: one disk write for all of it.
    """

    def __init__(
        self, relay: Relay, outbox: Outbox, uplink: Uplinked, downlink: Downlinked
    ) -> None:
        self._relay = relay
        self._outbox = outbox
        self._uplink = uplink
        self._downlink = downlink
        self._untidy: list[Change] = []

    def turn(self, now_ms: int, inputs: Iterable[Input]) -> None:
        """Step through the inputs and all that follows. Raises OutboxError."""
        while inputs:
            effects = [effect for item in inputs for effect in self._relay.step(now_ms, item)]
            changes = self._collect(effects)
            if changes:
                self._outbox.commit((*self._untidy, *changes))
                self._untidy.clear()
            for effect in effects:
                self._carry_out(effect)
            inputs = (Committed(changes),) if changes else ()

    def tidy(self) -> None:
        """Write what could wait. Raises OutboxError."""
        if self._untidy:
            self._outbox.commit(self._untidy)
            self._untidy.clear()

    def _collect(self, effects: Iterable[Effect]) -> tuple[Change, ...]:
        changes: list[Change] = []
        for effect in effects:
            if isinstance(effect, Commit):
                changes.extend(effect.changes)
            elif isinstance(effect, Tidy):
                self._untidy.extend(effect.changes)
        return tuple(changes)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Publish():
                letter = self._outbox.letter(effect.row_id)
                if letter is not None:
                    self._uplink.publish(effect.row_id, letter)
            case Send():
                self._uplink.send(effect)
            case WriteCommand():
                self._downlink.write(effect)
            case Disconnect():
                self._downlink.disconnect(effect.badge)
            case _:
                pass  # changes: written already
