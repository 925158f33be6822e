"""The files of a fleet on the host: the gateway's registry, and the desk's wearers.

Entries are appended as text, so that comments and order stay; a file is replaced at once.
"""

import fcntl
import json
import os
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec

from gateway.contract.config import read_config
from gateway.contract.errors import ContractError
from gateway.errors import ConfigError
from gateway.keys import KEY_LENGTH
from gateway.registry import Registry, load_registry
from provision.errors import FilesError

SECRET_MODE = 0o600


class Wearer(msgspec.Struct, frozen=True):
    """Who wears which badge, in desk.toml."""

    number: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    wearer: str


class Desk(msgspec.Struct, frozen=True):
    """What of desk.toml concerns a badge; the rest is the desk's."""

    fleet: Annotated[str, msgspec.Meta(min_length=1)]
    badges: tuple[Wearer, ...] = ()

    def wearer(self, number: int) -> str | None:
        """The name beside a badge's number."""
        return next((entry.wearer for entry in self.badges if entry.number == number), None)


def load_desk(path: Path) -> Desk:
    """Raises FilesError naming file, key path and remedy."""
    try:
        return read_config(path, Desk)
    except ContractError as error:
        raise FilesError(str(error).replace("--config", "--desk")) from None


def load_keys(path: Path) -> Registry:
    """Raises FilesError when the registry is missing, damaged, or others can read it."""
    if not path.exists():
        raise FilesError(
            f"{path}: no such file; name the gateway's registry with --registry, or begin a new"
            " fleet: tocsin-badge provision --new-fleet"
        )
    try:
        return load_registry(path)
    except ConfigError as error:
        raise FilesError(str(error)) from None


def begin_fleet(path: Path) -> None:
    """A registry with a new fleet key, epoch 0. Raises FilesError when there is a file."""
    if path.exists():
        raise FilesError(f"{path}: exists already; --new-fleet is for a fleet that has no registry")
    key = secrets.token_hex(KEY_LENGTH)
    warning = "# Secret: whoever has this file can forge alerts.\n\n"
    replace_file(path, warning + table("fleet_keys", epoch=0, key=key), SECRET_MODE)


def register_key(path: Path, number: int, key: bytes) -> None:
    """Adds a badge's key to the registry."""
    _append(path, "badges", {"number": number, "key": key.hex()}, SECRET_MODE)


def register_wearer(path: Path, number: int, wearer: str) -> None:
    """Adds a badge's wearer to desk.toml."""
    _append(path, "badges", {"number": number, "wearer": wearer}, None)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps other runs of the tool from the files beside path, until it ends."""
    try:
        directory = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise FilesError(
            f"{path.parent}: {error.strerror}; make it: mkdir -p {path.parent}"
        ) from None
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def replace_file(path: Path, text: str, mode: int | None) -> None:
    """Puts the text in the place of a file, wholly or not at all; mode None keeps the file's.

    Raises FilesError when the directory cannot be written.
    """
    target = Path(os.path.realpath(path))
    new = target.with_name(f".{target.name}.new")
    try:
        kept = mode if mode is not None else target.stat().st_mode & 0o7777
        descriptor = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, kept)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), kept)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        _sync_directory(target.parent)
    except OSError as error:
        raise FilesError(f"{path}: {error.strerror}; the file is as it was") from None


def read_text(path: Path) -> str:
    """Raises FilesError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FilesError(f"{path}: {error.strerror}") from None


def rewrite(path: Path, text: str, table: str, entries: list[Any], mode: int | None) -> None:
    """Puts the text in the place of the file, if it says these entries and all else as before.

    Raises FilesError when it does not, because the file is not written in [[tables]].
    """
    before = tomllib.loads(read_text(path))
    if not _says(text, {**before, table: entries}):
        raise FilesError(
            f"{path}: $.{table} is not written as [[{table}]] tables, so it cannot be changed;"
            " write it so, and run the same command again"
        )
    replace_file(path, text, mode)


def table(name: str, **entry: object) -> str:
    """One entry of an array of tables, as TOML."""
    # What JSON escapes in a string, TOML escapes in the same way.
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
    return f"[[{name}]]\n{''.join(lines)}"


def _append(path: Path, name: str, entry: dict[str, Any], mode: int | None) -> None:
    text = read_text(path)
    before = tomllib.loads(text)
    gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    longer = f"{text}{gap}{table(name, **entry)}"
    rewrite(path, longer, name, [*before.get(name, ()), entry], mode)


def _says(text: str, meaning: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == meaning
    except tomllib.TOMLDecodeError:
        return False


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
