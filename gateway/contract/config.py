"""Configuration files: TOML into a type, with errors that name file and key path."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from gateway.contract.errors import ContractError

T = TypeVar("T")
_PLACE = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>.*)`)?", re.DOTALL)
_REMEDIES = {
    "Object contains unknown field": "remove it or correct its spelling",
    "Object missing required field": "add it",
}


def read_config(path: str | Path, kind: type[T]) -> T:
    """What the TOML file says, as `kind`.

    Raises ContractError("config") with one line: file, key path, what was wrong, what to do.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ContractError(
            "config", f"{path}: {error.strerror}; name the file with --config"
        ) from None
    except UnicodeDecodeError:
        raise ContractError("config", f"{path}: must be a text file in UTF-8") from None
    return parse_config(path, text, kind)


def parse_config(path: str | Path, text: str, kind: type[T]) -> T:
    """The TOML text as `kind`; path names it in errors. Raises ContractError("config")."""
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as error:
        raise ContractError("config", f"{path}: not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ContractError("config", f"{path}: {_explain(str(error))}") from None


def _explain(error: str) -> str:
    match = _PLACE.fullmatch(error)
    what, place = (match["what"], match["path"] or "$") if match else (error, "$")
    # Of a key that cannot be one, msgspec says: at `key` in `$.table`.
    place = place.replace("key` in `", "a key of ")
    for start, remedy in _REMEDIES.items():
        if what.startswith(start):
            field = what.removeprefix(start).strip(" `")
            known = "unknown key" if "unknown" in start else "missing key"
            return f"{place}.{field}: {known}; {remedy}"
    return f"{place}: {what[:1].lower()}{what[1:].replace('`', '')}"
