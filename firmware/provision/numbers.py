"""Which badge numbers have been used: a number is never given twice, even if its badge is lost."""

from pathlib import Path
from typing import Annotated

import msgspec

from provision.errors import FilesError
from provision.fleet_files import replace_file

FILE = "badge-numbers.json"
HIGHEST = 0xFFFF


class Pending(msgspec.Struct, frozen=True):
    """A number that was given to a board (by its chip's id) which has not confirmed it yet."""

    number: int
    board: str


class Numbers(msgspec.Struct, frozen=True):
    """highest: ever given."""

    highest: Annotated[int, msgspec.Meta(ge=0, le=HIGHEST)] = 0
    pending: Pending | None = None

    def give(self, board: str, others: list[int]) -> "Numbers":
        """The next number for a board, or the one that it was about to get.

        others: numbers in other files, in case this one was lost. Raises FilesError
        when there are no numbers left.
        """
        if self.pending is not None and self.pending.board == board:
            return self
        number = max(self.highest, *others, 0) + 1
        if number > HIGHEST:
            raise FilesError("all 65535 badge numbers are used up; begin a new fleet")
        return Numbers(number, Pending(number, board))

    def confirmed(self) -> "Numbers":
        """The board has its identity."""
        return Numbers(self.highest)


def load_numbers(beside: Path) -> Numbers:
    """From the file beside the registry; none given yet when there is none."""
    path = beside.with_name(FILE)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Numbers)
    except FileNotFoundError:
        return Numbers()
    except (OSError, msgspec.MsgspecError) as error:
        raise FilesError(
            f"{path}: cannot be used ({error}); put it back from a backup, or remove it if no"
            " badge was ever taken out of the registry"
        ) from None


def save_numbers(beside: Path, numbers: Numbers) -> None:
    """Raises FilesError when it cannot be written."""
    text = msgspec.json.encode(numbers).decode() + "\n"
    replace_file(beside.with_name(FILE), text, 0o644)
