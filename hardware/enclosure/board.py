"""The board as the shell sees it: outline, holes, bodies and keep-outs. Pure but for `read`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hardware.board import load_board
from hardware.errors import HardwareError

if TYPE_CHECKING:
    from hardware import board as described

# Bodies that the shell is built around, by their reference in hardware/parts.toml.
BUTTON, LED, USB, CELL, MOTOR, RADIO, PATCH = "SW1", "D3", "J1", "BT1", "M1", "U1", "ANT1"
NEEDED = (BUTTON, LED, USB, CELL, MOTOR, RADIO, PATCH)
ROUND = (MOTOR,)


@dataclass(frozen=True)
class Rectangle:
    """Seen from the front: x and y of its middle, mm."""

    x: float
    y: float
    width: float
    depth: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y - self.depth / 2

    @property
    def top(self) -> float:
        return self.y + self.depth / 2


@dataclass(frozen=True)
class Body(Rectangle):
    """A part that stands `height` above its side of the board, "front" or "back"."""

    reference: str
    side: str
    height: float


@dataclass(frozen=True)
class KeepOut(Rectangle):
    """Where no metal may be; side: "front", "back" or "both"."""

    name: str
    side: str


@dataclass(frozen=True)
class Hole:
    """A hole for a pin or screw of the shell."""

    x: float
    y: float
    diameter: float


@dataclass(frozen=True)
class Board:
    """Everything of the board that has a size."""

    width: float
    height: float
    thickness: float
    corner: float
    holes: tuple[Hole, ...]
    bodies: tuple[Body, ...]
    keep_outs: tuple[KeepOut, ...]

    def body(self, reference: str) -> Body:
        """The body of that reference."""
        return next(body for body in self.bodies if body.reference == reference)

    def front(self) -> tuple[Body, ...]:
        return tuple(body for body in self.bodies if body.side == "front")

    def changed(self, reference: str, **sizes: float) -> Board:
        """The same board with another size or place of one body."""
        bodies = tuple(
            replace(body, **sizes) if body.reference == reference else body  # type: ignore[arg-type]
            for body in self.bodies
        )
        return replace(self, bodies=bodies)


def read(name: str = "badge") -> Board:
    """The board that hardware/boards/NAME.toml describes. Raises HardwareError: see `seen`."""
    return seen(load_board(name))


def seen(board: described.Board) -> Board:
    """What the shell must know of a board.

    Raises HardwareError: it has no mechanics, or lacks a body or hole that the shell needs.
    """
    mechanics, where = board.mechanics, f"hardware/boards/{board.name}.toml"
    if mechanics is None:
        raise HardwareError(f"{where}: no [mechanics]: a shell needs the size of its board")
    _complete(board, where)
    return Board(
        width=mechanics.width,
        height=mechanics.height,
        thickness=mechanics.thickness,
        corner=mechanics.corner_radius,
        holes=tuple(Hole(hole.x, hole.y, hole.diameter) for hole in mechanics.holes),
        bodies=tuple(
            Body(b.x, b.y, b.width, b.depth, reference=b.reference, side=b.side, height=b.height)
            for b in board.bodies
        ),
        keep_outs=tuple(
            KeepOut(k.x, k.y, k.width, k.depth, name=k.name, side=k.side) for k in board.keep_outs
        ),
    )


def _complete(board: described.Board, where: str) -> None:
    there = {body.reference for body in board.bodies}
    for reference in NEEDED:
        if reference not in there:
            raise HardwareError(
                f"{where}: no [[bodies]] with reference {reference!r}: the shell is built around it"
            )
    holes = board.mechanics.holes if board.mechanics else ()
    if len(holes) != 4:
        raise HardwareError(
            f"{where}: mechanics.holes has {len(holes)} entries; the shell uses 4: "
            "the two lowest for screws, the two highest for pins"
        )
