"""Secret files: read only when nobody else could have read them."""

import os
import stat
from pathlib import Path

from gateway.contract.errors import ContractError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(key: str, path: str | Path) -> str:
    """The text of a secret file, without the line's end. key: the configuration's key path.

    Raises ContractError("secret") when it cannot be read, or others could read it.
    """
    try:
        with open(path, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except OSError as error:
        raise ContractError("secret", f"{key}: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ContractError("secret", f"{key}: {path}: must be a text file in UTF-8") from None
    if mode & _OTHERS:
        raise ContractError(
            "secret",
            f"{key}: {path}: others may read it (mode {stat.S_IMODE(mode):04o});"
            f" run: chmod 600 {path}",
        )
    return text.rstrip("\r\n")
