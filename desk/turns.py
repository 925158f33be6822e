"""What the desk's core takes in and what it gives out; all of it values."""

from typing import NamedTuple

from desk.alert import Alert, Key
from gateway.contract.messages import AlertRecord, CommandMessage, CommandResult, Notice, Report


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


class Look(NamedTuple):
    """A person looks at the positions of an alert, or of all with alert "*"."""

    alert: str
    by: str


class Tick(NamedTuple):
    """Time has passed; about once a second."""


class Connected(NamedTuple):
    """The broker is there (again), and may have lost its disk."""


class Cleared(NamedTuple):
    """The broker holds the record of this alert no more."""

    key: Key


Input = Reported | Confirmed | Noticed | Acknowledge | Resolve | Look | Tick | Connected | Cleared


class SaveAlert(NamedTuple):
    """Keep the alert as it now is."""

    alert: Alert


class SaveReport(NamedTuple):
    """Keep that a gateway heard a report of an event, and how loudly."""

    report: Report
    heard_ms: int


class SaveBadge(NamedTuple):
    """Keep the newest that a badge said about itself."""

    report: Report
    heard_ms: int


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


class Refuse(NamedTuple):
    """Tell the person who asked why not."""

    text: str


class Count(NamedTuple):
    """Count something that changed nothing."""

    reason: str


Kept = SaveAlert | SaveReport | SaveBadge | SaveNotice | SaveAudit | Archive
Shown = Announce | Send | Clear | Refuse | Count
Effect = Kept | Shown
