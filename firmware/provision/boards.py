"""Which chip a board definition is for, read from its source without running it."""

import ast
from pathlib import Path

from provision.base_image import CHIPS, chip_of
from provision.board import Program, Survey
from provision.errors import BoardError, FilesError
from provision.link import Link

_CHIP = "CHIP"


def known_boards(source: Path) -> dict[str, str | None]:
    """Every board of a firmware's source, and its chip where one can be told.

    The chip is the definition's CHIP; without one, what the name begins with: esp32s3_generic.
    """
    paths = sorted((source / "badge" / "boards").glob("[a-z]*.py"))
    return {path.stem: _stated(path) or _by_name(path.stem) for path in paths}


def require_image(image: Path, source: Path, board: str | None) -> None:
    """Raises FilesError when a base image is for another chip than the board that is named."""
    chip = chip_of(image).name.upper()
    if board is not None and _named(source, board) not in (None, chip):
        raise FilesError(
            f"--board: {board} has the chip {_named(source, board)}, and {image} is for {chip};"
            " take the image and the board that belong together"
        )


def require_board(
    link: Link, found: Survey, source: Path, program: Program, board: str | None
) -> None:
    """Raises BoardError when the program cannot run there. board: as for require_chip."""
    if program is Program.BADGE:
        require_chip(link, found, source, board)
    elif board is not None:
        raise FilesError("--board: a dongle has no parts that differ; leave it out")
    elif found.chip not in CHIPS:
        raise _wrong(link, found, ", ".join(sorted(CHIPS)))


def require_chip(link: Link, found: Survey, source: Path, board: str | None) -> None:
    """Raises BoardError when the board on the port has another chip, FilesError for an unknown one.

    board: None when the badge is configured already, or is to go by the default.
    """
    if board is None:
        chips = known_boards(source).values()
        if not any(chip in (None, found.chip) for chip in chips):
            raise _wrong(link, found, ", ".join(sorted({chip for chip in chips if chip})))
    elif _named(source, board) not in (None, found.chip):
        raise _wrong(link, found, f"{_named(source, board)} (board {board})")


def _named(source: Path, board: str) -> str | None:
    boards = known_boards(source)
    if board not in boards:
        raise FilesError(f"--board: {board!r} is none of {', '.join(boards)}")
    return boards[board]


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
