"""What one part of the core asks of the alerts. Pure."""

from typing import NamedTuple

from desk.alert import Key


class Warn(NamedTuple):
    """The alert gets a warning for those who read it."""

    key: Key
    text: str


class Touch(NamedTuple):
    """The alert's record shows something else now, though the alert is as it was."""

    key: Key


class Miss(NamedTuple):
    """The visit that this check in began had lasted too long."""

    key: Key


Wish = Warn | Touch | Miss
