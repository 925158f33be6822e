"""What desk.toml says of the people who are called, of visits and of silence."""

from typing import Annotated

import msgspec

Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
#: A visit of more than a day is a mistake.
MAX_VISIT_MINUTES = 1_440
VisitMinutes = Annotated[int, msgspec.Meta(ge=1, le=MAX_VISIT_MINUTES)]
ContactName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person, or a group, who can be called. urls_file: Apprise URLs, one a line; a secret."""

    name: ContactName
    urls_file: Annotated[str, msgspec.Meta(min_length=1)]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is called together, and how long they have before the next step is called."""

    contacts: tuple[ContactName, ...]
    wait_s: Seconds = 120


class EscalationOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [escalation] table. position: whether those who are called are told where."""

    steps: tuple[Step, ...] = ()
    position: bool = True


class VisitOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [visits] table: how long a visit lasts, and for how long after that it is not missed."""

    minutes: VisitMinutes = 60
    grace_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 300


class SilenceOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [silence] table: seconds between heartbeats, as the badges are set."""

    heartbeat_s: Seconds = 60
    heartbeat_off_s: Seconds = 600
