"""Which badge numbers have been used, and which fleet key each badge was given last.

A number is never given twice, even if its badge is lost.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec.structs import replace

from provision.errors import FilesError
from provision.fleet_files import replace_file

FILE = "badge-numbers.json"
HIGHEST = 0xFFFF


class Pending(msgspec.Struct, frozen=True):
    """A number that was given to a board (by its chip's id) which has not confirmed it yet."""

    number: int
    board: str


class Numbers(msgspec.Struct, frozen=True):
    """highest: ever given; epochs: of the fleet key that a badge has, by its number."""

    highest: Annotated[int, msgspec.Meta(ge=0, le=HIGHEST)] = 0
    pending: Pending | None = None
    epochs: dict[int, int] = {}

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
        return replace(self, highest=number, pending=Pending(number, board))

    def confirmed(self, epoch: int) -> "Numbers":
        """The board has its identity, with the fleet key of this epoch."""
        assert self.pending is not None  # only what was given is confirmed
        return replace(self.renewed(self.pending.number, epoch), pending=None)

    def renewed(self, number: int, epoch: int) -> "Numbers":
        """The badge has the fleet key of this epoch."""
        return replace(self, epochs={**self.epochs, number: epoch})

    def behind(self, badges: Iterable[int], epoch: int) -> list[int]:
        """Those of these badges that are not known to have the fleet key of this epoch."""
        return sorted(number for number in badges if self.epochs.get(number) != epoch)


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
