"""What the desk's core takes in and what it gives out; all of it values."""

from typing import NamedTuple

from desk.alert import Alert, Key
from desk.climb import Climb
from desk.visit import Visit
from gateway.contract.messages import AlertRecord, CommandMessage, CommandResult, Notice, Report
from gateway.contract.words import Words


class Reported(NamedTuple):
    """A gateway passed on a report of a badge.

    misplaced: it came as a retained event, though an event must never be one.
    """

    report: Report
    misplaced: bool = False


class Confirmed(NamedTuple):
    """A gateway told what became of a command."""

    result: CommandResult


class Noticed(NamedTuple):
    """A gateway told how it called people by itself."""

    notice: Notice


class Acknowledge(NamedTuple):
    """A person takes an alert; minutes until help, None = unknown."""

    alert: str
    by: str
    minutes: int | None


class Resolve(NamedTuple):
    """A person says that an alert is over."""

    alert: str
    by: str


class SetVisit(NamedTuple):
    """A person says that the running visit of a badge is due in so many minutes from now."""

    badge: int
    by: str
    minutes: int


class ExtendVisit(NamedTuple):
    """A person gives the running visit of a badge so many minutes more."""

    badge: int
    by: str
    minutes: int


class EndVisit(NamedTuple):
    """A person says that the running visit of a badge is over."""

    badge: int
    by: str


class Look(NamedTuple):
    """A person looks at the positions of an alert, or of all with alert "*"."""

    alert: str
    by: str


class Notified(NamedTuple):
    """What became of a Notify; reason: why the contact was not reached, or what went wrong else.

    May come late, more than once, or never.
    """

    alert: Key
    contact: str
    ok: bool
    reason: str = ""


class ClockMoved(NamedTuple):
    """The host's clock was set by so many ms since the last input, as a clock that runs showed.

    Optional: without it, a clock that is set ahead makes timers early.
    """

    by_ms: int


class ClockTold(NamedTuple):
    """How far a gateway's clock is behind the host's, by what the gateway just said (ms)."""

    gateway: str
    behind_ms: int


class Tick(NamedTuple):
    """Time has passed; about once a second."""


class Connected(NamedTuple):
    """The broker is there (again), and may have lost its disk."""


class Cleared(NamedTuple):
    """The broker holds the record of this alert no more."""

    key: Key


VisitAsk = SetVisit | ExtendVisit | EndVisit
Asked = Acknowledge | Resolve | Look | VisitAsk
Told = Reported | Confirmed | Noticed | Notified
Input = Told | Asked | ClockMoved | ClockTold | Tick | Connected | Cleared


class SaveAlert(NamedTuple):
    """Keep the alert as it now is."""

    alert: Alert


class SaveReport(NamedTuple):
    """Keep that a gateway heard a report of an event, and how loudly."""

    report: Report
    heard_ms: int


class SaveBadge(NamedTuple):
    """Keep the newest that a badge said about itself.

    missed: whether supervisors must see it, should nothing come after this.
    """

    report: Report
    heard_ms: int
    missed: bool = False


class SaveNotice(NamedTuple):
    """Keep the latest notice of a gateway about an event."""

    notice: Notice


class SaveAudit(NamedTuple):
    """Keep who did what, when, and what came of it."""

    at_ms: int
    who: str
    action: str
    alert: str
    outcome: str


class SaveVisit(NamedTuple):
    """Keep the badge's visit as it now is."""

    visit: Visit


class SaveClimb(NamedTuple):
    """Keep where the chain of people stands who are called for an alert."""

    climb: Climb


class DropClimb(NamedTuple):
    """Nobody is called for this alert any more."""

    key: Key


class SaveClock(NamedTuple):
    """Keep how far the time that only runs is, and how far ahead of the host's clock."""

    ahead_ms: int
    seen_ms: int


class Archive(NamedTuple):
    """Keep only that the event was, and how it ended."""

    key: Key


class Announce(NamedTuple):
    """Show the record: retained at the broker, and to those who watch."""

    record: AlertRecord


class Send(NamedTuple):
    """Send a command to the gateways."""

    command: CommandMessage


class Clear(NamedTuple):
    """Take the record from the broker, and from those who watch."""

    key: Key


class Notify(NamedTuple):
    """Call a contact, as part of a step (from 1) of the chain; answered by Notified."""

    alert: Key
    contact: str
    step: int
    words: Words


class StopNotify(NamedTuple):
    """Somebody has the alert, or it is over: try no more, and tell those who were called."""

    alert: Key
    contacts: tuple[str, ...]
    words: Words


class Refuse(NamedTuple):
    """Tell the person who asked why not."""

    text: str


class Count(NamedTuple):
    """Count something that changed nothing."""

    reason: str


Kept = (
    SaveAlert
    | SaveReport
    | SaveBadge
    | SaveNotice
    | SaveAudit
    | SaveVisit
    | SaveClimb
    | DropClimb
    | SaveClock
    | Archive
)
Shown = Announce | Send | Clear | Notify | StopNotify | Refuse | Count
Effect = Kept | Shown
