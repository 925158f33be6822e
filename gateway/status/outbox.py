"""How full the outbox is, on disk and in rows, and how old its oldest message."""

import shutil
from pathlib import Path

import msgspec

from gateway.contract.errors import ContractError
from gateway.contract.messages import unix_ms
from gateway.disk.outbox import Outbox
from gateway.errors import OutboxError
from gateway.relay import Relay
from gateway.status.snapshot import OutboxStatus

_BESIDE = ("", "-wal", "-shm", ".reserve")


def outbox_status(now_ms: int, database: Path, outbox: Outbox, relay: Relay) -> OutboxStatus:
    """What waits for the broker now."""
    waiting = relay.contents
    return OutboxStatus(
        rows=waiting.rows,
        oldest_s=None if waiting.oldest is None else _age_s(now_ms, outbox, waiting.oldest),
        disk_bytes=used_bytes(database),
        message_bytes=waiting.size,
        limit_bytes=waiting.limit,
        free_bytes=free_bytes(database),
        disk=outbox.disk,
        trouble=outbox.trouble,
        dropped=relay.dropped,
    )


def used_bytes(database: Path) -> int:
    """What the database and the files beside it take."""
    files = (database.with_name(database.name + suffix) for suffix in _BESIDE)
    return sum(file.stat().st_size for file in files if file.exists())


def free_bytes(database: Path) -> int | None:
    """What is left on its disk; None when nobody can tell."""
    try:
        return shutil.disk_usage(database.parent).free
    except OSError:
        return None


def made_ms(payload: bytes) -> int | None:
    """When a message was made, by its own word; None when it does not say."""
    try:
        dated = msgspec.json.decode(payload, type=_Dated)
        said = dated.heard_at or dated.at
        return None if said is None else unix_ms(said)
    except (msgspec.DecodeError, ContractError):
        return None


def _age_s(now_ms: int, outbox: Outbox, row_id: int) -> float | None:
    try:
        letter = outbox.letters((row_id,)).get(row_id)
    except OutboxError:
        return None
    at_ms = None if letter is None else made_ms(letter.payload)
    return None if at_ms is None else max(0, now_ms - at_ms) / 1000


class _Dated(msgspec.Struct):
    heard_at: str | None = None
    at: str | None = None
