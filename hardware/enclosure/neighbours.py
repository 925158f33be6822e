"""What must keep away from what: cell and motor from posts, metal from antennas. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hardware.enclosure.board import CELL, MOTOR, PATCH, RADIO, Rectangle
from hardware.enclosure.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hardware.enclosure.board import Body, KeepOut
    from hardware.enclosure.layout import Layout


def beside_the_cell(at: Layout) -> Iterator[Finding]:
    """Cell and motor, from the walls, from every prop and post, and from each other."""
    cell, motor = at.board.body(CELL), at.board.body(MOTOR)
    for body in (cell, motor):
        room = min(
            body.left - at.cavity.left,
            at.cavity.right - body.right,
            body.bottom - at.cavity.bottom,
            at.cavity.top - body.top,
        )
        yield Finding(
            f"{body.reference} to the wall",
            room,
            "mm",
            least=0.5,
            advice="a smaller one, or move it",
        )
    for prop in at.props:
        yield Finding(
            f"{CELL} beside the prop at {prop.x:.1f}, {prop.y:g}",
            _apart(cell, prop),
            "mm",
            least=at.case.cell.beside,
            advice=f"narrower {CELL}, or move the hole of the board",
        )
    posts = [(hole.x, hole.y, at.case.fixing.post / 2) for hole in at.screws]
    posts += [(spot.x, spot.y, at.case.fixing.anvil / 2) for spot in at.anvils]
    for x, y, radius in posts:
        for name, gap in (
            (CELL, distance(cell, x, y) - radius),
            (MOTOR, _from_disc(motor, x, y) - radius),
        ):
            yield Finding(
                f"{name} beside the post at {x:g}, {y:g}",
                gap,
                "mm",
                least=0.5,
                advice=f"move {name}",
            )
    yield Finding(
        f"{CELL} beside {MOTOR}", _apart(cell, motor), "mm", least=0.5, advice=f"move {MOTOR}"
    )


def keep_outs(at: Layout) -> Iterator[Finding]:
    """Metal, from each antenna's keep-out; the antenna's own part may be there."""
    for keep_out in at.board.keep_outs:
        owner = min(
            (RADIO, PATCH),
            key=lambda ref: math.hypot(
                at.board.body(ref).x - keep_out.x, at.board.body(ref).y - keep_out.y
            ),
        )
        for name, metal in _metal(at, keep_out, owner):
            yield Finding(
                f"{name} outside '{keep_out.name}'",
                _apart(metal, keep_out),
                "mm",
                least=0.0,
                advice=f"{name} is metal: move it out of there",
            )


def _metal(at: Layout, keep_out: KeepOut, owner: str) -> Iterator[tuple[str, Rectangle]]:
    """Everything of metal on the sides that the keep-out speaks of."""
    for body in at.board.bodies:
        if body.reference != owner and keep_out.side in ("both", body.side):
            yield body.reference, body
    for hole in at.screws:
        size = at.case.fixing.head
        yield f"screw at {hole.x:g}, {hole.y:g}", Rectangle(hole.x, hole.y, size, size)


def _apart(one: Rectangle, other: Rectangle) -> float:
    """Between the nearest edges; below 0 where they overlap."""
    x = max(one.left, other.left) - min(one.right, other.right)
    y = max(one.bottom, other.bottom) - min(one.top, other.top)
    return math.hypot(x, y) if x > 0 and y > 0 else max(x, y)


def distance(body: Rectangle, x: float, y: float) -> float:
    """From a point to the nearest edge of the body; 0 inside."""
    beside = max(body.left - x, x - body.right, 0.0)
    above = max(body.bottom - y, y - body.top, 0.0)
    return math.hypot(beside, above)


def _from_disc(body: Body, x: float, y: float) -> float:
    return math.hypot(body.x - x, body.y - y) - body.width / 2
