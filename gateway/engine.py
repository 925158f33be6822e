"""Carries the relay's effects out, in order; what the disk refuses, it holds in memory."""

from collections.abc import Iterable
from typing import Protocol

from gateway.disk.held import Held, can_wait
from gateway.disk.outbox import DiskState, Letter, letter_of
from gateway.errors import OutboxError
from gateway.relay import Relay
from gateway.steps import (
    Call,
    CallOff,
    Change,
    Commit,
    Committed,
    Disconnect,
    Effect,
    Gone,
    Input,
    Publish,
    Refused,
    Send,
    Sound,
    Tidy,
    Unsaved,
    WriteCommand,
)

RETRY_MS = 1000


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


class Disk(Protocol):
    """What lasts; gateway.disk.outbox.Outbox."""

    disk: DiskState

    def commit(self, changes: Iterable[Change]) -> None:
        """Write all changes, or none. Raises OutboxError."""

    def recover(self) -> None:
        """Whether a full disk has space again."""

    def letters(self, row_ids: Iterable[int]) -> dict[int, Letter]:
        """The messages of rows, by id. Raises OutboxError."""


class Calling(Protocol):
    """The way to people, while the desk is away."""

    def carry_out(self, effect: Call | CallOff | Sound) -> None:
        """Call, answered with Called; stop calling; or sound the siren."""


class Engine:
    """Relay, outbox, and the ways out: broker, badges, and people where an alarm is configured.

    What arrived together is committed together: one disk write for all of it. What
    the disk refuses goes out from memory, and is tried again every second. Only
    what is on the disk is Committed, so no badge is told of the rest.
    """

    def __init__(
        self,
        relay: Relay,
        outbox: Disk,
        uplink: Uplinked,
        downlink: Downlinked,
        station: Calling | None = None,
    ) -> None:
        self._relay = relay
        self._outbox = outbox
        self._uplink = uplink
        self._downlink = downlink
        self._station = station
        self._untidy: list[Change] = []
        self._held = Held()
        self._tried_ms: int | None = None

    def turn(self, now_ms: int, inputs: Iterable[Input]) -> None:
        """Step through the inputs and all that follows."""
        inputs = (*self._try_again(now_ms), *inputs)
        while inputs:
            effects = [effect for item in inputs for effect in self._relay.step(now_ms, item)]
            changes = self._collect(effects)
            inputs = self._store(changes) if changes else ()
            inputs += self._carry_out(effects)

    def note(self, changes: Iterable[Change]) -> None:
        """Changes to write with the next commit."""
        self._untidy.extend(changes)

    def tidy(self) -> None:
        """Write what could wait; while the disk refuses, it goes with the rest."""
        if self._untidy and not self._held:
            self._store(())

    def _collect(self, effects: Iterable[Effect]) -> tuple[Change, ...]:
        changes: list[Change] = []
        for effect in effects:
            if isinstance(effect, Commit):
                changes.extend(effect.changes)
            elif isinstance(effect, Tidy):
                self._untidy.extend(effect.changes)
        return tuple(changes)

    def _store(self, changes: tuple[Change, ...]) -> tuple[Input, ...]:
        """Committed for what is on the disk now, after Unsaved when not all of it is."""
        self._held.hold((*self._untidy, *changes))
        self._untidy.clear()
        # A disk that failed is left alone for a while: each try may take it seconds.
        stored = () if self._outbox.disk == "failed" else self._flush()
        return (Unsaved(changes), *stored) if self._held else stored

    def _flush(self) -> tuple[Input, ...]:
        self._held.hold(tuple(self._untidy))
        self._untidy.clear()
        changes = self._held.changes
        if self._outbox.disk == "full":  # what space there is belongs to the alerts
            changes = tuple(change for change in changes if not can_wait(change))
        try:
            self._outbox.commit(changes)
        except OutboxError:
            return ()
        self._held.forget(changes)
        return (Committed(changes),)

    def _try_again(self, now_ms: int) -> tuple[Input, ...]:
        if self._outbox.disk == "ok" and not self._held:
            return ()
        if self._tried_ms is not None and abs(now_ms - self._tried_ms) < RETRY_MS:
            return ()
        self._tried_ms = now_ms
        if self._outbox.disk == "full":
            self._outbox.recover()
        return self._flush() if self._held else ()

    def _carry_out(self, effects: list[Effect]) -> tuple[Input, ...]:
        wanted = [item.row_id for item in effects if isinstance(item, Publish)]
        letters, unread = self._letters(wanted)
        missing: list[Input] = []
        for effect in effects:
            match effect:
                case Publish(row_id):
                    if (letter := letters.get(row_id)) is not None:
                        self._uplink.publish(row_id, letter)
                    else:
                        missing.append(Refused(row_id) if row_id in unread else Gone(row_id))
                case Send():
                    self._uplink.send(effect)
                case WriteCommand():
                    self._downlink.write(effect)
                case Disconnect():
                    self._downlink.disconnect(effect.badge)
                case Call() | CallOff() | Sound() if self._station is not None:
                    self._station.carry_out(effect)
                case _:
                    pass  # changes: written already
        return tuple(missing)

    def _letters(self, row_ids: list[int]) -> tuple[dict[int, Letter], set[int]]:
        """The messages of rows by id, and the rows that cannot be read now."""
        held = [row for row in map(self._held.row, row_ids) if row is not None]
        letters = {row.id: letter_of(row) for row in held}
        stored = [row_id for row_id in row_ids if row_id not in letters]
        try:
            return letters | (self._outbox.letters(stored) if stored else {}), set()
        except OutboxError:
            return letters, set(stored)
