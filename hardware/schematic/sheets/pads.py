"""Test pads for production; which is which says hardware/boards/badge.toml."""

from hardware.board import Board
from hardware.schematic.circuit import Sheet


def wire(sheet: Sheet, board: Board) -> None:
    """One pad for each entry of [test_pads]."""
    for reference, net in board.test_pads.items():
        sheet.pad(reference, net)
