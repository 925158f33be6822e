"""Secret files: read only when nobody else could have read them."""

import errno
import os
import stat
from pathlib import Path

from gateway.contract.errors import ContractError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_REMEDIES = {
    errno.ENOENT: "; make it, or correct the path",
    errno.EACCES: "; ask as the user whose it is (sudo -u NAME), or give it to this one (chown)",
}


def read_secret(key: str, path: str | Path) -> str:
    """The text of a secret file, without the line's end. key: the configuration's key path.

    Raises ContractError("secret") when it cannot be read, or others could read it.
    """
    try:
        with open(path, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except OSError as error:
        raise _unreadable(key, path, error) from None
    except UnicodeDecodeError:
        raise ContractError("secret", f"{key}: {path}: must be a text file in UTF-8") from None
    _refuse_others(key, path, mode)
    return text.rstrip("\r\n")


def check_private(key: str, path: str | Path) -> None:
    """Raise ContractError("secret") when the file is not there, or others could read it."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise _unreadable(key, path, error) from None
    _refuse_others(key, path, mode)


def _unreadable(key: str, path: str | Path, error: OSError) -> ContractError:
    remedy = _REMEDIES.get(error.errno or 0, "")
    return ContractError("secret", f"{key}: {path}: {error.strerror}{remedy}")


def _refuse_others(key: str, path: str | Path, mode: int) -> None:
    if mode & _OTHERS:
        raise ContractError(
            "secret",
            f"{key}: {path}: others may read it (mode {stat.S_IMODE(mode):04o});"
            f" run: chmod 600 {path}",
        )
