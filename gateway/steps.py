"""What goes into the relay, and what comes out of it."""

from enum import IntEnum
from typing import NamedTuple

from gateway.contract.messages import CommandMessage
from gateway.contract.words import Words
from gateway.intake import Hearing
from wire.command import Command


class Urgency(IntEnum):
    """The order in which waiting rows are published."""

    EVENT = 0
    RESULT = 1
    STATUS = 2


# Durable changes: those of one Commit are on disk together or not at all.


class Row(NamedTuple):
    """A message that waits in the outbox for its PUBACK; ids rise.

    subject: rows of a badge with the same one say the same of another moment; "" for none.
    """

    id: int
    urgency: Urgency
    badge: int
    topic: str
    payload: bytes
    subject: str = ""


class Count(NamedTuple):
    """The badge's highest accepted counter, and the frame that carried it."""

    badge: int
    counter: int
    frame: bytes


class Forget(NamedTuple):
    """The badge's counter on disk is not believed: it was damaged, or is of another key."""

    badge: int


class Waiting(NamedTuple):
    """A row without its message; size: of topic and payload, in bytes."""

    id: int
    urgency: Urgency
    badge: int
    size: int = 0
    subject: str = ""


class Put(NamedTuple):
    """A row enters the outbox."""

    row: Row


class Drop(NamedTuple):
    """A row leaves the outbox: acknowledged by the broker, or replaced by a newer one."""

    row_id: int


class Await(NamedTuple):
    """The desk's receipt of an event is awaited; the event's latest report, to send again."""

    badge: int
    event: int
    topic: str
    payload: bytes


class Settle(NamedTuple):
    """The desk's receipt of an event came."""

    badge: int
    event: int


class Keep(NamedTuple):
    """A command of the desk is to be carried out."""

    id: str
    payload: bytes


class Done(NamedTuple):
    """A command of the desk was carried out, or given up."""

    id: str


class Watch(NamedTuple):
    """The alarm has an event in view; payload: what it knows of it, gateway.alarm.case.Case."""

    badge: int
    event: int
    payload: bytes


class Unwatch(NamedTuple):
    """The alarm is done with an event."""

    badge: int
    event: int


Change = Watch | Unwatch | Forget | Count | Put | Drop | Await | Settle | Keep | Done


class Restored(NamedTuple):
    """What an earlier run left on disk."""

    next_row: int = 1
    rows: tuple[Waiting, ...] = ()
    awaiting: tuple[Await, ...] = ()
    commands: tuple[CommandMessage, ...] = ()
    watched: tuple[Watch, ...] = ()


# Inputs


class Heard(NamedTuple):
    """A frame that intake took, from this address with this strength in dBm."""

    hearing: Hearing
    address: str
    rssi: int


class Committed(NamedTuple):
    """These changes are on disk."""

    changes: tuple[Change, ...]


class Unsaved(NamedTuple):
    """The disk would not take these changes: they are in memory, and Committed comes later."""

    changes: tuple[Change, ...]


class Gone(NamedTuple):
    """The row's message is lost: no disk has it any more."""

    row_id: int


class ClockMoved(NamedTuple):
    """The host's clock was set by so many milliseconds."""

    by_ms: int


class Acknowledged(NamedTuple):
    """The broker acknowledged the row."""

    row_id: int


class Refused(NamedTuple):
    """The row cannot be read now, or the broker did not take it; it must be tried again."""

    row_id: int


class Ordered(NamedTuple):
    """A command of the desk arrived."""

    message: CommandMessage


class LinkChanged(NamedTuple):
    """The connection to the broker came up or went down."""

    up: bool


class Replied(NamedTuple):
    """The badge itself confirmed a command."""

    badge: int
    command: Command


class WriteFailed(NamedTuple):
    """A command did not reach the badge, or no reply came."""

    badge: int


class Called(NamedTuple):
    """What became of a call so far: how many targets took it; last: nothing more will come."""

    badge: int
    event: int
    call: int
    reached: int
    last: bool


class Silenced(NamedTuple):
    """A person at the hub pressed the button that silences."""


class Tick(NamedTuple):
    """Time passed."""


Input = (
    Heard
    | Committed
    | Unsaved
    | Gone
    | ClockMoved
    | Acknowledged
    | Refused
    | Ordered
    | LinkChanged
    | Replied
    | WriteFailed
    | Called
    | Silenced
    | Tick
)


# Effects


class Commit(NamedTuple):
    """Write these changes now, and answer with Committed."""

    changes: tuple[Change, ...]


class Tidy(NamedTuple):
    """Write these changes with the next commit; losing them costs a repetition, no more."""

    changes: tuple[Change, ...]


class Publish(NamedTuple):
    """Publish the row; its PUBACK comes back as Acknowledged."""

    row_id: int


class Send(NamedTuple):
    """Publish a message that nobody keeps."""

    topic: str
    payload: bytes
    qos: int


class WriteCommand(NamedTuple):
    """Write a command to the badge at this address; answered by Replied or WriteFailed."""

    badge: int
    address: str
    command: Command


class Disconnect(NamedTuple):
    """Let go of the badge."""

    badge: int


class Call(NamedTuple):
    """Call people, in place of any earlier call of the event; answered by Called."""

    badge: int
    event: int
    call: int
    words: Words


class CallOff(NamedTuple):
    """Stop calling, and tell those who were reached."""

    badge: int
    event: int
    words: Words


class Sound(NamedTuple):
    """The siren is to sound, or to be silent."""

    on: bool


Effect = Commit | Tidy | Publish | Send | WriteCommand | Disconnect | Call | CallOff | Sound
