"""Asks a running gateway how it is, over its status pages."""

from http.client import HTTPConnection, HTTPException

import msgspec

from gateway.errors import GatewayError
from gateway.status.listen import Listen
from gateway.status.snapshot import Snapshot

ANSWER_S = 5.0
_MAX_BYTES = 64 * 1024 * 1024
_OK = 200


class NoAnswerError(GatewayError):
    """No gateway answers: what was seen, and what to do."""

    def __init__(self, seen: str, remedy: str) -> None:
        super().__init__(f"{seen}; {remedy}")
        self.seen = seen
        self.remedy = remedy


def ask(listen: Listen, timeout_s: float = ANSWER_S) -> Snapshot:
    """The gateway's snapshot. Raises NoAnswerError."""
    connection = HTTPConnection(listen.host, listen.port, timeout=timeout_s)
    try:
        connection.request("GET", "/status")
        answer = connection.getresponse()
        page = answer.read(_MAX_BYTES)
    except ConnectionRefusedError:
        raise NoAnswerError(
            f"{listen}: the gateway does not run, or listens elsewhere",
            "start it: systemctl start tocsin-gateway; why it stopped:"
            " journalctl -u tocsin-gateway -n 20",
        ) from None
    except TimeoutError:
        raise NoAnswerError(
            f"{listen}: no answer in {timeout_s:g} s: the gateway hangs",
            "systemd starts it anew, by hand: systemctl restart tocsin-gateway",
        ) from None
    except (OSError, HTTPException) as error:
        raise NoAnswerError(f"{listen}: {error or type(error).__name__}", _STRANGER) from None
    finally:
        connection.close()
    return _read(listen, answer.status, page)


_STRANGER = "see [status] listen in gateway.toml: another program may have this port"


def _read(listen: Listen, status: int, page: bytes) -> Snapshot:
    if status != _OK:
        raise NoAnswerError(f"{listen}/status: HTTP {status}", _STRANGER)
    try:
        return msgspec.json.decode(page, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoAnswerError(f"{listen}/status: not a gateway's answer", _STRANGER) from None
