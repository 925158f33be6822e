"""What a session and its connections say to each other."""

from collections.abc import Callable
from typing import NamedTuple

from gateway.contract.flight import Parcel


class Received(NamedTuple):
    """A message from the broker; to be given back to `Session.acknowledge`."""

    topic: str
    payload: bytes
    retained: bool
    receipt: object

    def __repr__(self) -> str:
        return f"<Received {self.topic} {len(self.payload)} bytes>"


class LinkError(Exception):
    """A connection that ended, or did not come about."""


class VersionError(LinkError):
    """The broker does not speak this version; some say so, others hang up, or just wait."""


class BrokenLinkError(LinkError):
    """The connection stands, and the broker does not do its work."""


class Caller(NamedTuple):
    """Who connects, and whom to tell; see `Session`."""

    client_id: str
    password: str | None
    will: tuple[str, bytes] | None
    subscriptions: tuple[str, ...]
    on_message: Callable[[Received], None]
    on_puback: Callable[[int], None]
    on_refused: Callable[[Parcel, str], None]
    lasting: bool = True

    def __repr__(self) -> str:
        return f"<Caller {self.client_id}>"
