"""What the shell is built around, as solids: board, its parts, cell, motor and screws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.enclosure.board import CELL, MOTOR, RADIO, ROUND
from hardware.enclosure.solid import Solid, block, disc, joined, slab

if TYPE_CHECKING:
    from hardware.enclosure.board import Body
    from hardware.enclosure.layout import Layout


def contents(at: Layout) -> dict[str, Solid]:
    """By name: "board", "screws", and each body by its reference."""
    solids = {"board": _board(at), "screws": _screws(at)}
    for body in at.board.bodies:
        solids[body.reference] = _body(at, body)
    return solids


def _board(at: Layout) -> Solid:
    board = at.board
    plate = slab(board.width, board.height, board.corner, at.board_back, 0).at(*at.middle)
    holes = [disc(h.diameter, at.board_back - 1, 1).at(h.x, h.y) for h in board.holes]
    return plate - joined(holes)


def _screws(at: Layout) -> Solid:
    fixing = at.case.fixing
    head = at.screw_seat - 1.6
    return joined(
        [
            # The thread cuts into the pilot hole: drawn at its core.
            (disc(fixing.pilot, at.screw_seat, at.screw_tip) + disc(3.8, head, at.screw_seat)).at(
                hole.x, hole.y
            )
            for hole in at.screws
        ]
    )


def _body(at: Layout, body: Body) -> Solid:
    low, high = _levels(at, body)
    if body.reference == RADIO:
        return _module(body)
    if body.reference in ROUND:
        return disc(body.width, low, high).at(body.x, body.y)
    return block((body.left, body.bottom, low), (body.right, body.top, high))


def _module(body: Body) -> Solid:
    """Its own board, and a metal lid that leaves the antenna free."""
    plate = block((body.left, body.bottom, 0.0), (body.right, body.top, 0.8))
    lid = block(
        (body.left + 0.5, body.bottom + 0.5, 0.8), (body.right - 0.5, body.top - 6.0, body.height)
    )
    return plate + lid


def _levels(at: Layout, body: Body) -> tuple[float, float]:
    """The cell as it is when it has swollen; the motor lies on the floor."""
    if body.side == "front":
        return 0.0, body.height
    if body.reference == CELL:
        return at.floor + at.case.cell.tape, at.cell_front
    if body.reference == MOTOR:
        return at.floor, at.floor + body.height
    return at.board_back - body.height, at.board_back
