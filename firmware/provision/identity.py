"""Makes a board a badge of a fleet: number, keys, and who wears it."""

import hashlib
import secrets
from pathlib import Path
from typing import NamedTuple

from badge.identity import KEY, NAMESPACE, IdentityRecord, encode_identity
from gateway.keys import KEY_LENGTH, command_key, mask_key, seal_key
from gateway.registry import Registry
from provision.board import Survey
from provision.errors import BoardError, FilesError
from provision.events import forget
from provision.fleet_files import load_desk, load_keys, register_key, register_wearer
from provision.link import Link
from provision.numbers import Numbers, load_numbers, save_numbers

_OWN_KEYS = (20, 52)  # where the record holds the keys that are this badge's alone


class Provisioned(NamedTuple):
    """The badge that a board has become. before: its number until now."""

    number: int
    fleet: str
    before: int | None


def provision(link: Link, found: Survey, registry: Path, desk: Path, wearer: str) -> Provisioned:
    """Registers the badge first, then writes its identity: a badge is never ahead of its gateway.

    What the badge was in the middle of is over before it has its new number. Whatever is
    interrupted, the same command for the same board goes on with the same number. The
    caller holds the lock of the files. Raises FilesError before anything is
    changed, LinkError when the badge goes away, BoardError when it does not keep its keys.
    """
    keys, wearers = load_keys(registry), load_desk(desk)
    known = [key.number for key in keys.badges] + [entry.number for entry in wearers.badges]
    known += [button.number for button in keys.buttons]
    numbers = load_numbers(registry).give(found.id, known)
    number = _pending(numbers)
    if (named := wearers.wearer(number)) not in (None, wearer):
        raise FilesError(
            f"{desk}: badge {number} was begun for {named}; use that name, or correct the file"
        )
    save_numbers(registry, numbers)
    badge_key = keys.badge_key_bytes().get(number)
    if badge_key is None:
        badge_key = secrets.token_bytes(KEY_LENGTH)
        register_key(registry, number, badge_key)
    if named is None:
        register_wearer(desk, number, wearer)
    forget(link, found)
    _write(link, _derived(keys, number, badge_key))
    save_numbers(registry, numbers.confirmed(keys.epoch))
    return Provisioned(number, wearers.fleet, found.number)


def renew(link: Link, found: Survey, registry: Path) -> bool:
    """Gives a badge the current fleet key; number, keys and counters stay. False: it has it.

    The caller holds the lock of the files. Raises BoardError for a badge of another fleet.
    """
    keys = load_keys(registry)
    if found.number is None:
        raise BoardError(f"{link.port}: no badge yet; run tocsin-badge provision --wearer NAME")
    badge_key = keys.badge_key_bytes().get(found.number)
    if badge_key is None:
        raise FilesError(
            f"{registry}: badge {found.number} is not in it; name its fleet's with --registry"
        )
    record = _derived(keys, found.number, badge_key)
    own, whole = link.run("whose", NAMESPACE, KEY, len(record), *_OWN_KEYS)
    if own != _hash(record[slice(*_OWN_KEYS)]):
        raise BoardError(
            f"{link.port}: this badge {found.number} has other keys than {registry} says: it is"
            " of another fleet; name that one's registry with --registry"
        )
    if whole != _hash(record):
        _write(link, record)
    save_numbers(registry, load_numbers(registry).renewed(found.number, keys.epoch))
    return bool(whole != _hash(record))


def erase(link: Link) -> None:
    """Takes number and keys from a board."""
    link.run("erase", NAMESPACE, KEY)


def _pending(numbers: Numbers) -> int:
    assert numbers.pending is not None  # give() made it so
    return numbers.pending.number


def _derived(keys: Registry, number: int, badge_key: bytes) -> bytes:
    fleet_key = keys.fleet_key_bytes()[keys.epoch]
    return encode_identity(
        IdentityRecord(
            number,
            keys.epoch,
            mask_key(fleet_key),
            seal_key(badge_key),
            command_key(badge_key),
        )
    )


def _write(link: Link, record: bytes) -> None:
    if link.run("identify", NAMESPACE, KEY, record) != _hash(record):
        raise BoardError(f"{link.port}: the badge did not keep its keys; its flash is worn out")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
