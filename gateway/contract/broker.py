"""The [broker] table: where brokers are, who we are there, and how patient we are."""

import ssl
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import msgspec

from gateway.contract.errors import ContractError
from gateway.contract.secret import check_private, read_secret
from gateway.contract.tls import tls_context

DEFAULT_URL = "mqtt://127.0.0.1:1883"
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_FILES = ("password_file", "ca_file", "certificate_file", "key_file")

Patience = Annotated[float, msgspec.Meta(gt=0, le=3600)]


class BrokerOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [broker] table of a configuration file.

    url: mqtt://host[:1883], or mqtts://host[:8883] with TLS; or urls: several, the best first.
    ca_file: whose certificates are believed, in PEM; None: those that the host believes.
    certificate_file, key_file: our own certificate, in PEM. keepalive_s: a broker silent for
    one and a half times as long is gone, for us as for it. unacknowledged_s: a message without
    PUBACK for so long is refused, or the broker is broken. return_s: on a lesser broker, so
    often a better one is tried.
    """

    url: str | None = None
    urls: tuple[str, ...] = ()
    username: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    keepalive_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 10
    unacknowledged_s: Patience = 15.0
    return_s: Patience = 30.0


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int
    tls: bool = False

    def __str__(self) -> str:
        scheme = "mqtts" if self.tls else "mqtt"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


def addresses(options: BrokerOptions) -> tuple[Address, ...]:
    """Where the brokers are, the best first.

    Raises ContractError("broker") naming the key of one that is no broker's address.
    """
    if options.url is not None and options.urls:
        raise ContractError("broker", "broker.urls: there is a broker.url too; keep one of them")
    if options.urls:
        return tuple(_address(f"broker.urls[{i}]", url) for i, url in enumerate(options.urls))
    return (_address("broker.url", DEFAULT_URL if options.url is None else options.url),)


def check_broker(options: BrokerOptions) -> None:
    """Raise ContractError, naming the key, for what cannot be used: addresses, secrets, files."""
    encrypted = any(address.tls for address in addresses(options))
    read_password(options)
    if options.password_file is not None and options.username is None:
        raise ContractError("broker", "broker.password_file: without a user; add broker.username")
    if (options.certificate_file is None) != (options.key_file is None):
        raise ContractError(
            "tls", "broker.certificate_file: goes with broker.key_file; give both or neither"
        )
    for key in ("ca_file", "certificate_file"):
        if getattr(options, key) is not None and not encrypted:
            raise ContractError("tls", f"broker.{key}: TLS is for mqtts:// only; change the url")
    if options.key_file is not None:
        check_private("broker.key_file", options.key_file)
    if encrypted:
        encryption(options)


def encryption(options: BrokerOptions) -> ssl.SSLContext:
    """How to speak TLS. Raises ContractError("tls") naming key and file."""
    return tls_context(options.ca_file, options.certificate_file, options.key_file)


def read_password(options: BrokerOptions) -> str | None:
    """The password. Raises ContractError("secret") when others could read it too."""
    if options.password_file is None:
        return None
    return read_secret("broker.password_file", options.password_file)


def beside(folder: Path, options: BrokerOptions) -> BrokerOptions:
    """The options with their files looked for in this folder."""
    files = {key: getattr(options, key) for key in _FILES}
    return msgspec.structs.replace(
        options, **{key: str(folder / file) for key, file in files.items() if file is not None}
    )


def _address(key: str, url: str) -> Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if not host or port == 0 or parts.scheme not in _PORTS or not bare:
        raise ContractError(
            "broker", f"{key}: must be mqtt://host or mqtt://host:port, or with mqtts:// for TLS"
        )
    return Address(host, port or _PORTS[parts.scheme], parts.scheme == "mqtts")
