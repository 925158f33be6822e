"""Where the status pages listen, and who may ask. Pure.

The pages tell which badges are near, so they are for this machine: other
addresses than loopback must be asked for, and a request must name an address,
not a name that somebody else's DNS could point here (DNS rebinding).
"""

from ipaddress import ip_address
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import msgspec

from gateway.errors import ConfigError

_DEFAULT_LISTEN = "127.0.0.1:9469"
_LOCALHOST = "localhost"


class StatusOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [status] table. listen: "address:port", or "" for no pages at all.

    remote: listen may name an address that other machines reach. broker_away_s: a
    broker that has been away for longer makes the gateway unhealthy.
    """

    listen: str = _DEFAULT_LISTEN
    remote: bool = False
    broker_away_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 60.0


class Listen(NamedTuple):
    """An IP address and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def listen_address(options: StatusOptions) -> Listen | None:
    """Where to listen; None: nowhere. Raises ConfigError for an address that cannot be used."""
    if not options.listen:
        return None
    host, port = _split(options.listen)
    if host is None or port is None or not _is_address(host):
        raise ConfigError(
            f"status.listen: {options.listen!r}: must be address:port, such as {_DEFAULT_LISTEN},"
            ' or "" for none'
        )
    if not options.remote and not _is_loopback(host):
        raise ConfigError(
            f"status.listen: {options.listen}: other machines could read which badges are near;"
            f" listen on {_DEFAULT_LISTEN}, or allow it with status.remote = true"
        )
    return Listen("127.0.0.1" if host == _LOCALHOST else host, port)


def may_ask(host_header: str) -> bool:
    """Whether a request with this Host header is meant for this machine: it names an address."""
    host, _ = _split(host_header)
    return host is not None and _is_address(host)


def _split(text: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None, None
    return (host, port) if parts.netloc == text and "@" not in text else (None, None)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == _LOCALHOST
    return True


def _is_loopback(host: str) -> bool:
    return host == _LOCALHOST or ip_address(host).is_loopback
