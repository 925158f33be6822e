"""The back shell: gasket groove, eye, posts and props for the board, ribs of the cell, catches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hardware.enclosure.board import MOTOR
from hardware.enclosure.layout import CATCH_HEIGHT
from hardware.enclosure.solid import Solid, block, disc, joined, pebble, profile, slab, tube

if TYPE_CHECKING:
    from hardware.enclosure.board import Hole, Rectangle
    from hardware.enclosure.layout import Layout, Spring

AIR = 1.0


def back_shell(at: Layout) -> Solid:
    """From the back to the parting plane, and the props and catches that rise above it."""
    body = _outside(at) - _inside(at)
    body = body + joined(
        [_motor(at), *_anvils(at), *_props(at), *_ribs(at), *_posts(at), *_catches(at)]
    )
    return body - joined([_groove(at), *_screw_holes(at)])


def _outside(at: Layout) -> Solid:
    outer, shell = at.outer, at.case.shell
    solid = pebble(
        outer.width, outer.depth, at.outer_corner, at.parting, at.back, shell.lean, shell.bevel
    )
    return solid.at(*at.middle) + _eye(at)


def _eye(at: Layout) -> Solid:
    tab, slot, eye = at.tab, at.slot, at.case.lanyard
    plate = slab(tab.width, tab.depth, eye.corner, at.back, at.tab_front)
    plate = plate.bevelled(at.back, 0.8).bevelled(at.tab_front, 0.8).at(tab.x, tab.y)
    hole = slab(slot.width, slot.depth, slot.depth / 2 - 0.01, at.back - AIR, at.tab_front + AIR)
    return plate - hole.at(slot.x, slot.y)


def _inside(at: Layout) -> Solid:
    cavity = at.cavity
    solid = slab(cavity.width, cavity.depth, at.cavity_corner, at.floor, at.parting + AIR)
    return solid.at(*at.middle)


def _groove(at: Layout) -> Solid:
    path, width = at.cord_path, at.case.gasket.width
    low, high = at.parting - at.case.gasket.depth, at.parting + AIR
    outside = _around(path, width, at.cord_corner + width / 2, low, high)
    inside = _around(path, -width, at.cord_corner - width / 2, low - AIR, high + AIR)
    return (outside - inside).at(*at.middle)


def _around(path: Rectangle, wider: float, corner: float, low: float, high: float) -> Solid:
    return slab(path.width + wider, path.depth + wider, corner, low, high)


def _motor(at: Layout) -> Solid:
    """A collar in which the motor is glued, open where its wires leave."""
    motor = at.board.body(MOTOR)
    inside = motor.width + 2 * at.case.printer.play
    collar = tube(inside + 2 * at.case.cell.rib, inside, at.floor - 0.1, at.floor + 1.6)
    gap = block((-2, 0, at.floor), (2, inside, at.floor + 3))
    return (collar - gap).at(motor.x, motor.y)


def _anvils(at: Layout) -> list[Solid]:
    """Behind the switch: the board does not bend under a thumb."""
    size = at.case.fixing.anvil
    return [disc(size, at.floor - 0.1, at.prop_end).at(*spot) for spot in at.anvils]


def _props(at: Layout) -> list[Solid]:
    """Behind the pins: they hold the board on its bosses."""
    return [solid for prop in at.props for solid in (_free(at, prop), _rooted(at, prop))]


def _free(at: Layout, prop: Rectangle) -> Solid:
    low, high = at.floor - 0.1, at.prop_end
    return block((prop.left, prop.bottom, low), (prop.right, prop.top, high))


def _rooted(at: Layout, prop: Rectangle) -> Solid:
    """Below the parting plane it is one with the wall."""
    left = min(prop.left, at.cavity.left) if prop.x < at.middle.x else prop.left
    right = max(prop.right, at.cavity.right) if prop.x > at.middle.x else prop.right
    return block((left, prop.bottom, at.floor - 0.1), (right, prop.top, at.parting))


def _posts(at: Layout) -> list[Solid]:
    return [solid for hole in at.screws for solid in _post(at, hole)]


def _post(at: Layout, hole: Hole) -> tuple[Solid, Solid]:
    """Around a screw: slender above the parting plane, below it one with the corner."""
    half, low = at.case.fixing.post / 2, at.floor - 0.1
    left = hole.x < at.middle.x
    corner = at.cavity.left if left else at.cavity.right
    near, far = sorted((corner, hole.x + half if left else hole.x - half))
    foot = block((near, at.cavity.bottom, low), (far, hole.y + half, at.parting))
    shaft = disc(at.case.fixing.boss, low, at.prop_end).at(hole.x, hole.y)
    return shaft, foot & _inside(at)


def _screw_holes(at: Layout) -> list[Solid]:
    fixing = at.case.fixing
    through = fixing.screw + 0.2
    return [
        (disc(through, at.back, 0) + disc(fixing.head, at.back - AIR, at.screw_seat)).at(h.x, h.y)
        for h in at.screws
    ]


def _ribs(at: Layout) -> list[Solid]:
    """One at each side of the cell."""
    room, cell = at.case.cell, at.cell
    low, high = at.floor - 0.1, at.floor + room.rib_height
    half, near, far = room.rib_length / 2, room.beside, room.beside + room.rib
    return [
        block((cell.left - far, cell.y - half, low), (cell.left - near, cell.y + half, high)),
        block((cell.right + near, cell.y - half, low), (cell.right + far, cell.y + half, high)),
        block((cell.x - half, cell.bottom - far, low), (cell.x + half, cell.bottom - near, high)),
        block((cell.x - half, cell.top + near, low), (cell.x + half, cell.top + far, high)),
    ]


def _catches(at: Layout) -> list[Solid]:
    return [_catch(at, spring) for spring in at.catches]


def _catch(at: Layout, spring: Spring) -> Solid:
    """A spring that stands free of its wall. Made for a wall that looks to +y, then turned."""
    catch, top = at.case.catch, at.catch_top
    outer, inner = -catch.clear, -catch.clear - catch.thickness
    tip = outer + at.catch_reach
    drop = at.catch_reach * math.tan(math.radians(catch.slope))
    bottom = top - CATCH_HEIGHT + 0.2
    outline = [
        (inner, at.floor - 0.1),
        (outer, at.floor - 0.1),
        (outer, bottom),
        (tip, bottom + drop),
        (tip, bottom + drop + 0.2),
        (outer, top),
        (inner, top),
    ]
    return profile(outline, catch.width).turned("z", spring.outwards - 90).at(spring.x, spring.y)
