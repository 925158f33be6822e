"""Which chip a board definition is for, read from its source without running it."""

import ast
from pathlib import Path

from provision.board import Survey
from provision.errors import BoardError, FilesError
from provision.link import Link

_CHIP = "CHIP"


def known_boards(source: Path) -> dict[str, str | None]:
    """Every board of a firmware's source, and its chip where one can be told.

    The chip is the definition's CHIP; without one, what the name begins with: esp32s3_generic.
    """
    paths = sorted((source / "badge" / "boards").glob("[a-z]*.py"))
    return {path.stem: _stated(path) or _by_name(path.stem) for path in paths}


def require_chip(link: Link, found: Survey, source: Path, board: str | None) -> None:
    """Raises BoardError when the board on the port has another chip, FilesError for an unknown one.

    board: None when the badge is configured already, or is to go by the default.
    """
    boards = known_boards(source)
    if board is None:
        suiting = [name for name, chip in boards.items() if chip in (None, found.chip)]
        if not suiting:
            raise _wrong(link, found, ", ".join(sorted({chip for chip in boards.values() if chip})))
        return
    if board not in boards:
        raise FilesError(f"--board: {board!r} is none of {', '.join(boards)}")
    chip = boards[board]
    if chip is not None and chip != found.chip:
        raise _wrong(link, found, f"{chip} (board {board})")


def _wrong(link: Link, found: Survey, wanted: str) -> BoardError:
    return BoardError(
        f"{link.port}: wrong chip: {found.chip}, and the firmware is for {wanted}; use another"
        " board, or name the right one with --board"
    )


def _stated(path: Path) -> str | None:
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if _CHIP in names:
                return str(statement.value.value).upper()
    return None


def _by_name(name: str) -> str | None:
    first = name.split("_", maxsplit=1)[0]
    return first.upper() if first.startswith("esp32") else None
