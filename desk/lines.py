"""What desk and watchers say to each other over the control socket: one JSON object a line."""

from typing import Annotated

import msgspec

from desk.links import DeskView
from desk.options import VisitMinutes
from desk.turns import Acknowledge, EndVisit, ExtendVisit, Look, Resolve, SetVisit
from gateway.contract.messages import AlertRecord

#: Longest line that the desk reads, in bytes.
MAX_ASK = 4_096
#: Longest line that the desk writes, in bytes.
MAX_TOLD = 256 * 1024

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
AlertId = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=254)]
BadgeNumber = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the desk: exactly one of these.

    alert: a record, new or changed. gone: an alert that is no longer shown.
    desk: the desk's links. error: why the last request was refused.
    """

    alert: AlertRecord | None = None
    gone: str | None = None
    desk: DeskView | None = None
    error: str | None = None


class AskAcknowledge(msgspec.Struct, frozen=True, tag_field="action", tag="acknowledge"):
    """Take an alert; minutes until help, null = unknown."""

    alert: AlertId
    by: Name
    minutes: Minutes | None = None

    def given(self) -> Acknowledge:
        """The request, for the core."""
        return Acknowledge(self.alert, self.by, self.minutes)


class AskResolve(msgspec.Struct, frozen=True, tag_field="action", tag="resolve"):
    """Say that an alert is over."""

    alert: AlertId
    by: Name

    def given(self) -> Resolve:
        """The request, for the core."""
        return Resolve(self.alert, self.by)


class AskLook(msgspec.Struct, frozen=True, tag_field="action", tag="look"):
    """Leave in the audit trail that the details of an alert were looked at."""

    alert: AlertId
    by: Name

    def given(self) -> Look:
        """The request, for the core."""
        return Look(self.alert, self.by)


class AskSetVisit(msgspec.Struct, frozen=True, tag_field="action", tag="set_visit"):
    """Let the running visit of a badge be due in so many minutes from now."""

    badge: BadgeNumber
    by: Name
    minutes: VisitMinutes

    def given(self) -> SetVisit:
        """The request, for the core."""
        return SetVisit(self.badge, self.by, self.minutes)


class AskExtendVisit(msgspec.Struct, frozen=True, tag_field="action", tag="extend_visit"):
    """Give the running visit of a badge so many minutes more."""

    badge: BadgeNumber
    by: Name
    minutes: VisitMinutes

    def given(self) -> ExtendVisit:
        """The request, for the core."""
        return ExtendVisit(self.badge, self.by, self.minutes)


class AskEndVisit(msgspec.Struct, frozen=True, tag_field="action", tag="end_visit"):
    """Say that the running visit of a badge is over."""

    badge: BadgeNumber
    by: Name

    def given(self) -> EndVisit:
        """The request, for the core."""
        return EndVisit(self.badge, self.by)


Ask = AskAcknowledge | AskResolve | AskLook | AskSetVisit | AskExtendVisit | AskEndVisit


def line(message: Told | Ask) -> bytes:
    """A message as a line."""
    return msgspec.json.encode(message) + b"\n"


def read_ask(text: bytes) -> Ask:
    """The request in a line. Raises msgspec.DecodeError."""
    ask: Ask = msgspec.json.decode(text, type=Ask)
    return ask


def read_told(text: bytes) -> Told:
    """The message in a line of the desk. Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Told)
