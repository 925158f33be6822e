"""The front shell: face, button seat, USB window, bosses and pins for the board, catch pockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.enclosure.layout import CATCH_HEIGHT
from hardware.enclosure.solid import Solid, block, disc, joined, pebble, slab, tube, turning

if TYPE_CHECKING:
    from hardware.enclosure.layout import Layout, Spring

AIR = 1.0  # what a cut reaches beyond the surface that it opens


def front_shell(at: Layout) -> Solid:
    """From the parting plane to the face."""
    body = _outside(at) - _inside(at) + _bosses(at)
    return body - joined([_button(at), _light(at), _window(at), *_pilots(at), *_pockets(at)])


def _outside(at: Layout) -> Solid:
    outer, shell = at.outer, at.case.shell
    solid = pebble(
        outer.width, outer.depth, at.outer_corner, at.parting, at.face, shell.lean, shell.bevel
    )
    return solid.at(*at.middle)


def _inside(at: Layout) -> Solid:
    cavity = at.cavity
    solid = slab(cavity.width, cavity.depth, at.cavity_corner, at.parting - AIR, at.front_inner)
    return solid.at(*at.middle)


def _bosses(at: Layout) -> Solid:
    """They carry the board; those above end in pins that go through it."""
    fixing, roof = at.case.fixing, at.front_inner + 0.5
    bosses = [disc(fixing.boss, 0, roof).at(h.x, h.y) for h in (*at.screws, *at.pins)]
    pins = [disc(fixing.pin, at.board_back, roof).at(h.x, h.y) for h in at.pins]
    return joined([*bosses, *pins])


def _pilots(at: Layout) -> list[Solid]:
    return [disc(at.case.fixing.pilot, -AIR, at.pilot_end).at(hole.x, hole.y) for hole in at.screws]


def _button(at: Layout) -> Solid:
    """The hole with its conical seat, and the groove of the ring."""
    inner, outer = at.ring_groove
    fit = at.case.printer.fit
    groove = tube(
        2 * (outer + fit), 2 * (inner - fit), at.face - at.case.button.groove, at.face + 1
    )
    return (turning(seat(at, at.face + AIR, at.front_inner - AIR)) + groove).at(
        at.switch.x, at.switch.y
    )


def seat(at: Layout, top: float, bottom: float) -> list[tuple[float, float]]:
    """Outline (radius, z) of the button's hole: straight, then a cone at 45 degrees."""
    radius = at.case.button.hole / 2
    bend = at.face - 0.2 * at.case.shell.wall_front
    low = radius - (bend - bottom)
    return [(0, top), (radius, top), (radius, bend), (low, bottom), (0, bottom)]


def _light(at: Layout) -> Solid:
    diameter = at.case.light.diameter + 2 * at.case.printer.fit
    return disc(diameter, at.front_inner - AIR, at.face + AIR).at(at.led.x, at.led.y)


def _window(at: Layout) -> Solid:
    """Through the lower wall, wide enough for the plug's overmould to reach the receptacle."""
    depth = at.rim + 2 * AIR
    hole = slab(at.window_width, at.window_height, at.case.usb.corner, 0, depth)
    return hole.turned("x", 90).at(at.usb.x, at.cavity.bottom + AIR, at.usb_middle)


def _pockets(at: Layout) -> list[Solid]:
    return [_pocket(at, spring) for spring in at.catches]


def _pocket(at: Layout, spring: Spring) -> Solid:
    """Made for a wall that looks to +x, then turned."""
    catch = at.case.catch
    half = catch.width / 2 + at.case.printer.play
    low, high = at.catch_top - CATCH_HEIGHT - 0.1, at.catch_top + at.case.printer.play
    hole = block((-AIR, -half, low), (catch.grip + 0.2, half, high))
    return hole.turned("z", spring.outwards).at(spring.x, spring.y)
