"""The fleet's keys in the registry: the current one, and the previous while badges still have it.

docs/protocol.md, Keys: gateways take both, so a fleet changes its key badge by badge.
"""

import re
import secrets
import tomllib
from pathlib import Path

from gateway.keys import KEY_LENGTH
from provision.errors import FilesError
from provision.fleet_files import SECRET_MODE, load_keys, read_text, rewrite, table

EPOCHS = 16
_TABLE = "fleet_keys"
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*fleet_keys[ \t]*\]\]", re.MULTILINE)
_NEXT = re.compile(r"^[ \t]*\[", re.MULTILINE)


def rotate(path: Path) -> int:
    """Begins a new fleet key; the one until now becomes the previous. The new epoch.

    Raises FilesError while there is a previous one: badges that have it would fall silent.
    """
    keys = load_keys(path)
    if len(keys.fleet_keys) > 1:
        raise FilesError(
            f"{path}: a previous fleet key is there already (epoch {keys.fleet_keys[1].epoch});"
            " end that change first: tocsin-badge fleet-key retire"
        )
    text = read_text(path)
    header = _HEADER.search(text)
    at = header.start() if header else 0
    entry = {"epoch": (keys.epoch + 1) % EPOCHS, "key": secrets.token_hex(KEY_LENGTH)}
    longer = f"{text[:at]}{table(_TABLE, **entry)}\n{text[at:]}"
    rewrite(path, longer, _TABLE, [entry, *tomllib.loads(text)[_TABLE]], SECRET_MODE)
    return (keys.epoch + 1) % EPOCHS


def previous(path: Path) -> int:
    """The epoch of the previous fleet key. Raises FilesError when there is none."""
    keys = load_keys(path)
    if len(keys.fleet_keys) == 1:
        raise FilesError(f"{path}: there is no previous fleet key; nothing to retire")
    return keys.fleet_keys[1].epoch


def retire(path: Path) -> None:
    """Removes the previous fleet key. Comments stay."""
    text = read_text(path)
    current, *_ = tomllib.loads(text)[_TABLE]
    headers = list(_HEADER.finditer(text))
    if len(headers) > 1:
        start = headers[1].start()
        following = _NEXT.search(text, headers[1].end())
        end = following.start() if following else len(text)
        text = text[:start] + _comments(text[start:end]) + text[end:]
    rewrite(path, text, _TABLE, [current], SECRET_MODE)


def _comments(block: str) -> str:
    return "".join(line for line in block.splitlines(True) if line.lstrip().startswith("#"))
